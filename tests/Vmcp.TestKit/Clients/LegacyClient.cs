using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>
/// A Streamable HTTP client of 2025-03-26 to 2025-11-25 made of raw requests. Server requests on any stream are answered by
/// <see cref="OnRequest"/>. Disposal closes streams and connections but sends no DELETE.
/// </summary>
public sealed class LegacyClient : IAsyncDisposable
{
    private readonly HttpClient _http = WireExchange.NewHttpClient();
    private readonly WireExchange _wire;
    private readonly Uri _endpoint;
    private readonly IDictionary<string, string> _headers;
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private readonly ConcurrentBag<ServerStream> _streams = [];
    private int _lastId;
    private int _lastStatus;

    private LegacyClient(Uri endpoint, IDictionary<string, string>? headers)
    {
        _endpoint = endpoint;
        _headers = headers ?? new Dictionary<string, string>();
        _wire = new WireExchange(_http);
    }

    /// <summary>Answers server requests: method and params to raw result. Null: −32601; <see cref="RpcErrorException"/>: that error.</summary>
    public Func<string, JsonElement, string?>? OnRequest { get; set; }

    /// <summary>Sees every notification on a POST's stream when it arrives, before its answer is complete.</summary>
    public Action<JsonElement>? OnNotification { get; set; }

    /// <summary>Server requests received, in order.</summary>
    public IReadOnlyList<ReceivedRequest> ReceivedRequests => [.. _received];

    /// <summary>The whole answer to initialize.</summary>
    public RpcAnswer InitializeAnswer { get; private set; } = null!;

    /// <summary>The result of initialize.</summary>
    public JsonElement InitializeResult => InitializeAnswer.Success();

    /// <summary>The session id sent with every request; null when none was issued. Settable for hostile tests.</summary>
    public string? SessionId { get; set; }

    /// <summary>The version sent in MCP-Protocol-Version; null sends none. Settable for hostile tests.</summary>
    public string? ProtocolVersion { get; set; }

    /// <summary>The HTTP status of the last exchange.</summary>
    public int LastStatus => Volatile.Read(ref _lastStatus);

    /// <summary>Sends initialize and notifications/initialized; fails when initialize does.</summary>
    public static async Task<LegacyClient> ConnectAsync(
        Uri endpoint,
        string version = "2025-11-25",
        string capabilitiesJson = "{}",
        IDictionary<string, string>? headers = null,
        CancellationToken cancellationToken = default)
    {
        LegacyClient client = Unconnected(endpoint, headers);
        try
        {
            (await client.InitializeAsync(version, capabilitiesJson, cancellationToken)).Success();
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that has sent nothing yet.</summary>
    public static LegacyClient Unconnected(Uri endpoint, IDictionary<string, string>? headers = null) => new(endpoint, headers);

    /// <summary>Sends initialize and, when it succeeded, notifications/initialized; the answer to initialize, whatever it is.</summary>
    public async Task<RpcAnswer> InitializeAsync(
        string version = "2025-11-25", string capabilitiesJson = "{}", CancellationToken cancellationToken = default)
    {
        (SessionId, ProtocolVersion) = (null, null);
        RpcAnswer answer = await CallAsync("initialize",
            $$$"""{"protocolVersion":"{{{version}}}","capabilities":{{{capabilitiesJson}}},"clientInfo":{"name":"wire","version":"1"}}""",
            cancellationToken: cancellationToken);
        InitializeAnswer = answer;
        if (answer.Result is not { } result)
            return answer;
        SessionId = answer.Header("Mcp-Session-Id");
        ProtocolVersion = result.GetProperty("protocolVersion").GetString();
        RpcAnswer accepted = await NotifyAsync("notifications/initialized", cancellationToken: cancellationToken);
        return accepted.HttpStatus == 202 ? answer : throw new InvalidOperationException($"initialized was not accepted: {accepted}");
    }

    /// <summary>Sends a request and reads its answer to the end. <paramref name="id"/> is raw JSON (<c>7</c>, <c>"a"</c>).</summary>
    public Task<RpcAnswer> CallAsync(string method, string? paramsJson = null, string? id = null, CancellationToken cancellationToken = default)
    {
        string idRaw = id ?? Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        return PostAsync(Rpc.Bytes(Rpc.Request(idRaw, method, paramsJson)), null, idRaw, cancellationToken);
    }

    /// <summary>tools/call; <paramref name="metaJson"/> becomes <c>_meta</c>.</summary>
    public Task<RpcAnswer> CallToolAsync(
        string name, string argumentsJson = "{}", string? metaJson = null, string? id = null, CancellationToken cancellationToken = default)
    {
        string meta = metaJson is null ? "" : $",\"_meta\":{metaJson}";
        return CallAsync("tools/call", $$"""{"name":{{Rpc.Quote(name)}},"arguments":{{argumentsJson}}{{meta}}}""", id, cancellationToken);
    }

    /// <summary>Sends a notification.</summary>
    public Task<RpcAnswer> NotifyAsync(string method, string? paramsJson = null, CancellationToken cancellationToken = default) =>
        PostAsync(Rpc.Bytes(Rpc.Notification(method, paramsJson)), null, null, cancellationToken);

    /// <summary>Cancels a running request by its raw id.</summary>
    public Task<RpcAnswer> CancelAsync(string idRaw, string reason = "test") =>
        NotifyAsync("notifications/cancelled", $$"""{"requestId":{{idRaw}},"reason":{{Rpc.Quote(reason)}}}""");

    /// <summary>Ends the session with DELETE.</summary>
    public async Task<RpcAnswer> DeleteAsync()
    {
        using HttpRequestMessage request = WireExchange.NewRequest(HttpMethod.Delete, _endpoint, Headers(null));
        return await FinishAsync(request, null, CancellationToken.None);
    }

    /// <summary>POSTs any bytes; headers given here replace the usual ones, an empty value leaves one out.</summary>
    public Task<RpcAnswer> SendRawAsync(byte[] body, IDictionary<string, string>? headers = null, CancellationToken cancellationToken = default) =>
        PostAsync(body, headers, null, cancellationToken);

    /// <summary>Opens the GET stream, or resumes the stream of an event id.</summary>
    public async Task<ServerStream> OpenStreamAsync(string? lastEventId = null, IDictionary<string, string>? headers = null)
    {
        Dictionary<string, string> all = Headers(headers);
        all["Accept"] = "text/event-stream";
        if (lastEventId is not null)
            all["Last-Event-ID"] = lastEventId;
        ServerStream stream = await ServerStream.OpenAsync(_http, _endpoint, all, message => HandleAsync(message, "GET"));
        _streams.Add(stream);
        return stream;
    }

    /// <summary>The names of all tools, over all pages.</summary>
    public Task<IReadOnlyList<string>> ListToolNamesAsync() => ListAsync("tools/list", "tools", "name");

    /// <summary>One string field of all items of a list, over all pages.</summary>
    public Task<IReadOnlyList<string>> ListAsync(string method, string field, string key) =>
        Paging.AllAsync(cursor => CallAsync(method, cursor is null ? null : $$"""{"cursor":{{Rpc.Quote(cursor)}}}"""), field, key);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ServerStream stream in _streams)
            await stream.DisposeAsync();
        _http.Dispose();
    }

