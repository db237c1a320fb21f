using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>Streamable HTTP with sessions: POST, GET and DELETE of 2025-03-26 to 2025-11-25.</summary>
internal sealed class LegacyEndpoint : EraEndpoint
{
    private readonly ConcurrentDictionary<string, LegacySession> _sessions = new();
    private readonly LegacyDispatch _dispatch;
    private LegacySession _shared;

    public LegacyEndpoint(ScriptedBackend backend)
        : base(backend)
    {
        _dispatch = new LegacyDispatch(backend, this);
        _shared = new LegacySession("", NewOutbox()) { IsInitialized = true };
    }

    public override int OpenSessions => _sessions.Count;

    public override IEnumerable<Outbox> OpenBoxes => All.Select(s => s.Unsolicited).Where(box => box.Followers > 0);

    private IEnumerable<LegacySession> All => [.. _sessions.Values, _shared];

    public override async Task ServeAsync(HttpContext http, RecordedRequest request, RpcMessage? message, CancellationToken ended)
    {
        switch (request.Verb)
        {
            case "POST": await PostAsync(http, request, message, ended); break;
            case "GET": await GetAsync(http, request, ended); break;
            case "DELETE": await DeleteAsync(http, request); break;
            default: http.Response.StatusCode = 405; break;
        }
    }

    public override int Broadcast(Broadcast message)
    {
        int reached = 0;
        foreach (LegacySession session in All)
        {
            bool wanted = (message.Uri is null || session.Subscriptions.ContainsKey(message.Uri))
                && (message.Level is null || LogLevels.Passes(message.Level, session.LogLevel));
            if (!wanted || (session.Unsolicited.Followers == 0 && !Script.EventIds))
                continue;
            if (session.Unsolicited.Send(Rpc.Notification(message.Method, message.ParamsJson)) && session.Unsolicited.Followers > 0)
                reached++;
        }

        return reached;
    }

    public override void ForgetSessions()
    {
        LegacySession[] ended = [.. All];
        _sessions.Clear();
        _shared = new LegacySession("", NewOutbox()) { IsInitialized = true };
        foreach (LegacySession session in ended)
            session.End();
    }

    private async Task PostAsync(HttpContext http, RecordedRequest request, RpcMessage? message, CancellationToken ended)
    {
        if (message?.Method == "server/discover" && request.SessionId is null)
        {
            // The probe of a dual-era client: refused as a legacy server would, and no fault.
            await RefuseAsync(http, 400, -32000, "Bad Request: Server not initialized");
            return;
        }

        if (!await HasProperMediaTypesAsync(http, request))
            return;
        if (message is null)
        {
            await ServeBatchAsync(http, request, ended);
            return;
        }

        if (message is { Method: "initialize", IsRequest: true })
        {
            await InitializeAsync(http, request, message, ended);
            return;
        }

        if (await FindSessionAsync(http, request, message.IdRaw) is not { } session)
            return;
        if (message.IsRequest)
        {
            await AnswerAsync(http, request, message, session, ended);
            return;
        }

        if (!message.IsNotification && !message.IsResponse)
        {
            await RefuseAsync(http, 400, -32600, "Invalid Request");
            return;
        }

        _dispatch.Accept(session, message);
        http.Response.StatusCode = 202;
    }

    private async Task InitializeAsync(HttpContext http, RecordedRequest request, RpcMessage message, CancellationToken ended)
    {
        if (request.SessionId is not null)
            Backend.Fault("initialize was sent with a session id");
        LegacySession session = _shared;
        if (Script.IssuesSessions)
        {
            session = new LegacySession(Guid.NewGuid().ToString("N"), NewOutbox());
            _sessions[session.Id] = session;
            http.Response.Headers["Mcp-Session-Id"] = session.Id;
        }

        Outbox box = NewOutbox();
        box.Finish(_dispatch.Initialize(session, message));
        await WriteAnswerAsync(http, session, box, mayPoll: false, ended);
    }

    private async Task AnswerAsync(HttpContext http, RecordedRequest request, RpcMessage message, LegacySession session, CancellationToken ended)
    {
        Outbox box = NewOutbox();
        if (Script.EventIds)
            session.Resumable[box.Number] = box;
        Outbox questions = Script.ServerRequests == ServerRequestsOn.Get ? session.Unsolicited : box;

        // Not bound to this connection: in the legacy eras a disconnect is not a cancel.
        Backend.Track(RunAsync());
        await WriteAnswerAsync(http, session, box, mayPoll: true, ended);

        async Task RunAsync() => box.Finish(await _dispatch.AnswerAsync(session, message, request.Headers, box, questions));
    }

