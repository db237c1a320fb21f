using System.Text;
using System.Text.Json;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>
/// Requests that mean one thing to one reader and another thing to the next, or nothing to either. Each one tries to have <c>alpha_echo</c>
/// called with the word <see cref="Word"/>.
/// </summary>
internal static class SmugglingCorpus
{
    /// <summary>No backend may ever see it.</summary>
    public const string Word = "smuggled";

    private const string Call = """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"alpha_echo","arguments":{"input":"smuggled"}}}""";
    private const string Modern =
        """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}},"name":"alpha_echo","arguments":{"input":"smuggled","region":"eu"}}}""";

    private const string Json = "Content-Type: application/json";

    /// <summary>One malformed request.</summary>
    /// <param name="Name">What is wrong with it.</param>
    /// <param name="Bytes">All its bytes.</param>
    /// <param name="Leaves">It never becomes complete: the client hangs up behind it.</param>
    public sealed record Case(string Name, byte[] Bytes, bool Leaves = false);

    /// <summary>All cases, for a Legacy session of this id.</summary>
    public static IReadOnlyList<Case> All(string session) =>
    [
        .. Typed(session), .. Bodies().Select(b => new Case(b.Name, Post(session, [Json], b.Body))), .. Framing(session), .. Lines(session), .. Disagreeing(),
    ];

    // JSON-RPC in a body that says it is something else: it passes filters that look at JSON only.
    private static IEnumerable<Case> Typed(string session)
    {
        string[][] types =
        [
            [], ["Content-Type:"], ["Content-Type: text/plain"], ["Content-Type: application/x-www-form-urlencoded"], ["Content-Type: multipart/form-data; boundary=x"],
            ["Content-Type: application/jsonx"], ["Content-Type: application/json-rpc"], ["Content-Type: text/json"], ["Content-Type: application/json+x"],
            ["Content-Type: text/event-stream"], ["Content-Type: text/plain, application/json"], ["Content-Type: application/json, text/plain"],
            ["Content-Type: text/plain", Json], [Json, "Content-Type: text/plain"], ["Content-Type: text/plain\r\n application/json"],
            ["Content-Type: text/plain;application/json"], ["Content-Type: \"application/json\""],
        ];
        return types.Select(t => new Case("type " + string.Join(" + ", t), Post(session, t, Utf8(Call))));
    }

