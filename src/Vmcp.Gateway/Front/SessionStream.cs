using System.Globalization;

using Microsoft.AspNetCore.Http;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Http;

namespace Vmcp.Gateway.Front;

/// <summary>Serves GET (a session's standalone stream, or a POST stream taken up again) and DELETE.</summary>
public sealed class SessionStream(LegacyEndpoint legacy, SessionTable sessions, GatewayOptions options, TimeProvider time)
{
    /// <summary>The body of the 406 (vmcp-runtime 3.5).</summary>
    private static readonly byte[] NotAcceptable =
        """{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"Not Acceptable: Client must accept text/event-stream"}}"""u8.ToArray();

    /// <summary>Opens a stream.</summary>
    public async Task GetAsync(HttpContext context, Caller caller, CancellationToken stopping)
    {
        if (RefuseModern(context))
            return;
        if (context.Request.Headers.Accept.Count == 0 || !PostResponse.Accepts(context.Request, "text/event-stream"))
        {
            await HttpAnswers.JsonAsync(context, StatusCodes.Status406NotAcceptable, NotAcceptable).ConfigureAwait(false);
            return;
        }

        if (await legacy.RequireSessionAsync(context, caller, default).ConfigureAwait(false) is not { } session)
            return;
        using Session.Use use = session.Enter();
        string? lastId = context.Request.Headers["Last-Event-ID"];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stopping, session.Ended.Token);
        using ProofLimit proof = new(caller, () => session.Caller, time, stop.Token);
        PostResponse.StartStream(context);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        if (lastId is not null && session.Replays.Find(lastId) is { } replay)
        {
            await EventStream.RunAsync(
                context, replay.Events, replay.After, options.KeepAlive, time, n => ReplayStreams.EventId(replay.Number, n), static json => json, proof.Ended)
                .ConfigureAwait(false);
            return;
        }

        using SessionListeners.Reader? reader = session.Listeners?.StreamOpened();
        await EventStream.RunAsync(
            context, session.Outbox, PositionOf(lastId), options.KeepAlive, time, static n => n.ToString(CultureInfo.InvariantCulture), static json => json,
            proof.Ended).ConfigureAwait(false);
    }

    /// <summary>Ends a session.</summary>
    public async Task DeleteAsync(HttpContext context, Caller caller)
    {
        if (RefuseModern(context))
            return;
        if (await legacy.RequireSessionAsync(context, caller, default).ConfigureAwait(false) is not { } session)
            return;
        sessions.End(session);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    private static long? PositionOf(string? lastEventId) =>
        long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>MCP 2026-07-28 has POST only.</summary>
    private static bool RefuseModern(HttpContext context)
    {
        string? version = context.Request.Headers[McpHeaders.ProtocolVersion];
        if (version is null || !Revisions.IsModernOrLater(version))
            return false;
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "POST";
        return true;
    }
}
