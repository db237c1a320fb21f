using System.Collections.Frozen;

namespace Vmcp.TestKit;

/// <summary>
/// How a backend answers at the HTTP level. Can be changed while it runs, and limited to JSON-RPC methods with <see cref="For"/> (a
/// request without a method counts under its HTTP verb: "GET", "DELETE", "POST").
/// </summary>
public abstract record Behaviour
{
    private Behaviour()
    {
    }

    /// <summary>By the script.</summary>
    public static Behaviour Normal { get; } = new Usual();

    /// <summary>Takes the request and never answers, not even a status, until the client leaves or the backend stops.</summary>
    public static Behaviour Hang { get; } = new Hanging();

    /// <summary>Answers 200 with the headers of an event stream (HTTP+SSE: 202) and then nothing.</summary>
    public static Behaviour Silent { get; } = new SilentStream();

    /// <summary>Answers 200 and <c>application/json</c> with bytes that are not JSON and not UTF-8.</summary>
    public static Behaviour Garbage { get; } = new Body(200, "application/json", [0xff, 0xfe, 0x00, (byte)'{', 0x80, 0xc1, (byte)'"', 0x0d]);

    /// <summary>Answers 200 with an HTML page, as a captive portal would.</summary>
    public static Behaviour Html { get; } = new Body(200, "text/html", "<html><body>Sign in</body></html>"u8.ToArray());

    /// <summary>Sends status 200 and headers, then cuts the connection.</summary>
    public static Behaviour DropAfterHeaders { get; } = new Dropping("");

    /// <summary>Sends half an event, then cuts the connection.</summary>
    public static Behaviour DropMidEvent { get; } = new Dropping("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":");

    internal FrozenSet<string>? Methods { get; private init; }

    internal FrozenSet<string>? Tools { get; private init; }

    /// <summary>Answers with this status; <paramref name="headers"/> for Retry-After, WWW-Authenticate and the like.</summary>
    public static Behaviour Status(int code, string body = "", string contentType = "text/plain", params (string Name, string Value)[] headers) =>
        new Body(code, contentType, Rpc.Bytes(body)) { Headers = headers };

    /// <summary>By the script, after this real time.</summary>
    public static Behaviour Slow(TimeSpan delay) => new Delayed(delay);

    /// <summary>Answers tools/list with a body of about this many bytes, never held in memory; other methods by the script.</summary>
    public static Behaviour HugeList(long totalBytes) => new Huge(totalBytes);

    /// <summary>Answers every list with one more page; <paramref name="sameCursor"/> repeats one cursor for ever.</summary>
    public static Behaviour EndlessList(bool sameCursor = false) => new Endless(sameCursor);

    /// <summary>Answers 401 to requests whose header does not have this value; the others by the script.</summary>
    public static Behaviour Demand(string header, string value) => Demand(request => request.Header(header) == value);

    /// <summary>Answers 401 to requests that do not hold; the others by the script.</summary>
    public static Behaviour Demand(Func<RecordedRequest, bool> holds) => new Demanding(holds);

    /// <summary>Decides for each request anew.</summary>
    public static Behaviour Choose(Func<RecordedRequest, Behaviour> choose) => new Chosen(choose);

    /// <summary>Answers 307 to this location.</summary>
    public static Behaviour RedirectTo(string location) => Status(307, headers: ("Location", location));

    /// <summary>The same, for these methods only; everything else is answered by the script.</summary>
    public Behaviour For(params string[] methods) => this with { Methods = methods.ToFrozenSet() };

    /// <summary>The same, for calls of these tools only.</summary>
    public Behaviour ForTools(params string[] names) => this with { Methods = FrozenSet.Create("tools/call"), Tools = names.ToFrozenSet() };

    internal sealed record Usual : Behaviour;

    internal sealed record Hanging : Behaviour;

    internal sealed record SilentStream : Behaviour;

    internal sealed record Body(int Code, string ContentType, byte[] Bytes) : Behaviour
    {
        public (string Name, string Value)[] Headers { get; init; } = [];
    }

    internal sealed record Dropping(string Begin) : Behaviour;

    internal sealed record Delayed(TimeSpan Delay) : Behaviour;

    internal sealed record Huge(long TotalBytes) : Behaviour;

    internal sealed record Demanding(Func<RecordedRequest, bool> Holds) : Behaviour;

    internal sealed record Chosen(Func<RecordedRequest, Behaviour> Choice) : Behaviour;

    internal sealed record Endless(bool SameCursor) : Behaviour;
}
