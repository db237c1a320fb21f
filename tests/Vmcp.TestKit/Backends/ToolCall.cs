using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>
/// One running tools/call, prompts/get, resources/read or completion/complete, as its handler sees it. The same handler runs in every
/// era: a question to the client is a real JSON-RPC request in the legacy ones and throw-and-retry (MRTR) in the modern one, where the
/// handler runs again from its start with the answers known so far.
/// </summary>
public sealed class ToolCall
{
    private readonly ICallPeer _peer;
    private int _asked;

    internal ToolCall(
        ICallPeer peer, string name, RpcMessage message, IReadOnlyDictionary<string, string> headers, JsonElement capabilities, CancellationToken ended)
    {
        _peer = peer;
        Name = name;
        Params = message.Params;
        Meta = message.Meta;
        IdRaw = message.IdRaw!;
        Headers = headers;
        ClientCapabilities = capabilities;
        CancellationToken = ended;
    }

    /// <summary>The tool or prompt name, or the URI of a resource.</summary>
    public string Name { get; }

    /// <summary>The whole <c>params</c>; <see cref="JsonElement.GetRawText"/> gives its bytes as sent.</summary>
    public JsonElement Params { get; }

    /// <summary><c>params.arguments</c>; undefined when absent.</summary>
    public JsonElement Arguments =>
        Params.ValueKind == JsonValueKind.Object && Params.TryGetProperty("arguments", out JsonElement found) ? found : default;

    /// <summary><c>params._meta</c>; undefined when absent.</summary>
    public JsonElement Meta { get; }

    /// <summary>The UTF-8 bytes of <c>params</c> exactly as received.</summary>
    public byte[] RawParams => Rpc.Bytes(Params.ValueKind == JsonValueKind.Undefined ? "" : Params.GetRawText());

    /// <summary>The raw JSON-RPC id of the request.</summary>
    public string IdRaw { get; }

    /// <summary>The HTTP headers of the request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>What the client declared: for the session in legacy eras, for this request in the modern one.</summary>
    public JsonElement ClientCapabilities { get; }

    /// <summary>Fires on notifications/cancelled (legacy), when the client leaves (modern), and when the backend stops.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>A string argument; empty when absent.</summary>
    public string Text(string name) =>
        Arguments.ValueKind == JsonValueKind.Object && Arguments.TryGetProperty(name, out JsonElement value) ? value.ToString() : "";

    /// <summary>Sends notifications/progress; nothing when the request has no progress token.</summary>
    public Task ProgressAsync(double progress, double? total = null, string? message = null)
    {
        if (Meta.ValueKind != JsonValueKind.Object || !Meta.TryGetProperty("progressToken", out JsonElement token))
            return Task.CompletedTask;
        string more = (total is null ? "" : $",\"total\":{Rpc.Number(total.Value)}") + (message is null ? "" : $",\"message\":{Rpc.Quote(message)}");
        return NotifyAsync("notifications/progress",
            $$"""{"progressToken":{{token.GetRawText()}},"progress":{{Rpc.Number(progress)}}{{more}}}""");
    }

    /// <summary>Sends notifications/message when the client wants that level.</summary>
    public Task LogAsync(string level, string dataJson, string logger = "scripted") =>
        _peer.WantsLog(level)
            ? NotifyAsync("notifications/message", $$"""{"level":{{Rpc.Quote(level)}},"logger":{{Rpc.Quote(logger)}},"data":{{dataJson}}}""")
            : Task.CompletedTask;

    /// <summary>Sends any notification on this call's stream.</summary>
    public Task NotifyAsync(string method, string? paramsJson = null)
    {
        _peer.Send(Rpc.Notification(method, paramsJson));
        return Task.CompletedTask;
    }

    /// <summary>elicitation/create; the result the client gave.</summary>
    public Task<JsonElement> ElicitAsync(string paramsJson) => AskAsync("elicitation/create", paramsJson);

    /// <summary>sampling/createMessage; the result the client gave.</summary>
    public Task<JsonElement> SampleAsync(string paramsJson) => AskAsync("sampling/createMessage", paramsJson);

    /// <summary>roots/list; the result the client gave.</summary>
    public Task<JsonElement> ListRootsAsync() => AskAsync("roots/list", "{}");

    /// <summary>Asks the client one thing. <see cref="RpcErrorException"/> when it answers with an error.</summary>
    public async Task<JsonElement> AskAsync(string method, string paramsJson) => (await AskManyAsync((method, paramsJson)))[0];

    /// <summary>Asks several things in one round (legacy: at the same time), answers in the order of the questions.</summary>
    public Task<JsonElement[]> AskManyAsync(params (string Method, string ParamsJson)[] questions)
    {
        var asked = new List<Question>();
        foreach ((string method, string paramsJson) in questions)
        {
            if (RequiredCapability(method) is { } needed
                && !(ClientCapabilities.ValueKind == JsonValueKind.Object && ClientCapabilities.TryGetProperty(needed, out _)))
                throw new CapabilityMissingException(needed);
            asked.Add(new Question($"q{++_asked}", method, paramsJson));
        }

        return _peer.AskAsync(asked, CancellationToken);
    }

    /// <summary>Asks though the client may not have declared that it can answer, as a careless server would.</summary>
    public async Task<JsonElement> AskAnywayAsync(string method, string paramsJson) =>
        (await _peer.AskAsync([new Question($"q{++_asked}", method, paramsJson)], CancellationToken))[0];

    private static string? RequiredCapability(string method) => method switch
    {
        "elicitation/create" => "elicitation",
        "sampling/createMessage" => "sampling",
        "roots/list" => "roots",
        _ => null,
    };
}

/// <summary>One thing a handler wants to know from the client.</summary>
internal sealed record Question(string Key, string Method, string ParamsJson);

/// <summary>The era-specific way from a running call to its client.</summary>
internal interface ICallPeer
{
    void Send(string message);

    bool WantsLog(string level);

    Task<JsonElement[]> AskAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken);
}

/// <summary>The client did not declare what the handler needs.</summary>
internal sealed class CapabilityMissingException(string capability) : Exception($"Client does not support {capability}")
{
    public string Capability => capability;
}

/// <summary>RFC 5424 levels as MCP uses them.</summary>
internal static class LogLevels
{
    private static readonly string[] Names = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    public static bool Passes(string level, string least) => Array.IndexOf(Names, level) >= Array.IndexOf(Names, least);
}