    private async Task<RpcAnswer> PostAsync(byte[] body, IDictionary<string, string>? headers, string? idRaw, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = WireExchange.NewRequest(HttpMethod.Post, _endpoint, Headers(headers), body);
        return await FinishAsync(request, idRaw, cancellationToken);
    }

    private async Task<RpcAnswer> FinishAsync(HttpRequestMessage request, string? idRaw, CancellationToken cancellationToken)
    {
        RpcAnswer answer = await _wire.SendAsync(request, idRaw, message => HandleAsync(message, "POST"), cancellationToken);
        Volatile.Write(ref _lastStatus, answer.HttpStatus);
        return answer;
    }

    private Dictionary<string, string> Headers(IDictionary<string, string>? more)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Accept"] = "application/json, text/event-stream" };
        if (SessionId is not null)
            all["Mcp-Session-Id"] = SessionId;
        if (ProtocolVersion is not null)
            all["MCP-Protocol-Version"] = ProtocolVersion;
        foreach ((string name, string value) in _headers.Concat(more ?? new Dictionary<string, string>()))
            all[name] = value;
        foreach (string omitted in all.Where(h => h.Value.Length == 0).Select(h => h.Key).ToArray())
            all.Remove(omitted);
        return all;
    }

    private async Task HandleAsync(JsonElement raw, string stream)
    {
        RpcMessage message = RpcMessage.From(raw)!;
        if (!message.IsRequest)
        {
            if (stream == "POST")
                OnNotification?.Invoke(raw);
            return;
        }

        _received.Enqueue(new ReceivedRequest(message.IdRaw!, message.Method!, message.Params, stream));
        RpcAnswer accepted = await PostAsync(Rpc.Bytes(Reply(message)), null, null, CancellationToken.None);
        if (accepted.HttpStatus is not (200 or 202 or 204))
            throw new InvalidOperationException($"The answer to {message.Method} was not accepted: {accepted}");
    }

    private string Reply(RpcMessage message)
    {
        try
        {
            return OnRequest?.Invoke(message.Method!, message.Params) is { } result
                ? Rpc.Result(message.IdRaw!, result)
                : Rpc.Error(message.IdRaw, -32601, $"Method not found: {message.Method}");
        }
        catch (RpcErrorException e)
        {
            return Rpc.Error(message.IdRaw, e.Code, e.Message, e.DataJson);
        }
    }
}
