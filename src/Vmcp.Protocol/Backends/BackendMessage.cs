using System.Text.Json;

using Vmcp.Core.Identity;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Backends;

/// <summary>One JSON-RPC message from a backend; only the top level has been looked at.</summary>
public sealed class BackendMessage
{
    private BackendMessage(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The message as received.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Request, notification or response.</summary>
    public MessageKind Kind { get; private set; }

    /// <summary>The method, or an empty text for a response.</summary>
    public string Method { get; private set; } = "";

    /// <summary>The id token, empty when absent or null.</summary>
    public ReadOnlyMemory<byte> Id { get; private set; }

    /// <summary>Where the id token is.</summary>
    public Range IdRange { get; private set; }

    /// <summary>The params, empty when absent.</summary>
    public ReadOnlyMemory<byte> Params { get; private set; }

    /// <summary>The result, empty when absent.</summary>
    public ReadOnlyMemory<byte> Result { get; private set; }

    /// <summary>Where the result is.</summary>
    public Range ResultRange { get; private set; }

    /// <summary>The error object, empty when absent.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    /// <summary>The error's code, 0 when there is none.</summary>
    public int ErrorCode
    {
        get
        {
            ReadOnlySpan<byte> code = Error.Span[RawJson.Find(Error.Span, "code"u8)];
            return System.Buffers.Text.Utf8Parser.TryParse(code, out int value, out _) ? value : 0;
        }
    }

    /// <summary>Looks at a message.</summary>
    /// <exception cref="JsonException">The text is not a JSON-RPC message.</exception>
    public static BackendMessage Parse(ReadOnlyMemory<byte> json)
    {
        BackendMessage message = new(json);
        ReadOnlySpan<byte> text = json.Span;
        RawMembers members = new(text);
        while (members.MoveNext())
        {
            Range value = members.Current.ValueStart..members.Current.ValueEnd;
            if (members.NameIs("method"u8))
            {
                message.Method = RawJson.ReadString(text[value]) ?? throw new JsonException("method is not a string.");
            }
            else if (members.NameIs("id"u8) && text[value.Start.Value] != 'n')
            {
                message.IdRange = value;
                message.Id = json[value];
            }
            else if (members.NameIs("params"u8))
            {
                message.Params = json[value];
            }
            else if (members.NameIs("result"u8))
            {
                message.ResultRange = value;
                message.Result = json[value];
            }
            else if (members.NameIs("error"u8))
            {
                message.Error = json[value];
            }
        }

        bool answer = !message.Result.IsEmpty || !message.Error.IsEmpty;
        if (message.Method.Length == 0 && !answer)
            throw new JsonException("The message has neither a method nor a result nor an error.");
        message.Kind = answer && message.Method.Length == 0 ? MessageKind.Response
            : message.Id.IsEmpty ? MessageKind.Notification : MessageKind.Request;
        return message;
    }

    /// <summary>The message with this id in place of its own (added when it has none).</summary>
    public ReadOnlyMemory<byte> WithId(ReadOnlySpan<byte> id)
    {
        if (Id.IsEmpty)
            return Error.IsEmpty ? JsonRpc.Result(id, Result.Span) : JsonRpc.Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, ",\"error\":"u8, Error.Span, "}"u8);
        return Id.Span.SequenceEqual(id) ? Json : RawJson.Splice(Json.Span, IdRange.Start.Value, IdRange.End.Value, id);
    }
}

/// <summary>One thing that happened in an exchange: a message, or the end without an answer.</summary>
/// <param name="Message">A notification, a server request or the answer; null when the exchange failed.</param>
/// <param name="Failure">Why it failed.</param>
public readonly record struct BackendEvent(BackendMessage? Message, BackendFailure? Failure)
{
    /// <summary>The message came on the standalone stream: it may or may not be about this call.</summary>
    public bool Aside { get; init; }

    /// <summary>Whether nothing follows.</summary>
    public bool IsLast => Message is null || Message.Kind == MessageKind.Response;

    /// <summary>A failed exchange.</summary>
    public static BackendEvent Failed(BackendFailure failure) => new(null, failure);

    /// <summary>A message.</summary>
    public static BackendEvent Of(BackendMessage message) => new(message, null);
}

/// <summary>
/// One request to a backend and all that comes back for it, in order: notifications, server requests, then the answer
/// or a failure. Disposing it early gives the rest up.
/// </summary>
public abstract class Exchange : IAsyncDisposable
{
    /// <summary>Waits for the next event. After a last one it must not be called again.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public abstract ValueTask<BackendEvent> NextAsync(CancellationToken cancellationToken);

    /// <inheritdoc />
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    /// <summary>An exchange that has nothing but this event.</summary>
    public static Exchange Ended(BackendEvent only) => new Single(only);

    private sealed class Single(BackendEvent only) : Exchange
    {
        public override ValueTask<BackendEvent> NextAsync(CancellationToken cancellationToken) => new(only);
    }
}

/// <summary>A request as it goes to a backend.</summary>
/// <param name="Method">The JSON-RPC method.</param>
/// <param name="Id">The id token in <paramref name="Body"/>.</param>
/// <param name="Body">The whole message.</param>
public sealed record OutgoingRequest(string Method, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Body)
{
    /// <summary>The value of <c>Mcp-Name</c> for a Modern backend, not yet encoded; null for methods without one.</summary>
    public string? Name { get; init; }

    /// <summary>Further headers: passed through from the client, or mirrored arguments.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Who asks for it; null for the owner of the link.</summary>
    public Caller? Caller { get; init; }

    /// <summary>The progress token in <see cref="Body"/>, empty when there is none. Only HTTP+SSE needs it, to tell calls apart.</summary>
    public ReadOnlyMemory<byte> ProgressToken { get; init; }

    /// <summary>Largest message accepted in return, in bytes.</summary>
    public int MaxMessage { get; init; } = JsonLimits.MaxBackendMessage;
}