    private async Task WriteAnswerAsync(HttpContext http, LegacySession session, Outbox box, bool mayPoll, CancellationToken ended)
    {
        if (Script.Answers == AnswerAs.Json && await box.AtAsync(0, ended) is { } first && box.EndsAt(0))
        {
            await WriteJsonAsync(http, 200, first, ended);
            return;
        }

        BeginStream(http);
        if (mayPoll && Script is { PollRetryMilliseconds: { } retry, EventIds: true } && session.Revision == "2025-11-25")
        {
            await http.Response.Body.WriteAsync(SseText.Priming($"{box.Number}-start", retry, Script.SseNewline), ended);
            return;
        }

        await http.Response.Body.FlushAsync(ended);
        await FollowAsync(http, box, 0, ended);
    }

    private async Task ServeBatchAsync(HttpContext http, RecordedRequest request, CancellationToken ended)
    {
        JsonElement batch = RpcBatch.TryParse(request.Body);
        if (batch.ValueKind != JsonValueKind.Array)
        {
            await RefuseAsync(http, 400, -32700, "Parse error");
            return;
        }

        if (await FindSessionAsync(http, request, null) is not { } session)
            return;
        if (session.Revision != "2025-03-26")
        {
            Backend.Fault($"a batch was sent in a session of {session.Revision}");
            await RefuseAsync(http, 400, -32600, "Batches are not supported");
            return;
        }

        var answers = new List<string>();
        foreach (RpcMessage message in batch.EnumerateArray().Select(RpcMessage.From).OfType<RpcMessage>())
        {
            if (!message.IsRequest)
                _dispatch.Accept(session, message);
            else if (await _dispatch.AnswerAsync(session, message, request.Headers, NewOutbox(), session.Unsolicited) is { } answer)
                answers.Add(answer);
        }

        if (answers.Count == 0)
            http.Response.StatusCode = 202;
        else
            await WriteJsonAsync(http, 200, $"[{string.Join(',', answers)}]", ended);
    }

    private async Task GetAsync(HttpContext http, RecordedRequest request, CancellationToken ended)
    {
        if (!Script.HasGetStream)
        {
            http.Response.StatusCode = 405;
            http.Response.Headers.Allow = "POST, DELETE";
            return;
        }

        if (await FindSessionAsync(http, request, null) is not { } session)
            return;
        (Outbox? box, int from) = (null, 0);
        if (Script.EventIds && request.Header("Last-Event-ID") is { } last)
        {
            string[] parts = last.Split('-');
            if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                || !session.Resumable.TryGetValue(number, out box))
            {
                await RefuseAsync(http, 400, -32000, $"Unknown event id {last}");
                return;
            }

            from = parts[1] == "start" ? 0 : int.Parse(parts[1], CultureInfo.InvariantCulture) + 1;
        }
        else
        {
            Outbox previous = session.Unsolicited;
            box = session.Unsolicited = NewOutbox();
            session.Resumable[box.Number] = box;
            if (!Script.EventIds)
                previous.Finish();
        }

        BeginStream(http);
        using IDisposable attached = box.Attach();
        await http.Response.Body.FlushAsync(ended);
        await FollowAsync(http, box, from, ended);
    }

    private async Task DeleteAsync(HttpContext http, RecordedRequest request)
    {
        if (!Script.AllowsDelete)
        {
            http.Response.StatusCode = 405;
            return;
        }

        if (await FindSessionAsync(http, request, null) is { } session && _sessions.TryRemove(session.Id, out _))
            session.End();
    }

    private async Task<LegacySession?> FindSessionAsync(HttpContext http, RecordedRequest request, string? idRaw)
    {
        LegacySession? session = _shared;
        if (Script.IssuesSessions)
        {
            if (request.SessionId is not { } id)
            {
                Backend.Fault($"{request}: no Mcp-Session-Id");
                await RefuseAsync(http, 400, -32000, "Bad Request: Server not initialized", idRaw);
                return null;
            }

            if (!_sessions.TryGetValue(id, out session))
            {
                await RefuseAsync(http, 404, -32001, "Session not found", idRaw);
                return null;
            }
        }
        else if (request.SessionId is not null)
        {
            Backend.Fault($"{request}: a session id was sent to a server that issues none");
        }

        return await HasProperVersionAsync(http, request, session, idRaw) ? session : null;
    }

    private async Task<bool> HasProperVersionAsync(HttpContext http, RecordedRequest request, LegacySession session, string? idRaw)
    {
        string? version = request.Header("MCP-Protocol-Version");
        if (version is null)
        {
            if (string.CompareOrdinal(session.Revision, "2025-06-18") < 0)
                return true;
            Backend.Fault($"{request}: no MCP-Protocol-Version");
            if (!Script.RequiresVersionHeader)
                return true;
            await RefuseAsync(http, 400, -32000, "Bad Request: MCP-Protocol-Version is required", idRaw);
            return false;
        }

        if (!LegacyDispatch.IsKnownVersion(version))
        {
            Backend.Fault($"{request}: MCP-Protocol-Version {version}");
            await RefuseAsync(http, 400, -32000, $"Bad Request: Unsupported protocol version: {version}", idRaw);
            return false;
        }

        if (session.Revision.Length > 0 && session.Revision != version)
            Backend.Fault($"{request}: MCP-Protocol-Version {version}, but {session.Revision} was negotiated");
        return true;
    }
}
