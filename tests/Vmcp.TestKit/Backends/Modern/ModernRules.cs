using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>A refusal before a method runs: HTTP status and JSON-RPC error.</summary>
internal sealed record Refusal(int Status, int Code, string Message, string? DataJson = null);

/// <summary>What 2026-07-28 demands of every request (basic/transports and basic/versioning).</summary>
internal static class ModernRules
{
    private const int HeaderMismatch = -32020;
    private const int UnsupportedVersion = -32022;

    /// <summary>The first rule a request breaks; null when it may run.</summary>
    public static Refusal? Check(RecordedRequest request, RpcMessage message, string revision, Func<string, Audience, BackendItem?> findTool)
    {
        string? version = request.Header("MCP-Protocol-Version");
        if (message.Method == "initialize" && version is null)
            return Unsupported(revision, message.Params.ValueKind == JsonValueKind.Object && message.Params.TryGetProperty("protocolVersion", out JsonElement asked)
                ? asked.ToString() : "");
        if (message.IsNotification)
            return version is null ? Mismatch("MCP-Protocol-Version is missing") : null;
        if (Meta(message, "protocolVersion") is not { ValueKind: JsonValueKind.String } metaVersion)
            return new Refusal(400, -32602, $"_meta.{ModernWire.Prefix}protocolVersion is missing");
        if (Meta(message, "clientCapabilities") is not { ValueKind: JsonValueKind.Object } capabilities)
            return new Refusal(400, -32602, $"_meta.{ModernWire.Prefix}clientCapabilities is missing");
        if (version is null)
            return Mismatch("MCP-Protocol-Version is missing");
        if (version != metaVersion.GetString())
            return Mismatch($"MCP-Protocol-Version is {version}, _meta says {metaVersion}");
        if (version != revision)
            return Unsupported(revision, version);
        if (request.Header("Mcp-Method") is not { } method)
            return Mismatch("Mcp-Method is missing");
        if (method != message.Method)
            return Mismatch($"Mcp-Method is {method}, the method is {message.Method}");
        return CheckName(request, message) ?? CheckParams(request, message, new Audience(capabilities, request.Headers), findTool);
    }

    public static JsonElement Meta(RpcMessage message, string name) =>
        message.Meta.ValueKind == JsonValueKind.Object && message.Meta.TryGetProperty(ModernWire.Prefix + name, out JsonElement value) ? value : default;

    private static Refusal? CheckName(RecordedRequest request, RpcMessage message)
    {
        if (ModernWire.NameOf(message.Method!, message.Params) is not { } name)
            return null;
        return request.Header("Mcp-Name") is not { } header ? Mismatch("Mcp-Name is missing")
            : ModernWire.Decode(header) is var said && said != name ? Mismatch($"Mcp-Name is {said}, the body says {name}")
            : null;
    }

    private static Refusal? CheckParams(RecordedRequest request, RpcMessage message, Audience audience, Func<string, Audience, BackendItem?> findTool)
    {
        if (message.Method != "tools/call" || ModernWire.NameOf(message.Method, message.Params) is not { } name
            || findTool(name, audience) is not { } tool)
            return null;
        JsonElement arguments = message.Params.TryGetProperty("arguments", out JsonElement a) ? a : default;
        foreach ((string header, string? value) in ModernWire.ParamsOf(Rpc.Element(tool.RawJson), arguments))
        {
            string? said = request.Header(header) is { } text ? ModernWire.Decode(text) : null;
            if (said != value && !(long.TryParse(said, out long left) && long.TryParse(value, out long right) && left == right))
                return Mismatch($"{header} is {said ?? "missing"}, the argument is {value ?? "absent"}");
        }

        return null;
    }

    private static Refusal Mismatch(string what) => new(400, HeaderMismatch, what);

    private static Refusal Unsupported(string revision, string requested) => new(
        400, UnsupportedVersion, "Unsupported protocol version", $$"""{"supported":["{{revision}}"],"requested":{{Rpc.Quote(requested)}}}""");
}
