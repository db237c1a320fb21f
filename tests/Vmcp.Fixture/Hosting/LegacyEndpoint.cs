using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;
using Vmcp.Fixture.Content;

namespace Vmcp.Fixture.Hosting;

/// <summary>Streamable HTTP of the revisions 2025-03-26 to 2025-11-25: sessions, POST, GET with resumption, DELETE.</summary>
internal sealed class LegacyEndpoint(FixtureServer server, bool plainJson, CancellationToken stopping)
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const int MostSessions = 10_000;

    private static readonly string[] Versions = ["2025-03-26", "2025-06-18", "2025-11-25"];

    private readonly LegacyCalls _calls = new(server);
    private readonly ConcurrentDictionary<string, LegacySession> _sessions = new();

    public async Task HandleAsync(HttpContext context)
    {
        string version = context.Request.Headers["MCP-Protocol-Version"].ToString();
        if (version.Length > 0 && !Versions.Contains(version))
        {
            await RefuseAsync(context, 400, $"Bad Request: Unsupported protocol version: {version}");
            return;
        }

        switch (context.Request.Method)
        {
            case "POST":
                await PostAsync(context);
                break;
            case "GET" when await SessionAsync(context) is { } session:
                await ListenAsync(context, session);
                break;
            case "DELETE" when await SessionAsync(context) is { } session:
                _sessions.TryRemove(session.Id, out _);
                session.Dispose();
                break;
            case "GET" or "DELETE":
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                break;
        }
    }

    private async Task PostAsync(HttpContext context)
    {
        string accept = context.Request.Headers.Accept.ToString();
        if (!accept.Contains("application/json", StringComparison.Ordinal)
            || !accept.Contains("text/event-stream", StringComparison.Ordinal))
        {
            await RefuseAsync(context, 406, "Not Acceptable: Client must accept both application/json and text/event-stream");
            return;
        }

        if (await context.ReadMessageAsync() is not { } message)
            return;
        bool starts = message["method"].Text() == "initialize";
        LegacySession? session = starts ? Open() : await SessionAsync(context);
        if (session is null)
            return;
        if (starts)
            context.Response.Headers[SessionHeader] = session.Id;

        if (!message.ContainsKey("method") || message["id"] is null)
        {
            context.Response.StatusCode = LegacyCalls.Take(session, message)
                ? StatusCodes.Status202Accepted
                : StatusCodes.Status400BadRequest;
            return;
        }

        EventStream stream = session.NewStream();
        Task run = RunAsync(session, stream, message);
        bool resumable = session.Revision == Versions[^1] && !starts;
        try
        {
            await context.WriteCallAsync(stream, plainJson, withIds: true, resumable ? stream.StartId : null, _ => 200);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone. The call goes on: it may come back and resume.
        }

        await run;
    }

    private async Task RunAsync(LegacySession session, EventStream stream, JsonObject request)
    {
        await _calls.RunAsync(session, stream, request);
        stream.Complete();
    }

    private async Task ListenAsync(HttpContext context, LegacySession session)
    {
        (EventStream Stream, int After) from = (session.Standalone, session.Standalone.Delivered);
        if (context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } eventId)
        {
            if (session.Find(eventId) is not { } found)
            {
                await RefuseAsync(context, 400, "Bad Request: Unknown event id");
                return;
            }

            from = found;
        }

        // A message goes to one stream only, so the newest reader takes over.
        from.Stream.Disconnect();
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await context.BeginEventsAsync();
            await foreach (StreamEvent item in from.Stream.ReadAsync(from.After, resumes: true, ends.Token))
                await context.WriteEventAsync(item.Message, item.Id);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The client or this program ended the stream.
        }
    }

    private LegacySession Open()
    {
        LegacySession session = _calls.NewSession();
        _sessions[session.Id] = session;
        if (_sessions.Count > MostSessions && _sessions.TryRemove(_sessions.First().Key, out LegacySession? some))
            some.Dispose();
        return session;
    }

    private async Task<LegacySession?> SessionAsync(HttpContext context)
    {
        string id = context.Request.Headers[SessionHeader].ToString();
        if (_sessions.TryGetValue(id, out LegacySession? session))
            return session;
        if (id.Length == 0)
            await RefuseAsync(context, 400, "Bad Request: Mcp-Session-Id header is required");
        else
            await RefuseAsync(context, 404, "Session not found", code: -32001);
        return null;
    }

    private static Task RefuseAsync(HttpContext context, int status, string message, int code = -32000) =>
        context.WriteJsonAsync(status, Rpc.Error(null, new RpcException(code, message)));
}
