using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;
using Vmcp.Fixture.Content;

namespace Vmcp.Fixture.Hosting;

/// <summary>The rules of MCP 2026-07-28 for one request: what <c>_meta</c> and the headers must say.</summary>
internal static class ModernRequest
{
    public const string Version = "2026-07-28";
    public const string VersionHeader = "MCP-Protocol-Version";
    public const string VersionKey = "io.modelcontextprotocol/protocolVersion";
    public const string CapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";

    private const string EncodedStart = "=?base64?";
    private const string EncodedEnd = "?=";

    /// <summary>Throws the error the server must answer with; returns the client's capabilities.</summary>
    public static JsonObject Check(IHeaderDictionary headers, string method, JsonObject parameters, FixtureServer server)
    {
        string header = headers[VersionHeader].ToString();
        if (header.Length == 0)
            throw RpcException.Mismatch($"Missing header {VersionHeader}");
        if (parameters["_meta"] is not JsonObject meta || meta[VersionKey].Text() is not { } version)
            throw BadMeta(VersionKey);
        if (meta[CapabilitiesKey] is not JsonObject capabilities)
            throw BadMeta(CapabilitiesKey);
        if (version != header)
            throw RpcException.Mismatch($"{VersionHeader} and _meta differ");
        if (version != Version)
        {
            throw new RpcException(
                RpcException.UnsupportedVersion,
                "Unsupported protocol version",
                new JsonObject { ["supported"] = new JsonArray(Version), ["requested"] = version },
                StatusCodes.Status400BadRequest);
        }

        Match(headers, "Mcp-Method", method);
        if (NameOf(method, parameters) is { } name)
            Match(headers, "Mcp-Name", name);
        if (method == "tools/call")
            CheckParameters(headers, parameters, server);
        return capabilities.DeepClone().AsObject();
    }

    private static string? NameOf(string method, JsonObject parameters) => method switch
    {
        "tools/call" or "prompts/get" => parameters["name"].Text(),
        "resources/read" => parameters["uri"].Text(),
        "tasks/get" or "tasks/update" or "tasks/cancel" => parameters["taskId"].Text(),
        _ => null,
    };

    private static void CheckParameters(IHeaderDictionary headers, JsonObject parameters, FixtureServer server)
    {
        string? name = parameters["name"].Text();
        Tool? tool = server.Tools(modern: true).FirstOrDefault(candidate => candidate.Name == name);
        if (tool is null || Rpc.Parse(tool.InputSchema)["properties"] is not JsonObject properties
            || parameters["arguments"] is not JsonObject arguments)
            return;

        foreach ((string property, JsonNode? schema) in properties)
        {
            if (schema?["x-mcp-header"].Text() is { } suffix && arguments[property] is JsonValue value)
                Match(headers, $"Mcp-Param-{suffix}", AsText(value));
        }
    }

    private static string AsText(JsonValue value) =>
        value.Text() ?? (value.TryGetValue(out long number) ? number.ToString(CultureInfo.InvariantCulture) : value.ToJsonString());

    private static void Match(IHeaderDictionary headers, string header, string expected)
    {
        if (!headers.TryGetValue(header, out var values))
            throw RpcException.Mismatch($"Missing header {header}");
        if (Decode(header, values.ToString()) != expected)
            throw RpcException.Mismatch($"Header {header} and the body differ");
    }

    private static string Decode(string header, string text)
    {
        if (!text.StartsWith(EncodedStart, StringComparison.Ordinal) || !text.EndsWith(EncodedEnd, StringComparison.Ordinal)
            || text.Length < EncodedStart.Length + EncodedEnd.Length)
            return text;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text[EncodedStart.Length..^EncodedEnd.Length]));
        }
        catch (FormatException)
        {
            throw RpcException.Mismatch($"Header {header} is not valid base64");
        }
    }

    private static RpcException BadMeta(string key) =>
        new(RpcException.InvalidParams, $"params._meta lacks {key}", status: StatusCodes.Status400BadRequest);
}