    private static IEnumerable<(string Name, byte[] Body)> Bodies()
    {
        yield return ("byte order mark", [0xef, 0xbb, 0xbf, .. Utf8(Call)]);
        yield return ("UTF-16", Encoding.Unicode.GetBytes(Call));
        yield return ("UTF-16 with mark", [0xff, 0xfe, .. Encoding.Unicode.GetBytes(Call)]);
        yield return ("not UTF-8", [.. Utf8(Call[..^8]), 0xff, .. Utf8(Call[^8..])]);
        yield return ("overlong slash", [.. Utf8("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools"), 0xc0, 0xaf, .. Utf8(Call[(Call.IndexOf("call", StringComparison.Ordinal))..])]);
        yield return ("an event", Utf8($"data: {Call}\n\n"));
        yield return ("an event of a message", Utf8($"event: message\ndata: {Call}\n\n"));
        yield return ("batch", Utf8($"[{Call}]"));
        yield return ("batch in a batch", Utf8($"[[{Call}]]"));
        yield return ("two messages", Utf8(Call + Call));
        yield return ("two lines", Utf8("""{"jsonrpc":"2.0","id":1,"method":"ping"}""" + "\n" + Call));
        yield return ("text behind", Utf8(Call + "x"));
        yield return ("NUL behind", Utf8(Call + "\0"));
        yield return ("comment", Utf8("/**/" + Call));
        yield return ("comment inside", Utf8(Changed(Call, ",\"method\"", ",/*x*/\"method\"")));
        yield return ("single quotes", Utf8(Call.Replace('"', '\'')));
        yield return ("trailing comma", Utf8(Changed(Call, "}}}", "}},}")));
        yield return ("unquoted name", Utf8(Changed(Call, "\"method\"", "method")));
        yield return ("cut", Utf8(Call[..^2]));
        yield return ("form", Utf8("json=" + Uri.EscapeDataString(Call)));
        yield return ("text of JSON", Utf8(JsonSerializer.Serialize(Call)));
        yield return ("deep", Utf8(Changed(Call, "\"smuggled\"", new string('[', 5000) + "\"smuggled\"" + new string(']', 5000))));
        foreach ((string from, string to) in ((string, string)[])
        [
            ("\"id\":7,", "\"id\":7,\"method\":\"ping\","), // duplicates: the first reader takes the first, the second the last
            ("\"id\":7,", "\"id\":7,\"id\":8,"),
            ("\"id\":7,", "\"id\":7,\"jsonrpc\":\"2.0\","),
            ("\"id\":7,", "\"id\":7,\"params\":{},"),
            ("\"id\":7,", "\"id\":7,\"\\u006dethod\":\"ping\","),
            ("\"name\"", "\"name\":\"alpha_other\",\"name\""),
            ("\"name\"", "\"\\u006eame\":\"alpha_other\",\"name\""),
            ("\"arguments\"", "\"arguments\":{},\"arguments\""),
            ("\"method\"", "\"Method\""), // case
            ("\"method\"", "\"METHOD\""),
            ("\"id\":7,", "\"id\":7,\"Method\":\"ping\","),
            ("\"params\"", "\"Params\""),
            ("\"name\"", "\"Name\""),
            ("\"name\"", "\"Tool_Name\":\"alpha_other\",\"Name\""),
            ("\"tools/call\"", "\"Tools/Call\""),
            ("\"tools/call\"", "\"tools/call \""),
            ("\"tools/call\"", "\"tools/call\\u0000\""),
            ("\"tools/call\"", "\"tools\\\\/call\""),
            ("\"tools/call\"", "[\"tools/call\"]"), // types
            ("\"tools/call\"", "null"),
            ("\"alpha_echo\"", "[\"alpha_echo\"]"),
            ("\"alpha_echo\"", "{\"name\":\"alpha_echo\"}"),
            ("\"alpha_echo\"", "null"),
            ("\"alpha_echo\"", "\"alpha_echo\\u0000\""),
            ("\"alpha_echo\"", "\" alpha_echo\""),
            ("\"alpha_echo\"", "\"ALPHA_ECHO\""),
            ("\"alpha_echo\"", "\"\u0430lpha_echo\""), // a Cyrillic letter
            ("\"alpha_echo\"", "\"alpha_\\ud800echo\""), // half a surrogate pair
            ("\"2.0\"", "\"1.0\""),
            ("\"2.0\"", "2.0"),
            ("\"jsonrpc\":\"2.0\",", ""),
            ("\"id\":7", "\"id\":{}"),
            ("\"id\":7", "\"id\":[7]"),
            ("\"id\":7", "\"id\":true"),
            ("\"id\":7,", ""), // a call that expects no answer
            ("\"params\":{\"name\":\"alpha_echo\",\"arguments\":{\"input\":\"smuggled\"}}", "\"params\":[\"alpha_echo\",{\"input\":\"smuggled\"}]"),
        ])
        {
            yield return ($"{from} -> {to}", Utf8(Changed(Call, from, to)));
        }
    }

