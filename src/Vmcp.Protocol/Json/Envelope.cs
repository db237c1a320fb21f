namespace Vmcp.Protocol.Json;

/// <summary>The three shapes of a JSON-RPC message.</summary>
public enum MessageKind
{
    /// <summary>Has a method and an id.</summary>
    Request,

    /// <summary>Has a method and no id.</summary>
    Notification,

    /// <summary>Has an id and a result or an error.</summary>
    Response,
}

/// <summary>
/// What one scan of a message found: where the parts are that routing needs. Everything else stays bytes.
/// Ranges are offsets into <see cref="Body"/>; an absent part is an empty range.
/// </summary>
public sealed class Envelope
{
    /// <summary>The message.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Request, notification or response.</summary>
    public MessageKind Kind { get; internal set; }

    /// <summary>The method, or an empty text for a response.</summary>
    public string Method { get; internal set; } = "";

    /// <summary>The id token with its quotes if it is a string.</summary>
    public Range Id { get; internal set; }

    /// <summary>The params object.</summary>
    public Range Params { get; internal set; }

    /// <summary>The result of a response.</summary>
    public Range Result { get; internal set; }

    /// <summary>The error of a response.</summary>
    public Range Error { get; internal set; }

    /// <summary>The members of params we know, by <see cref="ParamKey"/>.</summary>
    internal Range[] ParamValues { get; } = new Range[(int)ParamKey.Count];

    /// <summary>The members of params._meta we know, by <see cref="MetaKey"/>.</summary>
    internal Range[] MetaValues { get; } = new Range[(int)MetaKey.Count];

    /// <summary>The value of a params member.</summary>
    public Range this[ParamKey key] => ParamValues[(int)key];

    /// <summary>The value of a params._meta member.</summary>
    public Range this[MetaKey key] => MetaValues[(int)key];

    /// <summary>Whether params has the member.</summary>
    public bool Has(ParamKey key) => !IsEmpty(ParamValues[(int)key]);

    /// <summary>Whether params._meta has the member.</summary>
    public bool Has(MetaKey key) => !IsEmpty(MetaValues[(int)key]);

    /// <summary>Whether params is there.</summary>
    public bool HasParams => !IsEmpty(Params);

    /// <summary>The bytes of a range.</summary>
    public ReadOnlySpan<byte> Bytes(Range range) => Body.Span[range];

    /// <summary>The text of a params member that is a string, else null.</summary>
    public string? Text(ParamKey key) => Has(key) ? RawJson.ReadString(Bytes(this[key])) : null;

    /// <summary>The text of a _meta member that is a string, else null.</summary>
    public string? Text(MetaKey key) => Has(key) ? RawJson.ReadString(Bytes(this[key])) : null;

    private static bool IsEmpty(Range range) => range.End.Value == 0;
}

/// <summary>Members of params that routing looks at.</summary>
public enum ParamKey
{
    /// <summary><c>name</c> of a tool or prompt.</summary>
    Name,

    /// <summary><c>uri</c> of a resource.</summary>
    Uri,

    /// <summary><c>arguments</c> of a tool or prompt.</summary>
    Arguments,

    /// <summary><c>_meta</c>.</summary>
    Meta,

    /// <summary><c>cursor</c> of a list.</summary>
    Cursor,

    /// <summary><c>ref</c> of a completion.</summary>
    Ref,

    /// <summary><c>taskId</c>.</summary>
    TaskId,

    /// <summary><c>requestState</c> of a retry (MCP 2026-07-28).</summary>
    RequestState,

    /// <summary><c>inputResponses</c> of a retry (MCP 2026-07-28).</summary>
    InputResponses,

    /// <summary><c>protocolVersion</c> of initialize.</summary>
    ProtocolVersion,

    /// <summary><c>capabilities</c> of initialize.</summary>
    Capabilities,

    /// <summary><c>clientInfo</c> of initialize.</summary>
    ClientInfo,

    /// <summary><c>level</c> of logging/setLevel.</summary>
    Level,

    /// <summary><c>requestId</c> of a cancellation.</summary>
    RequestId,

    /// <summary><c>progressToken</c> of a progress notification.</summary>
    ProgressToken,

    /// <summary><c>notifications</c> of subscriptions/listen.</summary>
    Notifications,

    /// <summary>How many keys there are.</summary>
    Count,
}

/// <summary>Members of params._meta that routing looks at.</summary>
public enum MetaKey
{
    /// <summary><c>progressToken</c>.</summary>
    ProgressToken,

    /// <summary><c>io.modelcontextprotocol/protocolVersion</c>.</summary>
    ProtocolVersion,

    /// <summary><c>io.modelcontextprotocol/clientInfo</c>.</summary>
    ClientInfo,

    /// <summary><c>io.modelcontextprotocol/clientCapabilities</c>.</summary>
    ClientCapabilities,

    /// <summary><c>io.modelcontextprotocol/logLevel</c>.</summary>
    LogLevel,

    /// <summary>How many keys there are.</summary>
    Count,
}
