using System.Text;
using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>Everything that came back for one POST.</summary>
public sealed class RpcAnswer
{
    internal RpcAnswer(int httpStatus, IReadOnlyDictionary<string, string> headers)
    {
        HttpStatus = httpStatus;
        ResponseHeaders = headers;
    }

    /// <summary>The HTTP status.</summary>
    public int HttpStatus { get; }

    /// <summary>Response and content headers; names are compared without case.</summary>
    public IReadOnlyDictionary<string, string> ResponseHeaders { get; }

    /// <summary>The media type without parameters; empty when absent.</summary>
    public string ContentType => (Header("Content-Type") ?? "").Split(';')[0].Trim();

    /// <summary>Whether the answer was an event stream.</summary>
    public bool IsStream => ContentType == "text/event-stream";

    /// <summary>Notifications on this answer's stream, in order.</summary>
    public IReadOnlyList<JsonElement> Notifications { get; internal set; } = [];

    /// <summary>The events and comments of the stream, in order.</summary>
    public IReadOnlyList<SseEvent> Events { get; internal set; } = [];

    /// <summary>The JSON-RPC message that answers; null when there was none.</summary>
    public JsonElement? Message { get; internal set; }

    /// <summary><c>result</c>, null when absent.</summary>
    public JsonElement? Result => Part("result");

    /// <summary><c>error</c>, null when absent.</summary>
    public JsonElement? Error => Part("error");

    /// <summary><c>error.code</c>, null without an error.</summary>
    public int? ErrorCode => Error?.GetProperty("code").GetInt32();

    /// <summary>The exact bytes of the body.</summary>
    public byte[] RawBytes { get; internal set; } = [];

    /// <summary>The body as text.</summary>
    public string RawText => Encoding.UTF8.GetString(RawBytes);

    /// <summary>Why the body ended early, null when it ended well.</summary>
    public Exception? Broken { get; internal set; }

    /// <summary>A header's value, null when absent.</summary>
    public string? Header(string name) => ResponseHeaders.TryGetValue(name, out string? value) ? value : null;

    /// <summary>The result; <see cref="InvalidOperationException"/> that shows the whole answer when there is none.</summary>
    public JsonElement Success() => Result ?? throw new InvalidOperationException($"No result: {this}");

    /// <summary>The text of the first content block of a tool result.</summary>
    public string Text() => Success().GetProperty("content")[0].GetProperty("text").GetString()!;

    /// <summary>The numbers of the progress notifications, in order of arrival.</summary>
    public IReadOnlyList<double> Progress() =>
    [
        .. Notifications.Where(n => n.GetProperty("method").GetString() == "notifications/progress")
            .Select(n => n.GetProperty("params").GetProperty("progress").GetDouble()),
    ];

    /// <inheritdoc/>
    public override string ToString() =>
        $"HTTP {HttpStatus} {ContentType} {(RawText.Length > 2000 ? RawText[..2000] + "…" : RawText)}{(Broken is null ? "" : $" broken: {Broken.Message}")}";

    private JsonElement? Part(string name) => Message is { } message && message.TryGetProperty(name, out JsonElement part) ? part : null;
}

/// <summary>A JSON-RPC request a server sent to a client.</summary>
/// <param name="IdRaw">The raw id.</param>
/// <param name="Method">The method.</param>
/// <param name="Params">The params; undefined when absent.</param>
/// <param name="Stream">"POST", "GET" or, for a question in an <c>input_required</c> result, "RESULT".</param>
public sealed record ReceivedRequest(string IdRaw, string Method, JsonElement Params, string Stream);
