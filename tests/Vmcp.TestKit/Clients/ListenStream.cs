using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>An open <c>subscriptions/listen</c>; disposal closes it.</summary>
public sealed class ListenStream : IAsyncDisposable
{
    private readonly ServerStream _stream;

    private ListenStream(ServerStream stream, string idRaw)
    {
        _stream = stream;
        IdRaw = idRaw;
    }

    /// <summary>The raw id of the listen request, which is the subscription id.</summary>
    public string IdRaw { get; }

    /// <summary>The HTTP status; anything but 200 means that there is no stream.</summary>
    public int HttpStatus => _stream.HttpStatus;

    /// <summary>The body of a refusal.</summary>
    public string RefusalText => _stream.RefusalText;

    /// <summary>The params of the acknowledgement; undefined when refused.</summary>
    public JsonElement Acknowledged { get; private set; }

    /// <summary>Everything received, the acknowledgement included.</summary>
    public IReadOnlyList<JsonElement> Messages => _stream.Messages;

    /// <summary>The response that ended the stream gracefully, null before.</summary>
    public JsonElement? Final => Messages.Where(m => !m.TryGetProperty("method", out _)).Select(m => (JsonElement?)m).FirstOrDefault();

    /// <summary>Whether the server ended or broke the stream.</summary>
    public bool HasEnded => _stream.HasEnded;

    /// <summary>Keep-alive comments received.</summary>
    public int Comments => _stream.Comments;

    /// <summary>Takes the next message of this method; see <see cref="MessageLog.NextAsync"/>.</summary>
    public Task<JsonElement> NextAsync(string? method = null, TimeSpan? timeout = null) => _stream.NextAsync(method, timeout);

    /// <summary>How many messages of a method came so far.</summary>
    public int Count(string method) => _stream.Count(method);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    internal static async Task<ListenStream> OpenAsync(HttpClient http, HttpRequestMessage request, string idRaw)
    {
        ServerStream stream = await ServerStream.OpenAsync(
            http, request, message => throw new InvalidDataException($"A modern server sent a request: {message.GetRawText()}"));
        var listen = new ListenStream(stream, idRaw);
        if (stream.ResponseHeaders.TryGetValue("Content-Type", out string? type) && type.StartsWith("text/event-stream", StringComparison.Ordinal))
            listen.Acknowledged = (await stream.NextAsync("notifications/subscriptions/acknowledged")).GetProperty("params");
        return listen;
    }
}
