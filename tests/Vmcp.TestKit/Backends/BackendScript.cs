namespace Vmcp.TestKit;

/// <summary>Which protocol era a backend speaks.</summary>
public enum BackendEra
{
    /// <summary>Streamable HTTP with an initialize handshake, 2025-03-26 to 2025-11-25.</summary>
    Legacy,

    /// <summary>Stateless POST only, 2026-07-28.</summary>
    Modern,

    /// <summary>HTTP+SSE, 2024-11-05.</summary>
    HttpSse,
}

/// <summary>The form of an answer to a request.</summary>
public enum AnswerAs
{
    /// <summary>One JSON object; an event stream only when something has to be sent before the result.</summary>
    Json,

    /// <summary>Always an event stream.</summary>
    Sse,
}

/// <summary>Where a legacy backend puts its requests to the client.</summary>
public enum ServerRequestsOn
{
    /// <summary>On the stream of the POST that caused them.</summary>
    Post,

    /// <summary>On the standalone GET stream.</summary>
    Get,
}

/// <summary>What a backend offers and how it talks. Set before it starts.</summary>
public sealed class BackendScript
{
    /// <summary>The era.</summary>
    public BackendEra Era { get; set; }

    /// <summary>The newest revision it knows; by era 2025-11-25, 2026-07-28 or 2024-11-05.</summary>
    public string Revision { get => field ?? DefaultRevision; set; }

    /// <summary>JSON or event streams.</summary>
    public AnswerAs Answers { get; set; }

    /// <summary>Legacy: issue and require Mcp-Session-Id. False makes it stateless in legacy terms.</summary>
    public bool IssuesSessions { get; set; } = true;

    /// <summary>Legacy: refuse requests after initialize that lack MCP-Protocol-Version with 400 (otherwise only a fault).</summary>
    public bool RequiresVersionHeader { get; set; }

    /// <summary>Raw server capabilities; null = what fits the content at start.</summary>
    public string? CapabilitiesJson { get; set; }

    /// <summary>Raw serverInfo.</summary>
    public string ServerInfoJson { get; set; } = """{"name":"scripted","version":"1.0.0"}""";

    /// <summary>Instructions, null for none.</summary>
    public string? Instructions { get; set; }

    /// <summary>Items per page of a list; null = everything on one page.</summary>
    public int? PageSize { get; set; }

    /// <summary>Legacy: whether GET opens a stream (false: 405).</summary>
    public bool HasGetStream { get; set; } = true;

    /// <summary>Legacy: whether DELETE ends a session (false: 405).</summary>
    public bool AllowsDelete { get; set; } = true;

    /// <summary>Legacy: where requests to the client go.</summary>
    public ServerRequestsOn ServerRequests { get; set; }

    /// <summary>Legacy: give events ids and replay them for Last-Event-ID.</summary>
    public bool EventIds { get; set; }

    /// <summary>
    /// Legacy 2025-11-25 polling: open event streams with a priming event that says this retry, in ms, and close the connection after it;
    /// the client comes back with Last-Event-ID. Needs <see cref="EventIds"/>.
    /// </summary>
    public int? PollRetryMilliseconds { get; set; }

    /// <summary>The line end of event streams: LF, CRLF or CR.</summary>
    public string SseNewline { get; set; } = "\n";

    /// <summary>Modern: ttlMs of lists and reads.</summary>
    public int TtlMs { get; set; } = 60_000;

    /// <summary>Modern: cacheScope of lists and reads.</summary>
    public string CacheScope { get; set; } = "public";

    /// <summary>HTTP+SSE: the data of the endpoint event, given the session id; null = <c>/message?sessionId=…</c>.</summary>
    public Func<string, string>? EndpointData { get; set; }

    /// <summary>HTTP+SSE: the status of a POST to the SSE URL, by which clients recognise the era.</summary>
    public int PostToSseStatus { get; set; } = 405;

    /// <summary>The path of the endpoint.</summary>
    public string Path { get => field ?? (Era == BackendEra.HttpSse ? "/sse" : "/mcp"); set; }

    internal ItemStore Items { get; } = new();

    internal CallHandler? Completer { get; private set; }

    private string DefaultRevision => Era switch
    {
        BackendEra.Modern => "2026-07-28",
        BackendEra.HttpSse => "2024-11-05",
        _ => "2025-11-25",
    };

    /// <summary>Adds a tool; without a handler it echoes. <paramref name="rawJson"/> is its list entry, byte for byte.</summary>
    public BackendScript Tool(string name, CallHandler? handler = null, string? rawJson = null) => Add(ItemOf.Tool(name, handler, rawJson));

    /// <summary>Adds a tool that is listed only for clients that declared this capability.</summary>
    public BackendScript ToolWhen(string capability, string name, CallHandler? handler = null, string? rawJson = null) =>
        Add(ItemOf.Tool(name, handler, rawJson) with
        {
            VisibleTo = a => a.Capabilities.ValueKind == System.Text.Json.JsonValueKind.Object && a.Capabilities.TryGetProperty(capability, out _),
        });

    /// <summary>Adds a tool that is listed only for requests whose header has this value.</summary>
    public BackendScript ToolWhenHeader(string header, string value, string name, CallHandler? handler = null, string? rawJson = null) =>
        Add(ItemOf.Tool(name, handler, rawJson) with { VisibleTo = a => a.Headers.TryGetValue(header, out string? had) && had == value });

    /// <summary>Adds a tool that may run as a task.</summary>
    public BackendScript TaskTool(string name, CallHandler handler, string? rawJson = null) => Add(ItemOf.TaskTool(name, handler, rawJson));

    /// <summary>Adds a resource with this text, or with a handler that returns the raw read result.</summary>
    public BackendScript Resource(string uri, string text = "text", CallHandler? handler = null, string? rawJson = null) =>
        Add(ItemOf.Resource(uri, text, handler, rawJson));

    /// <summary>Adds a resource template; without a handler a read answers the URI as text.</summary>
    public BackendScript Template(string uriTemplate, CallHandler? handler = null, string? rawJson = null) =>
        Add(ItemOf.Template(uriTemplate, handler, rawJson));

    /// <summary>Adds a prompt; without a handler it answers one message with its name.</summary>
    public BackendScript Prompt(string name, CallHandler? handler = null, string? rawJson = null) => Add(ItemOf.Prompt(name, handler, rawJson));

    /// <summary>Answers completion/complete.</summary>
    public BackendScript Completion(CallHandler handler)
    {
        Completer = handler;
        return this;
    }

    /// <summary>Adds any item.</summary>
    public BackendScript Add(BackendItem item)
    {
        Items.Put(item);
        return this;
    }
}
