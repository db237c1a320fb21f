using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>A client of HTTP+SSE (2024-11-05): one GET stream for all that comes back, POSTs to the URL its first event names.</summary>
public sealed class HttpSseClient : IAsyncDisposable
{
    private readonly HttpClient _http = WireExchange.NewHttpClient();
    private readonly CancellationTokenSource _close = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _waiting = new();
    private readonly MessageLog _notifications = new();
    private readonly TaskCompletionSource<string> _endpoint = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Uri _url;
    private Task _pump = Task.CompletedTask;
    private int _lastId;

    private HttpSseClient(Uri url) => _url = url;

    /// <summary>The data of the endpoint event as sent.</summary>
    public string EndpointData { get; private set; } = "";

    /// <summary>The result of initialize.</summary>
    public JsonElement InitializeResult { get; private set; }

    /// <summary>Answers server requests: method and params to raw result; null is −32601.</summary>
    public Func<string, JsonElement, string?>? OnRequest { get; set; }

    /// <summary>Notifications in order of arrival.</summary>
    public MessageLog Notifications => _notifications;

    /// <summary>Opens the stream, sends initialize and notifications/initialized.</summary>
    public static async Task<HttpSseClient> ConnectAsync(Uri url, string capabilitiesJson = "{}")
    {
        var client = new HttpSseClient(url);
        try
        {
            client._pump = client.PumpAsync();
            client.EndpointData = await client._endpoint.Task.WaitAsync(Eventually.DefaultLimit);
            JsonElement answer = await client.CallAsync("initialize",
                $$$"""{"protocolVersion":"2024-11-05","capabilities":{{{capabilitiesJson}}},"clientInfo":{"name":"wire","version":"1"}}""");
            client.InitializeResult = answer.GetProperty("result");
            await client.PostAsync(Rpc.Notification("notifications/initialized"));
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request; the whole JSON-RPC answer that came back on the stream.</summary>
    public async Task<JsonElement> CallAsync(string method, string? paramsJson = null, CancellationToken cancellationToken = default)
    {
        string id = Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            await PostAsync(Rpc.Request(id, method, paramsJson));
            return await answer.Task.WaitAsync(Eventually.DefaultLimit, cancellationToken);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a notification.</summary>
    public Task NotifyAsync(string method, string? paramsJson = null) => PostAsync(Rpc.Notification(method, paramsJson));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _close.CancelAsync();
        await _pump;
        _http.Dispose();
        _close.Dispose();
    }

    private async Task PostAsync(string message)
    {
        using HttpRequestMessage request = WireExchange.NewRequest(HttpMethod.Post, new Uri(_url, EndpointData), [], Rpc.Bytes(message));
        using HttpResponseMessage response = await _http.SendAsync(request, _close.Token);
        response.EnsureSuccessStatusCode();
    }

    private async Task PumpAsync()
    {
        try
        {
            using HttpRequestMessage request = WireExchange.NewRequest(
                HttpMethod.Get, _url, new Dictionary<string, string> { ["Accept"] = "text/event-stream" });
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _close.Token);
            response.EnsureSuccessStatusCode();
            var reader = new SseReader(await response.Content.ReadAsStreamAsync(_close.Token));
            while (await reader.ReadAsync(_close.Token) is { } received)
            {
                if (received.Type == "endpoint")
                    _endpoint.TrySetResult(received.Data);
                else if (received.HasData)
                    await TakeAsync(RpcMessage.From(Rpc.Element(received.Data))!);
            }

            End(new IOException("the stream was closed by the server"));
        }
        catch (Exception e)
        {
            // Whatever broke the stream is told to whoever waits on it.
            End(e);
        }
    }

    private async Task TakeAsync(RpcMessage message)
    {
        if (message.IsNotification)
            _notifications.Add(message.Whole);
        else if (message.IsRequest)
            await PostAsync(OnRequest?.Invoke(message.Method!, message.Params) is { } result
                ? Rpc.Result(message.IdRaw!, result)
                : Rpc.Error(message.IdRaw, -32601, $"Method not found: {message.Method}"));
        else if (_waiting.TryGetValue(message.IdRaw ?? "", out TaskCompletionSource<JsonElement>? waiting))
            waiting.TrySetResult(message.Whole);
    }

    private void End(Exception why)
    {
        _notifications.End(why.Message);
        _endpoint.TrySetException(why);
        _ = _endpoint.Task.Exception; // seen: nobody may be waiting any more
        foreach (TaskCompletionSource<JsonElement> waiting in _waiting.Values)
            waiting.TrySetException(why);
    }
}
