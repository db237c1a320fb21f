using System.Text;

using Microsoft.AspNetCore.Http;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Http;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>Serves Legacy POSTs: the handshake, then requests, notifications and answers within a session.</summary>
public sealed class LegacyEndpoint(
    BackendFleet fleet, IdentityCatalogs catalogs, SessionTable sessions, LegacyCalls calls, TaskRoutes tasks, ServerCard card)
{
    /// <summary>Handles one scanned message.</summary>
    public async Task PostAsync(HttpContext context, Envelope envelope, Caller caller)
    {
        if (envelope.Method == Methods.Initialize && envelope.Kind == MessageKind.Request)
        {
            await InitializeAsync(context, envelope, caller).ConfigureAwait(false);
            return;
        }

        if (await RequireSessionAsync(context, caller, envelope.Body[envelope.Id]).ConfigureAwait(false) is not { } session)
            return;
        using Session.Use use = session.Enter();
        switch (envelope.Kind)
        {
            case MessageKind.Request:
                await RequestAsync(context, session, envelope, caller).ConfigureAwait(false);
                break;
            case MessageKind.Notification:
                await NotificationAsync(session, envelope).ConfigureAwait(false);
                HttpAnswers.Accepted(context);
                break;
            default:
                if (session.Asks.Take(envelope.Bytes(envelope.Id)) is { } ask)
                    await ask.OnAnswer(envelope).ConfigureAwait(false);
                HttpAnswers.Accepted(context); // an answer nobody waits for any more is no fault of the client
                break;
        }
    }

    /// <summary>The session a request names, or an answer was written: 400 without an id, 404 for anything that is not this principal's live session.</summary>
    public async Task<Session?> RequireSessionAsync(HttpContext context, Caller caller, ReadOnlyMemory<byte> requestId)
    {
        string? version = context.Request.Headers[McpHeaders.ProtocolVersion];
        if (version is not null && !Revisions.IsLegacy(version))
        {
            await HttpAnswers.RpcErrorAsync(
                context, 400, requestId, JsonRpcCodes.InvalidRequest, $"Unsupported {McpHeaders.ProtocolVersion}: {StatusSafe(version)}").ConfigureAwait(false);
            return null;
        }

        string? id = context.Request.Headers[McpHeaders.SessionId];
        if (string.IsNullOrEmpty(id))
        {
            await HttpAnswers.RpcErrorAsync(
                context, 400, requestId, JsonRpcCodes.InvalidRequest, $"The header {McpHeaders.SessionId} is missing; send initialize first.").ConfigureAwait(false);
            return null;
        }

        Session? session = sessions.Find(id, caller);
        if (session is null)
            await HttpAnswers.RpcErrorAsync(context, 404, requestId, JsonRpcCodes.InvalidRequest, "Session not found; send initialize to open a new one.").ConfigureAwait(false);
        return session;
    }

    private static string StatusSafe(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private async Task InitializeAsync(HttpContext context, Envelope envelope, Caller caller)
    {
        ReadOnlyMemory<byte> id = envelope.Body[envelope.Id];
        string? proposed = envelope.Text(ParamKey.ProtocolVersion);
        ReadOnlyMemory<byte> capabilities = envelope.Body[envelope[ParamKey.Capabilities]];
        if (proposed is null || (!capabilities.IsEmpty && !RawJson.IsObject(capabilities.Span)))
        {
            string wrong = proposed is null ? "params.protocolVersion is missing or not a string." : "params.capabilities must be an object.";
            await HttpAnswers.RpcErrorAsync(context, 400, id, JsonRpcCodes.InvalidParams, wrong).ConfigureAwait(false);
            return;
        }

        string revision = Revisions.Negotiate(proposed);
        GatewaySnapshot snapshot = await catalogs.ForAsync(caller, ClientCapabilities.Parse(capabilities.Span), context.RequestAborted).ConfigureAwait(false);
        ReadOnlyMemory<byte> info = envelope.Body[envelope[ParamKey.ClientInfo]];
        Session? session = sessions.Open(
            caller, revision, capabilities.IsEmpty ? "{}"u8.ToArray() : capabilities.ToArray(), RawJson.IsObject(info.Span) ? info.ToArray() : default);
        if (session is null)
        {
            context.Response.Headers.RetryAfter = "5";
            await HttpAnswers.RpcErrorAsync(context, 503, id, JsonRpcCodes.InternalError, "Too many sessions are in use; try again later.").ConfigureAwait(false);
            return;
        }

        context.Response.Headers[McpHeaders.SessionId] = session.Id;
        await HttpAnswers.JsonAsync(context, 200, JsonRpc.Result(id.Span, card.InitializeResult(revision, snapshot))).ConfigureAwait(false);
    }

    private async Task RequestAsync(HttpContext context, Session session, Envelope envelope, Caller caller)
    {
        ReadOnlyMemory<byte> id = envelope.Body[envelope.Id];
        if (Lists.KindOf(envelope.Method) is { } kind)
        {
            GatewaySnapshot snapshot = await catalogs.ForAsync(caller, session.Capabilities, context.RequestAborted).ConfigureAwait(false);
            await HttpAnswers.JsonAsync(context, 200, Lists.Answer(snapshot, session.Capabilities, kind, envelope, default)).ConfigureAwait(false);
            return;
        }

        switch (envelope.Method)
        {
            case Methods.ToolsCall or Methods.PromptsGet or Methods.ResourcesRead or Methods.Complete:
                await CallAsync(context, session, envelope, caller).ConfigureAwait(false);
                break;
            case Methods.ResourcesSubscribe or Methods.ResourcesUnsubscribe:
                await SubscribeAsync(context, session, envelope, caller).ConfigureAwait(false);
                break;
            case Methods.TasksGet or Methods.TasksResult or Methods.TasksCancel:
                if (await CallRoute.FindTaskAsync(context, fleet.Current, tasks, envelope, caller).ConfigureAwait(false) is { } task)
                    await calls.RunAsync(session, task, new PostResponse(context, session.Replays), context.RequestAborted).ConfigureAwait(false);
                break;
            case Methods.Ping:
                await EmptyAsync(context, id).ConfigureAwait(false);
                break;
            case Methods.SetLevel:
                await SetLevelAsync(context, session, envelope).ConfigureAwait(false);
                break;
            default:
                await HttpAnswers.RpcErrorAsync(context, 200, id, JsonRpcCodes.MethodNotFound, "Method not found").ConfigureAwait(false);
                break;
        }
    }

    private static Task EmptyAsync(HttpContext context, ReadOnlyMemory<byte> id) =>
        HttpAnswers.JsonAsync(context, 200, JsonRpc.Result(id.Span, "{}"u8));

    private async Task CallAsync(HttpContext context, Session session, Envelope envelope, Caller caller)
    {
        if (await RouteAsync(context, session, envelope, caller).ConfigureAwait(false) is not { } call)
            return;
        await calls.RunAsync(session, CallRoute.Mirrored(call), new PostResponse(context, session.Replays), context.RequestAborted).ConfigureAwait(false);
        if (!fleet.Current.Has(call.Handle))
            session.Follow(fleet.Current); // the call may have opened a link after the others were let go of
    }

    private async ValueTask<RoutedCall?> RouteAsync(HttpContext context, Session session, Envelope envelope, Caller caller)
    {
        GatewaySnapshot snapshot = await catalogs.ForAsync(caller, session.Capabilities, context.RequestAborted).ConfigureAwait(false);
        return await CallRoute.FindAsync(context, snapshot, session.Capabilities, envelope, caller, modern: false).ConfigureAwait(false);
    }

    private async Task SubscribeAsync(HttpContext context, Session session, Envelope envelope, Caller caller)
    {
        if (await RouteAsync(context, session, envelope, caller).ConfigureAwait(false) is not { } call)
            return;
        string uri = envelope.Text(ParamKey.Uri)!;
        BackendFailure? failure = null;
        if (envelope.Method == Methods.ResourcesSubscribe)
            failure = await session.Listeners!.SubscribeAsync(call.Handle, call.Headers, uri, context.RequestAborted).ConfigureAwait(false);
        else
            await session.Listeners!.UnsubscribeAsync(uri, context.RequestAborted).ConfigureAwait(false);
        if (failure is null)
            await EmptyAsync(context, call.Id).ConfigureAwait(false);
        else
            await HttpAnswers.JsonAsync(context, 200, CallTrouble.Answer(call, failure, modern: false)).ConfigureAwait(false);
    }

    private static async Task SetLevelAsync(HttpContext context, Session session, Envelope envelope)
    {
        string? level = envelope.Text(ParamKey.Level);
        if (level is null || !LogLevels.IsKnown(level))
        {
            await HttpAnswers.RpcErrorAsync(
                context, 200, envelope.Body[envelope.Id], JsonRpcCodes.InvalidParams,
                "params.level must be one of debug, info, notice, warning, error, critical, alert, emergency.").ConfigureAwait(false);
            return;
        }

        await session.Listeners!.SetLevelAsync(level, context.RequestAborted).ConfigureAwait(false);
        await EmptyAsync(context, envelope.Body[envelope.Id]).ConfigureAwait(false);
    }

    private static async Task NotificationAsync(Session session, Envelope envelope)
    {
        switch (envelope.Method)
        {
            case Methods.Cancelled:
                if (session.Calls.TryGetValue(Encoding.UTF8.GetString(envelope.Bytes(envelope[ParamKey.RequestId])), out CallHandle? call))
                {
                    Range reason = RawJson.Find(envelope.Bytes(envelope.Params), "reason"u8);
                    await call.CancelAsync(RawJson.ReadString(envelope.Bytes(envelope.Params)[reason])).ConfigureAwait(false);
                }

                break;
            case Methods.Progress:
                if (session.Asks.FindByProgress(envelope.Bytes(envelope[ParamKey.ProgressToken])) is { Link: { } link })
                    await link.PostAsync(envelope.Body, [], session.Ended.Token).ConfigureAwait(false);
                break;
            case Methods.RootsChanged:
                await Task.WhenAll(session.Links.Live.Select(l => l.PostAsync(envelope.Body, [], session.Ended.Token))).ConfigureAwait(false);
                break;
            default:
                break; // notifications/initialized and what we do not know need no answer
        }
    }
}
