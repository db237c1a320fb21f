using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>An open event stream of a server, read in the background until it ends or is disposed.</summary>
public sealed class ServerStream : IAsyncDisposable
{
    private readonly CancellationTokenSource _close = new();
    private readonly HttpResponseMessage _response;
    private readonly MessageLog _log = new();
    private Task _pump = Task.CompletedTask;
    private volatile string? _lastEventId;
    private volatile int _retry = -1;
    private int _comments;

    private ServerStream(HttpResponseMessage response) => _response = response;

    /// <summary>The HTTP status; anything but 200 means that there is no stream.</summary>
    public int HttpStatus => (int)_response.StatusCode;

    /// <summary>Response headers.</summary>
    public IReadOnlyDictionary<string, string> ResponseHeaders => WireExchange.HeadersOf(_response);

    /// <summary>The body of an answer that is no stream.</summary>
    public string RefusalText { get; private set; } = "";

    /// <summary>Everything received.</summary>
    public IReadOnlyList<JsonElement> Messages => _log.All;

    /// <summary>The id of the last event that had one.</summary>
    public string? LastEventId => _lastEventId;

    /// <summary>The last <c>retry:</c> in ms, null when none came.</summary>
    public int? RetryMilliseconds => _retry < 0 ? null : _retry;

    /// <summary>Comment lines received (keep-alives).</summary>
    public int Comments => Volatile.Read(ref _comments);

    /// <summary>Whether the server ended or broke the stream.</summary>
    public bool HasEnded => _log.HasEnded;

    /// <summary>Takes the next message of this method; see <see cref="MessageLog.NextAsync"/>.</summary>
    public Task<JsonElement> NextAsync(string? method = null, TimeSpan? timeout = null) => _log.NextAsync(method, timeout);

    /// <summary>How many messages of a method came so far.</summary>
    public int Count(string method) => _log.Count(method);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_close.IsCancellationRequested)
            return;
        await _close.CancelAsync();
        await _pump;
        _response.Dispose();
    }

    internal static Task<ServerStream> OpenAsync(
        HttpClient http, Uri endpoint, IDictionary<string, string> headers, Func<JsonElement, Task> onRequest) =>
        OpenAsync(http, WireExchange.NewRequest(HttpMethod.Get, endpoint, headers), onRequest);

    internal static async Task<ServerStream> OpenAsync(HttpClient http, HttpRequestMessage request, Func<JsonElement, Task> onRequest)
    {
        using HttpRequestMessage owned = request;
        HttpResponseMessage response = await http.SendAsync(owned, HttpCompletionOption.ResponseHeadersRead);
        var stream = new ServerStream(response);
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            stream._pump = stream.PumpAsync(onRequest);
        else
        {
            stream.RefusalText = await response.Content.ReadAsStringAsync();
            stream._log.End($"HTTP {stream.HttpStatus} {stream.RefusalText}");
        }

        return stream;
    }

    private async Task PumpAsync(Func<JsonElement, Task> onRequest)
    {
        try
        {
            var reader = new SseReader(await _response.Content.ReadAsStreamAsync(_close.Token));
            while (await reader.ReadAsync(_close.Token) is { } received)
            {
                _lastEventId = received.Id ?? _lastEventId;
                _retry = received.RetryMilliseconds ?? _retry;
                if (received.Comment is not null)
                    Interlocked.Increment(ref _comments);
                if (!received.HasData || received.Data.Length == 0)
                    continue;
                JsonElement message = Rpc.Element(received.Data);
                _log.Add(message);
                if (RpcMessage.From(message) is { IsRequest: true })
                    await onRequest(message);
            }

            _log.End("closed by the server");
        }
        catch (OperationCanceledException)
        {
            _log.End("closed by us");
        }
        catch (Exception e)
        {
            // Whatever broke the stream is told to whoever waits on it.
            _log.End($"{e.GetType().Name}: {e.Message}");
        }
    }
}
