using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>HTTP+SSE of 2024-11-05: one GET stream carries everything back, messages go to the URL its first event names.</summary>
internal sealed class HttpSseEndpoint : EraEndpoint
{
    private readonly ConcurrentDictionary<string, LegacySession> _sessions = new();
    private readonly LegacyDispatch _dispatch;

    public HttpSseEndpoint(ScriptedBackend backend)
        : base(backend) => _dispatch = new LegacyDispatch(backend, this);

    public override int OpenSessions => _sessions.Count;

    public override IEnumerable<Outbox> OpenBoxes => _sessions.Values.Select(s => s.Unsolicited);

    public override Task ServeAsync(HttpContext http, RecordedRequest request, RpcMessage? message, CancellationToken ended)
    {
        bool isStream = http.Request.Path == Script.Path;
        switch (request.Verb)
        {
            case "GET" when isStream:
                return StreamAsync(http, ended);
            case "POST" when isStream:
                http.Response.StatusCode = Script.PostToSseStatus;
                return Task.CompletedTask;
            case "POST" when http.Request.Path == "/message":
                return PostAsync(http, request, message);
            default:
                http.Response.StatusCode = 404;
                return Task.CompletedTask;
        }
    }

    public override int Broadcast(Broadcast message)
    {
        int reached = 0;
        foreach (LegacySession session in _sessions.Values)
        {
            bool wanted = session.IsInitialized
                && (message.Uri is null || session.Subscriptions.ContainsKey(message.Uri))
                && (message.Level is null || LogLevels.Passes(message.Level, session.LogLevel));
            if (wanted && session.Unsolicited.Send(Rpc.Notification(message.Method, message.ParamsJson)))
                reached++;
        }

        return reached;
    }

    public override void ForgetSessions()
    {
        foreach (LegacySession session in _sessions.Values)
            session.End();
    }

    private async Task StreamAsync(HttpContext http, CancellationToken ended)
    {
        var session = new LegacySession(Guid.NewGuid().ToString("N"), NewOutbox());
        _sessions[session.Id] = session;
        try
        {
            BeginStream(http);
            string target = Script.EndpointData?.Invoke(session.Id) ?? $"/message?sessionId={session.Id}";
            await http.Response.Body.WriteAsync(SseText.Event(target, type: "endpoint", newline: Script.SseNewline), ended);
            await http.Response.Body.FlushAsync(ended);
            await FollowAsync(http, session.Unsolicited, 0, ended);
        }
        finally
        {
            // Losing the stream is losing the session.
            _sessions.TryRemove(session.Id, out _);
            session.End();
        }
    }

    private async Task PostAsync(HttpContext http, RecordedRequest request, RpcMessage? message)
    {
        if (!_sessions.TryGetValue(http.Request.Query["sessionId"].ToString(), out LegacySession? session))
        {
            await RefuseAsync(http, 404, -32001, "Session not found");
            return;
        }

        if (message is null)
        {
            await RefuseAsync(http, 400, -32700, "Parse error");
            return;
        }

        http.Response.StatusCode = 202;
        if (!message.IsRequest)
            _dispatch.Accept(session, message);
        else
            Backend.Track(AnswerAsync(session, request, message));
    }

    private async Task AnswerAsync(LegacySession session, RecordedRequest request, RpcMessage message)
    {
        Outbox stream = session.Unsolicited;
        string? answer = message.Method == "initialize" ? _dispatch.Initialize(session, message)
            : !session.IsInitialized ? Rpc.Error(message.IdRaw, -32000, "Server not initialized")
            : await _dispatch.AnswerAsync(session, message, request.Headers, stream, stream);
        if (answer is not null)
            stream.Send(answer);
    }
}
