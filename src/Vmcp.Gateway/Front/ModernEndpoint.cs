using Microsoft.AspNetCore.Http;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>Serves Modern POSTs: each one carries all it needs.</summary>
public sealed class ModernEndpoint(
    BackendFleet fleet, IdentityCatalogs catalogs, ModernCalls calls, HiddenLinks links, ListenStreams streams, TaskRoutes tasks, ServerCard card)
{
    /// <summary>Handles one scanned and classified message.</summary>
    public async Task PostAsync(HttpContext context, Envelope envelope, Caller caller, CancellationToken stopping)
    {
        if (envelope.Kind == MessageKind.Notification)
        {
            HttpAnswers.Accepted(context); // a Modern client cancels by closing the stream; there is nothing else to be told
            return;
        }

        context.Response.Headers.CacheControl = "private, no-store";
        ClientCapabilities client = ClientCapabilities.Parse(envelope.Bytes(envelope[MetaKey.ClientCapabilities]));
        fleet.Profiles.Note(client);
        if (envelope.Method is Methods.TasksGet or Methods.TasksUpdate or Methods.TasksCancel)
        {
            if (await CallRoute.FindTaskAsync(context, fleet.Current, tasks, envelope, caller).ConfigureAwait(false) is { } task)
                await calls.RunAsync(task, new PostResponse(context, replays: null), context.RequestAborted).ConfigureAwait(false);
            return;
        }

        GatewaySnapshot snapshot = await catalogs.ForAsync(caller, client, context.RequestAborted).ConfigureAwait(false);
        if (Lists.KindOf(envelope.Method) is { } kind)
        {
            await HttpAnswers.JsonAsync(context, 200, Lists.Answer(snapshot, client, kind, envelope, card.ModernListMembers)).ConfigureAwait(false);
            return;
        }

        ReadOnlyMemory<byte> id = envelope.Body[envelope.Id];
        switch (envelope.Method)
        {
            case Methods.ToolsCall or Methods.PromptsGet or Methods.ResourcesRead or Methods.Complete:
                await CallAsync(context, snapshot, client, envelope, caller).ConfigureAwait(false);
                break;
            case Methods.Discover:
                await HttpAnswers.JsonAsync(context, 200, JsonRpc.Result(id.Span, card.DiscoverResult(snapshot, snapshot.CatalogFor(client)))).ConfigureAwait(false);
                break;
            case Methods.Listen:
                await streams.RunAsync(context, envelope, caller, stopping).ConfigureAwait(false);
                break;
            default:
                await HttpAnswers.RpcErrorAsync(context, 404, id, JsonRpcCodes.MethodNotFound, "Method not found").ConfigureAwait(false);
                break;
        }
    }

    private async Task CallAsync(
        HttpContext context, GatewaySnapshot snapshot, ClientCapabilities client, Envelope envelope, Caller caller)
    {
        if (await CallRoute.FindAsync(context, snapshot, client, envelope, caller, modern: true).ConfigureAwait(false) is not { } call)
            return;
        if (MirroredArguments.FindMismatch(call, name => context.Request.Headers[name]) is { } wrong)
        {
            await HttpAnswers.RpcErrorAsync(
                context, 400, call.Id, JsonRpcCodes.HeaderMismatch, $"The header {wrong.Header} does not match the request body.",
                EraClassifier.MismatchData(wrong.Header, wrong.Sent, wrong.InBody)).ConfigureAwait(false);
            return;
        }

        await calls.RunAsync(CallRoute.Mirrored(call), new PostResponse(context, replays: null), context.RequestAborted).ConfigureAwait(false);
        if (!fleet.Current.Has(call.Handle))
            links.Prune(fleet.Current); // the call may have opened a link after the others were let go of
    }
}
