using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.TestKit;

/// <summary>A request of 2026-07-28 before it is sent; change anything for negative tests.</summary>
public sealed class ModernEnvelope
{
    /// <summary>The raw JSON-RPC id.</summary>
    public required string IdRaw { get; set; }

    /// <summary>The JSON-RPC method.</summary>
    public required string Method { get; set; }

    /// <summary>Raw params without <c>_meta</c>; sent byte for byte behind it.</summary>
    public required string ParamsJson { get; set; }

    /// <summary><c>params._meta</c>; null leaves it out.</summary>
    public JsonObject? Meta { get; set; }

    /// <summary>All headers.</summary>
    public required Dictionary<string, string> Headers { get; init; }

    internal byte[] Body() => Rpc.Bytes(Rpc.Request(
        IdRaw, Method, Meta is null ? ParamsJson : Rpc.Prepend(ParamsJson, ("_meta", Meta.ToJsonString(Rpc.Relaxed)))));
}

/// <summary>A call that took several rounds of input.</summary>
/// <param name="Final">The last answer.</param>
/// <param name="Rounds">All answers, the last included.</param>
public sealed record InputCall(RpcAnswer Final, IReadOnlyList<RpcAnswer> Rounds);

/// <summary>A stateless client of 2026-07-28 made of raw requests; adds the required <c>_meta</c> keys and headers.</summary>
public sealed class ModernClient(Uri endpoint, string capabilitiesJson = "{}", IDictionary<string, string>? headers = null) : IAsyncDisposable
{
    private const int MostRounds = 20;

    private readonly HttpClient _http = WireExchange.NewHttpClient();
    private readonly ConcurrentDictionary<string, JsonElement> _tools = new();
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private readonly ConcurrentBag<ListenStream> _streams = [];
    private int _lastId;

    /// <summary>Answers the questions of <c>input_required</c>: method and params to raw result.</summary>
    public Func<string, JsonElement, string?>? OnRequest { get; set; }

    /// <summary>Sees every notification when it arrives, before its answer is complete.</summary>
    public Action<JsonElement>? OnNotification { get; set; }

    /// <summary>Questions received, in order.</summary>
    public IReadOnlyList<ReceivedRequest> ReceivedRequests => [.. _received];

    /// <summary>The revision sent.</summary>
    public string Version { get; set; } = ModernWire.Revision;

    /// <summary><c>logLevel</c> of every request; null sends none.</summary>
    public string? LogLevel { get; set; }

    /// <summary>Sends a request and reads its answer to the end; <paramref name="edit"/> may change all of it. Cancelling closes the stream.</summary>
    public async Task<RpcAnswer> SendAsync(
        string method, string paramsJson = "{}", Action<ModernEnvelope>? edit = null, CancellationToken cancellationToken = default)
    {
        ModernEnvelope envelope = Envelope(method, paramsJson);
        edit?.Invoke(envelope);
        using HttpRequestMessage request = WireExchange.NewRequest(HttpMethod.Post, endpoint, envelope.Headers, envelope.Body());
        return await new WireExchange(_http).SendAsync(request, envelope.IdRaw, NoteAsync, cancellationToken);
    }

    /// <summary>server/discover.</summary>
    public Task<RpcAnswer> DiscoverAsync() => SendAsync("server/discover");

    /// <summary>tools/call; sends <c>Mcp-Param-*</c> for tools seen by <see cref="ListToolNamesAsync"/>.</summary>
    public Task<RpcAnswer> CallToolAsync(
        string name, string argumentsJson = "{}", Action<ModernEnvelope>? edit = null, CancellationToken cancellationToken = default) =>
        SendAsync("tools/call", ToolParams(name, argumentsJson), edit, cancellationToken);

    /// <summary>tools/call that answers every round of <c>input_required</c> with <see cref="OnRequest"/>.</summary>
    public Task<InputCall> CallWithInputAsync(
        string name, string argumentsJson = "{}", Action<ModernEnvelope>? edit = null, CancellationToken cancellationToken = default) =>
        SendWithInputAsync("tools/call", ToolParams(name, argumentsJson), edit, cancellationToken);

    /// <summary>Any request that may need input; each retry has a new id, the answers and the untouched requestState.</summary>
    public async Task<InputCall> SendWithInputAsync(
        string method, string paramsJson, Action<ModernEnvelope>? edit = null, CancellationToken cancellationToken = default)
    {
        var rounds = new List<RpcAnswer>();
        string next = paramsJson;
        while (rounds.Count < MostRounds)
        {
            RpcAnswer answer = await SendAsync(method, next, edit, cancellationToken);
            rounds.Add(answer);
            if (answer.Result is not { } result || !result.TryGetProperty("resultType", out JsonElement type) || type.GetString() != "input_required")
                return new InputCall(answer, rounds);
            next = WithInput(paramsJson, result);
        }

        throw new InvalidOperationException($"{method} still needs input after {MostRounds} rounds: {rounds[^1]}");
    }

