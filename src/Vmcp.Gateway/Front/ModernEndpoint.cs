using Microsoft.AspNetCore.Http;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>Serves Modern POSTs: each one carries all it needs.</summary>
public sealed class ModernEndpoint(BackendFleet fleet, ModernCalls calls, HiddenLinks links, ListenStreams streams, TaskRoutes tasks, ServerCard card)
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
        GatewaySnapshot snapshot = fleet.Current;
        ClientCapabilities client = ClientCapabilities.Parse(envelope.Bytes(envelope[MetaKey.ClientCapabilities]));
        fleet.Profiles.Note(client);
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
            case Methods.TasksGet or Methods.TasksUpdate or Methods.TasksCancel:
                await TaskAsync(context, snapshot, envelope, caller).ConfigureAwait(false);
                break;
            default:
                await HttpAnswers.RpcErrorAsync(context, 404, id, JsonRpcCodes.MethodNotFound, "Method not found").ConfigureAwait(false);
                break;
        }
    }

    private async Task CallAsync(
        HttpContext context, GatewaySnapshot snapshot, ClientCapabilities client, Envelope envelope, Caller caller)
    {
        IReadOnlyList<KeyValuePair<string, string>> headers = PassthroughHeaders.Copy(context.Request, snapshot.Settings);
        if (!Router.TryRoute(snapshot, client, envelope, caller, headers, out RoutedCall? call, out RouteProblem? problem))
        {
            await HttpAnswers.JsonAsync(context, 200, LegacyEndpoint.CompletionOrTrouble(envelope, problem, modern: true)).ConfigureAwait(false);
            return;
        }

        if (!await call.Handle.IsKnownAsync(context.RequestAborted).ConfigureAwait(false))
        {
            await HttpAnswers.JsonAsync(context, 200, CallTrouble.NotYetKnown(call, modern: true)).ConfigureAwait(false);
            return;
        }

        if (envelope.Method == Methods.Complete && !call.Handle.Completes)
        {
            await HttpAnswers.JsonAsync(context, 200, LegacyEndpoint.NoCompletion(envelope, modern: true)).ConfigureAwait(false);
            return;
        }

        if (MirroredArguments.FindMismatch(call, name => context.Request.Headers[name]) is { } wrong)
        {
            await HttpAnswers.RpcErrorAsync(
                context, 400, call.Id, JsonRpcCodes.HeaderMismatch, $"The header {wrong.Header} does not match the request body.",
                EraClassifier.MismatchData(wrong.Header, wrong.Sent, wrong.InBody)).ConfigureAwait(false);
            return;
        }

        if (call.Handle.Era == Era.Modern)
            call = call with { Headers = MirroredArguments.AddTo(call) };
        await calls.RunAsync(call, new PostResponse(context, replays: null), context.RequestAborted).ConfigureAwait(false);
        if (!fleet.Current.Has(call.Handle))
            links.Prune(fleet.Current); // the call may have opened a link after the others were let go of
    }

    private async Task TaskAsync(HttpContext context, GatewaySnapshot snapshot, Envelope envelope, Caller caller)
    {
        string? taskId = envelope.Text(ParamKey.TaskId);
        string? backend = taskId is null ? null : tasks.Find(caller.Principal, taskId);
        if (backend is null || !snapshot.Backends.TryGetValue(backend, out BackendView? view))
        {
            await HttpAnswers.RpcErrorAsync(context, 200, envelope.Body[envelope.Id], JsonRpcCodes.InvalidParams, CallTrouble.NoTask(backend)).ConfigureAwait(false);
            return;
        }

        RoutedCall call = new(
            envelope, new Core.Catalogs.Route(taskId!, backend, taskId!), view.Handle, caller, PassthroughHeaders.Copy(context.Request, snapshot.Settings));
        await calls.RunAsync(call, new PostResponse(context, replays: null), context.RequestAborted).ConfigureAwait(false);
    }
}
