using System.Text.Json;
using static Vmcp.EndToEnd.Tests.Fuzz.Vocabulary;

namespace Vmcp.EndToEnd.Tests.Fuzz;

/// <summary>Makes requests, valid ones of both eras and odd ones, from a seed and from what earlier answers held.</summary>
internal sealed class FuzzGenerator(int seed, IReadOnlyList<string> tools, FuzzMemory memory)
{
    private readonly Random _random = new(seed);
    private readonly Mutator _mutator = new(new Random(seed ^ 0x5bd1e995));

    public FuzzRequest Next()
    {
        FuzzRequest request = _random.Next(100) switch
        {
            < 4 => Initialize(),
            < 6 => Delete(),
            < 8 => Stream(),
            < 10 => Odd(),
            < 55 => Legacy(),
            < 98 => Modern(),
            _ => Garbage(),
        };
        if (_random.Next(100) < 45 && request.Body is not null)
        {
            request.AnswerId = null;
            for (int n = _random.Next(1, 4); n > 0; n--)
                request.Body = _mutator.Body(request.Body);
        }

        if (_random.Next(100) < 20)
        {
            request.AnswerId = null;
            for (int n = _random.Next(1, 3); n > 0; n--)
                _mutator.Headers(request, memory);
        }

        return request;
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private string Mostly(string[] good, string[] bad) => Pick(_random.Next(10) == 0 ? bad : good);

    private static FuzzRequest Post(string body)
    {
        FuzzRequest request = new() { Body = System.Text.Encoding.UTF8.GetBytes(body) };
        request.Set("Content-Type", "application/json");
        request.Set("Accept", "application/json, text/event-stream");
        return request;
    }

    private FuzzRequest Initialize()
    {
        string version = Pick(Versions);
        FuzzRequest request = Post(
            $$$"""{"jsonrpc":"2.0","id":{{{Pick(Ids)}}},"method":"initialize","params":{"protocolVersion":{{{Quote(version)}}},"capabilities":{{{Mostly(Capabilities, BadCapabilities)}}},"clientInfo":{"name":"fuzz","version":"1"} } }""");
        return request;
    }

    private FuzzRequest Delete()
    {
        FuzzRequest request = new() { Verb = "DELETE" };
        if (memory.Sessions.Count > 0)
        {
            int at = _random.Next(memory.Sessions.Count);
            request.Set("Mcp-Session-Id", memory.Sessions[at].Id);
            if (_random.Next(5) > 0)
                memory.Sessions.RemoveAt(at); // one in five goes on using an ended session
        }

        return request;
    }

    private FuzzRequest Stream()
    {
        FuzzRequest request = new() { Verb = "GET", Patience = TimeSpan.FromMilliseconds(_random.Next(1, 30)) };
        request.Set("Accept", "text/event-stream");
        if (memory.Sessions.Count > 0)
            request.Set("Mcp-Session-Id", Pick(memory.Sessions).Id);
        if (_random.Next(3) == 0)
            request.Set("Last-Event-ID", memory.EventIds.Count > 0 && _random.Next(2) == 0 ? Pick(memory.EventIds) : Pick(HeaderValues));
        return request;
    }

    private FuzzRequest Odd()
    {
        FuzzRequest request = _random.Next(2) == 0 ? Legacy() : Modern();
        request.AnswerId = null;
        if (_random.Next(2) == 0)
            request.Path = Pick(Paths);
        else
            request.Verb = Pick(Verbs);
        if (request.Verb is "HEAD" or "GET")
            request.Body = null;
        return request;
    }

    private FuzzRequest Garbage()
    {
        byte[] body = new byte[_random.Next(0, 400)];
        _random.NextBytes(body);
        FuzzRequest request = Post("");
        request.Body = body;
        return request;
    }

    private FuzzRequest Legacy()
    {
        if (memory.Sessions.Count == 0)
            return Initialize();
        (string session, string revision) = Pick(memory.Sessions);
        string id = _random.Next(8) == 0 ? Pick(BadIds) : Pick(Ids);
        FuzzRequest request = _random.Next(10) switch
        {
            0 => Post($$"""{"jsonrpc":"2.0","method":{{Quote(Pick(Notifications))}},"params":{{NotificationParams()}}}"""),
            1 => Post($$"""{"jsonrpc":"2.0","id":{{id}},{{Pick(["\"result\":{}", "\"error\":{\"code\":-1,\"message\":\"no\"}", "\"result\":null", "\"result\":{\"action\":\"accept\",\"content\":{}}"])}}}"""),
            _ => LegacyRequest(id),
        };
        request.Session = session;
        request.Set("Mcp-Session-Id", session);
        request.Set("MCP-Protocol-Version", revision);
        return request;
    }

    private FuzzRequest LegacyRequest(string id)
    {
        (string method, string parameters, bool certain) = MethodAndParams(modern: false);
        FuzzRequest request = Post(
            $$"""{"jsonrpc":"2.0","id":{{id}},"method":{{Quote(method)}},"params":{{WithMeta(parameters, _random.Next(3) == 0 ? "\"progressToken\":" + Pick(Ids) : "")}}}""");
        request.What = method == "tools/call" ? parameters[..Math.Min(60, parameters.Length)] : method;
        if (certain && Ids.Contains(id))
            request.AnswerId = id;
        return request;
    }

    private FuzzRequest Modern()
    {
        string id = _random.Next(8) == 0 ? Pick(BadIds) : Pick(Ids);
        (string method, string parameters, bool certain) = MethodAndParams(modern: true);
        string capabilities = Mostly(Capabilities, BadCapabilities);
        string more = _random.Next(3) == 0 ? ",\"progressToken\":" + Pick(Ids) : "";
        more += _random.Next(6) == 0 ? ",\"io.modelcontextprotocol/logLevel\":" + Pick(["\"debug\"", "\"error\"", "\"x\"", "1"]) : "";
        string meta =
            $$"""
            "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"fuzz","version":"1"},"io.modelcontextprotocol/clientCapabilities":{{capabilities}}{{more}}
            """;
        FuzzRequest request = Post($$"""{"jsonrpc":"2.0","id":{{id}},"method":{{Quote(method)}},"params":{{WithMeta(parameters, meta)}}}""");
        request.Set("MCP-Protocol-Version", "2026-07-28");
        request.Set("Mcp-Method", HeaderText(method));
        using JsonDocument read = JsonDocument.Parse(parameters);
        foreach (string key in (string[])["name", "uri", "taskId"])
        {
            if (read.RootElement.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String && TextOf(value) is { } text)
                request.Set("Mcp-Name", HeaderText(text));
        }

        if (method == "subscriptions/listen")
            request.Patience = TimeSpan.FromMilliseconds(_random.Next(1, 30));
        if (method == "tools/call" && !parameters.Contains("requestState", StringComparison.Ordinal))
            request.Retryable = parameters;
        request.What = method == "tools/call" ? parameters[..Math.Min(60, parameters.Length)] : method;
        if (certain && Ids.Contains(id))
            request.AnswerId = id;
        return request;
    }

    /// <summary>A method with params that fit; the third part says whether an answer with the request's id must come.</summary>
    private (string Method, string Params, bool Certain) MethodAndParams(bool modern)
    {
        switch (_random.Next(modern ? 17 : 16))
        {
            case < 5:
                if (modern && memory.Tickets.Count > 0 && _random.Next(3) == 0)
                    return ("tools/call", Retry(), true);
                string tool = _random.Next(12) == 0 ? Pick(["none", "legacy_", "", "☃", "legacy.test_simple_text"]) : Pick(tools);
                string task = _random.Next(12) == 0 ? ",\"task\":{\"ttl\":1000}" : "";
                return ("tools/call", $$"""{"name":{{Quote(tool)}},"arguments":{{Mostly(Arguments, BadArguments)}}{{task}}}""", true);
            case 5:
                string list = Pick(["tools/list", "resources/list", "prompts/list", "resources/templates/list"]);
                return (list, _random.Next(2) == 0 ? "{}" : $$"""{"cursor":{{Pick(["\"x\"", "\"\"", "1", "null", "\"eyJrIjoidG9vbHMifQ\""])}}}""", true);
            case 6 or 7:
                return ("resources/read", $$"""{"uri":{{Quote(Pick(Uris))}}}""", true);
            case 8:
                return ("prompts/get", $$"""{"name":{{Quote(Pick(["legacy_", "modern_", "sse_", ""]) + Pick(Prompts))}},"arguments":{{Mostly(Arguments, BadArguments)}}}""", true);
            case 9:
                string reference = Pick(
                [
                    """{"type":"ref/prompt","name":"legacy_test_prompt_with_arguments"}""", """{"type":"ref/resource","uri":"test://template/{id}/data"}""",
                    """{"type":"ref/prompt"}""", """{"type":1,"\ud800":2}""", "[]", "null", """{"type":"ref/x","name":"y"}""",
                ]);
                return ("completion/complete", "{\"ref\":" + reference + ",\"argument\":{\"name\":\"arg1\",\"value\":\"p\"}}", true);
            case 10:
                return (Pick(["resources/subscribe", "resources/unsubscribe"]), $$"""{"uri":{{Quote(Pick(Uris))}}}""", true);
            case 11:
                return ("logging/setLevel", $$"""{"level":{{Pick(["\"debug\"", "\"emergency\"", "\"loud\"", "1", "null"])}}}""", true);
            case 12:
                string taskId = memory.Tasks.Count > 0 && _random.Next(2) == 0 ? Pick(memory.Tasks) : Pick(["x", "", "☃"]);
                return (Pick(["tasks/get", "tasks/result", "tasks/cancel", "tasks/update"]), $$"""{"taskId":{{Quote(taskId)}}}""", true);
            case 13:
                return ("ping", "{}", true);
            case 16:
                string wanted = Pick(
                [
                    """{"toolsListChanged":true}""", """{"resourceSubscriptions":["test://watched-resource","test://static-text"]}""", "{}", "[]",
                    """{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":[1,[],"\ud800"]}""",
                ]);
                return ("subscriptions/listen", $$"""{"notifications":{{wanted}}}""", false);
            default:
                return (Pick(Methods), "{}", false);
        }
    }

    private string Retry()
    {
        (string parameters, string state, string keys) = Pick(memory.Tickets);
        string answer = Pick(
        [
            """{"action":"accept","content":{"name":"n","ok":true}}""", """{"role":"assistant","content":{"type":"text","text":"x"},"model":"m"}""", "{\"roots\":[]}", "null", "[]",
        ]);
        string answers = string.Join(',', keys.Split('\n').Select(k => $"{k}:{answer}"));
        return parameters[..^1] + $",\"requestState\":{state},\"inputResponses\":{{{answers}" + "}}";
    }

    private string NotificationParams() => Pick(
    [
        "{}", $$"""{"requestId":{{Pick(Ids)}},"reason":"x"}""", $$"""{"requestId":{{Pick(Ids)}},"reason":{{Pick(["1", "null", "\"\\ud800\""])}}}""",
        $$"""{"progressToken":{{Pick(Ids)}},"progress":1}""", """{"progressToken":null}""",
    ]);

    private static string WithMeta(string parameters, string meta) =>
        meta.Length == 0 ? parameters : parameters == "{}" ? $"{{\"_meta\":{{{meta}}}}}" : parameters[..^1] + $",\"_meta\":{{{meta}}}}}";

    private static string HeaderText(string value) => TestKit.ModernWire.Encode(value);

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // a lone surrogate
        }
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