    /// <summary>The params of the retry that answers an <c>input_required</c> result with <see cref="OnRequest"/>.</summary>
    public string WithInput(string paramsJson, JsonElement inputRequired)
    {
        var more = new List<(string, string)>();
        if (inputRequired.TryGetProperty("requestState", out JsonElement state))
            more.Add(("requestState", state.GetRawText()));
        if (inputRequired.TryGetProperty("inputRequests", out JsonElement requests))
            more.Add(("inputResponses", "{" + string.Join(',', requests.EnumerateObject().Select(Answer)) + "}"));
        return Rpc.Prepend(paramsJson, [.. more]);
    }

    /// <summary>subscriptions/listen, e.g. <c>{"toolsListChanged":true}</c>; returns once it was acknowledged or refused.</summary>
    public async Task<ListenStream> ListenAsync(string notificationsJson, Action<ModernEnvelope>? edit = null)
    {
        ModernEnvelope envelope = Envelope("subscriptions/listen", $$"""{"notifications":{{notificationsJson}}}""");
        edit?.Invoke(envelope);
        HttpRequestMessage request = WireExchange.NewRequest(HttpMethod.Post, endpoint, envelope.Headers, envelope.Body());
        ListenStream stream = await ListenStream.OpenAsync(_http, request, envelope.IdRaw);
        _streams.Add(stream);
        return stream;
    }

    /// <summary>The names of all tools, over all pages; their schemas are remembered.</summary>
    public Task<IReadOnlyList<string>> ListToolNamesAsync() => ListAsync("tools/list", "tools", "name");

    /// <summary>One string field of all items of a list, over all pages.</summary>
    public Task<IReadOnlyList<string>> ListAsync(string method, string field, string key) => Paging.AllAsync(
        async cursor =>
        {
            RpcAnswer answer = await SendAsync(method, cursor is null ? "{}" : $$"""{"cursor":{{Rpc.Quote(cursor)}}}""");
            if (field == "tools")
                Remember(answer.Success());
            return answer;
        },
        field,
        key);

    /// <summary>Any verb or body; nothing is added but the client's own headers.</summary>
    public async Task<RpcAnswer> SendRawAsync(
        HttpMethod verb, byte[]? body = null, IDictionary<string, string>? more = null, CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = WireExchange.NewRequest(
            verb, endpoint, (headers ?? new Dictionary<string, string>()).Concat(more ?? new Dictionary<string, string>()), body);
        return await new WireExchange(_http).SendAsync(request, null, NoteAsync, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ListenStream stream in _streams)
            await stream.DisposeAsync();
        _http.Dispose();
    }

    private static string ToolParams(string name, string argumentsJson) => $$"""{"name":{{Rpc.Quote(name)}},"arguments":{{argumentsJson}}}""";

    private ModernEnvelope Envelope(string method, string paramsJson)
    {
        JsonElement parameters = Rpc.Element(paramsJson);
        var meta = new JsonObject
        {
            [ModernWire.Prefix + "protocolVersion"] = Version,
            [ModernWire.Prefix + "clientCapabilities"] = JsonNode.Parse(capabilitiesJson),
            [ModernWire.Prefix + "clientInfo"] = new JsonObject { ["name"] = "wire", ["version"] = "1" },
        };
        if (LogLevel is not null)
            meta[ModernWire.Prefix + "logLevel"] = LogLevel;
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Accept"] = "application/json, text/event-stream",
            ["MCP-Protocol-Version"] = Version,
            ["Mcp-Method"] = method,
        };
        if (ModernWire.NameOf(method, parameters) is { } name)
        {
            all["Mcp-Name"] = ModernWire.Encode(name);
            if (method == "tools/call" && _tools.TryGetValue(name, out JsonElement tool))
            {
                foreach ((string header, string? value) in ModernWire.ParamsOf(tool, parameters.TryGetProperty("arguments", out JsonElement a) ? a : default))
                {
                    if (value is not null)
                        all[header] = ModernWire.Encode(value);
                }
            }
        }

        foreach ((string header, string value) in headers ?? new Dictionary<string, string>())
            all[header] = value;
        return new ModernEnvelope
        {
            IdRaw = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture),
            Method = method,
            ParamsJson = paramsJson,
            Meta = meta,
            Headers = all,
        };
    }

    private string Answer(JsonProperty question)
    {
        string method = question.Value.GetProperty("method").GetString()!;
        JsonElement parameters = question.Value.TryGetProperty("params", out JsonElement p) ? p : default;
        _received.Enqueue(new ReceivedRequest(question.Name, method, parameters, "RESULT"));
        string result = OnRequest?.Invoke(method, parameters)
            ?? throw new InvalidOperationException($"OnRequest gave no answer to {method}, and a modern client cannot answer with an error");
        return $"{Rpc.Quote(question.Name)}:{result}";
    }

    private void Remember(JsonElement listed)
    {
        foreach (JsonElement tool in listed.GetProperty("tools").EnumerateArray())
            _tools[tool.GetProperty("name").GetString()!] = tool;
    }

    private Task NoteAsync(JsonElement message)
    {
        if (RpcMessage.From(message)!.IsRequest)
            throw new InvalidDataException($"A modern server sent a request: {message.GetRawText()}");
        OnNotification?.Invoke(message);
        return Task.CompletedTask;
    }
}