    // Where one message ends and the next begins (RFC 9112 6).
    private static IEnumerable<Case> Framing(string session)
    {
        string[] head = Head(session);
        string chunked = $"{Call.Length:x}\r\n{Call}\r\n0\r\n\r\n";
        string[] lengths = ["Content-Length: 0", $"Content-Length: {Call.Length}"];
        yield return new("length and chunks", Raw(head, ["Content-Length: 4", "Transfer-Encoding: chunked"], chunked + Call));
        yield return new("chunks and length", Raw(head, ["Transfer-Encoding: chunked", lengths[1]], Call), Leaves: true);
        yield return new("unknown coding", Raw(head, ["Transfer-Encoding: xchunked"], chunked));
        yield return new("chunked is not last", Raw(head, ["Transfer-Encoding: chunked, identity"], chunked));
        yield return new("coding twice", Raw(head, ["Transfer-Encoding: identity", "Transfer-Encoding: chunked"], chunked));
        yield return new("blank in the name of the coding", Raw(head, ["Transfer-Encoding : chunked"], chunked));
        yield return new("folded coding", Raw(head, ["Transfer-Encoding:\r\n chunked"], chunked));
        yield return new("vertical tab in the coding", Raw(head, ["Transfer-Encoding: \vchunked"], chunked));
        yield return new("two lengths", Raw(head, lengths, Call));
        yield return new("two lengths in one", Raw(head, [$"Content-Length: {Call.Length}, 0"], Call));
        yield return new("negative length", Raw(head, ["Content-Length: -1"], Call));
        yield return new("hexadecimal length", Raw(head, [$"Content-Length: 0x{Call.Length:x}"], Call));
        yield return new("endless length", Raw(head, ["Content-Length: 99999999999999999999"], Call));
        yield return new("no length", Raw(head, [], Call));
        yield return new("no chunk size", Raw(head, ["Transfer-Encoding: chunked"], "g\r\n" + chunked));
        yield return new("endless chunk size", Raw(head, ["Transfer-Encoding: chunked"], "fffffffffffffffff\r\n" + Call), Leaves: true);
        yield return new("bare line feed in a chunk extension", Raw(head, ["Transfer-Encoding: chunked"], $"2;\nxx\r\n{{}}\r\n0\r\n\r\n{Call}"), Leaves: true);
        yield return new("cut chunk", Raw(head, ["Transfer-Encoding: chunked"], $"{Call.Length + 9:x}\r\n{Call}"), Leaves: true);
        yield return new("cut body", Raw(head, [$"Content-Length: {Call.Length + 9}"], Call), Leaves: true);
        yield return new("body of a GET", [.. RawHttp.Compose("GET", "/mcp", [.. head, "X-HTTP-Method-Override: POST", $"Content-Length: {Call.Length}"], Utf8(Call))]);
        yield return new("body of a DELETE", [.. RawHttp.Compose("DELETE", "/mcp", [.. head[..^1], $"Content-Length: {Call.Length}"], Utf8(Call))]);
        yield return new("lower-case verb", RawHttp.Compose("post", "/mcp", [.. head, Json, $"Content-Length: {Call.Length}"], Utf8(Call)));
        yield return new("upgrade", RawHttp.Compose("POST", "/mcp", [.. head, "Upgrade: h2c", "Content-Length: 0"], Utf8(Call)));
        yield return new("HTTP/0.9", Utf8($"POST /mcp\r\n{Json}\r\n\r\n{Call}"));
        yield return new("HTTP/9.9", RawHttp.Compose("POST", "/mcp", [.. head, Json, $"Content-Length: {Call.Length}"], Utf8(Call), "HTTP/9.9"));
    }

    private static IEnumerable<Case> Lines(string session)
    {
        foreach (string line in (string[])
        [
            "X-Fold: a\r\n b", "X-Fold: a\r\n\tb", "Mcp-Session-Id : x", "X Y: z", ": empty", "X-Nul: a\0b", "X-Cr: a\rb", "no colon",
            $"Mcp-Session-Id: {session}", "Mcp-Session-Id: another", "MCP-Protocol-Version: 2025-11-25\r\nMCP-Protocol-Version: 2025-03-26", "MCP-Protocol-Version: 1999-01-01",
            "Accept: text/html\r\nX-Fold: 1\r\n 2",
        ])
        {
            yield return new("line " + line.ReplaceLineEndings("\\n"), Post(session, [Json, line], Utf8(Call)));
        }

        yield return new("another path", RawHttp.Compose("POST", "/mcp/../mcp2", [.. Head(session), Json, $"Content-Length: {Call.Length}"], Utf8(Call)));
        yield return new("no session", RawHttp.Compose("POST", "/mcp", [.. Head(session)[..^1], Json, $"Content-Length: {Call.Length}"], Utf8(Call)));
    }

    // MCP 2026-07-28: header and body must agree, else -32020.
    private static IEnumerable<Case> Disagreeing()
    {
        const string Version = "MCP-Protocol-Version: 2026-07-28";
        const string Method = "Mcp-Method: tools/call";
        const string Name = "Mcp-Name: alpha_echo";
        const string Region = "Mcp-Param-Region: eu";
        string[] agreeing = [Version, Method, Name, Region];
        foreach ((string line, string[] instead) in ((string, string[])[])
        [
            (Version, []), (Version, ["MCP-Protocol-Version: 2025-11-25"]), (Version, [Version, Version]), (Version, ["MCP-Protocol-Version: 2025-11-25", Version]),
            (Version, ["MCP-Protocol-Version: 2026-07-28, 2025-11-25"]),
            (Method, []), (Method, ["Mcp-Method: tools/list"]), (Method, ["Mcp-Method: Tools/Call"]), (Method, ["Mcp-Method: tools/list", Method]),
            (Method, [Method, "Mcp-Method: tools/list"]), (Method, ["Mcp-Method: tools/call, tools/list"]), (Method, ["Mcp-Method:"]),
            (Name, []), (Name, ["Mcp-Name: alpha_other"]), (Name, ["Mcp-Name: Alpha_Echo"]), (Name, ["Mcp-Name: alpha_other", Name]), (Name, [Name, "Mcp-Name: alpha_other"]),
            (Name, ["Mcp-Name: =?base64?!!!?="]), (Name, ["Mcp-Name: =?base64?YWxwaGFfb3RoZXI=?="]), (Name, ["Mcp-Name: =?base64?alpha_echo"]), (Name, ["Mcp-Name: echo"]),
            (Region, []), (Region, ["Mcp-Param-Region: us"]), (Region, ["Mcp-Param-Region: EU"]), (Region, [Region, "Mcp-Param-Region: us"]),
            (Region, ["Mcp-Param-Region: =?base64?dXM=?="]),
        ])
        {
            string[] lines = [.. agreeing.Where(a => a != line), .. instead];
            yield return new($"modern: {line} -> {string.Join(" + ", instead)}", Post(null, [Json, .. lines], Utf8(Modern)));
        }

        foreach ((string from, string to) in ((string, string)[])
        [
            ("\"io.modelcontextprotocol/clientCapabilities\":{}", "\"x\":1"), ("/clientCapabilities\":{}", "/clientCapabilities\":[]"),
            ("\"_meta\":{", "\"_meta\":{},\"_meta\":{"), ("2026-07-28", "2025-11-25"), ("2026-07-28", "2099-01-01"), ("\"2026-07-28\"", "20260728"),
            ("\"name\":\"alpha_echo\"", "\"name\":\"alpha_other\",\"name\":\"alpha_echo\""), ("\"tools/call\"", "\"tools/Call\""), ("\"method\"", "\"Method\""),
        ])
        {
            yield return new($"modern: {from} -> {to}", Post(null, [Json, .. agreeing], Utf8(Changed(Modern, from, to))));
        }
    }

    private static string[] Head(string session) =>
        ["Host: localhost", "Connection: close", "Accept: application/json, text/event-stream", $"Mcp-Session-Id: {session}"];

    private static byte[] Post(string? session, string[] lines, byte[] body)
    {
        string[] head = session is null ? Head("")[..^1] : Head(session);
        return RawHttp.Compose("POST", "/mcp", [.. head, .. lines, $"Content-Length: {body.Length}"], body);
    }

    private static byte[] Raw(string[] head, string[] framing, string body) => RawHttp.Compose("POST", "/mcp", [.. head, Json, .. framing], Utf8(body));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    // A case that changes nothing would be a valid call.
    private static string Changed(string text, string from, string to) => text.Contains(from, StringComparison.Ordinal)
        ? text.Replace(from, to, StringComparison.Ordinal)
        : throw new ArgumentException($"{from} is not in the message", nameof(from));
}
