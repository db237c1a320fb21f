using Microsoft.AspNetCore.Http;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>Finds where a request leads, for both eras; one that leads nowhere is answered here.</summary>
internal static class CallRoute
{
    /// <summary>The routed request; null when it was answered: it names nothing this client is shown, or nobody knows yet how to reach the backend.</summary>
    public static async ValueTask<RoutedCall?> FindAsync(
        HttpContext context, GatewaySnapshot snapshot, ClientCapabilities client, Envelope envelope, Caller caller, bool modern)
    {
        IReadOnlyList<KeyValuePair<string, string>> headers = PassthroughHeaders.Copy(context.Request, snapshot.Settings);
        bool found = Router.TryRoute(snapshot, client, envelope, caller, headers, out RoutedCall? call, out RouteProblem? problem);
        byte[] refusal;
        if (!found)
            refusal = IsEmptyCompletion(envelope, problem!) ? NoCompletion(envelope, modern) : CallTrouble.Answer(envelope, problem!, modern);
        else if (!await call!.Handle.IsKnownAsync(context.RequestAborted).ConfigureAwait(false))
            refusal = CallTrouble.NotYetKnown(call, modern);
        else if (envelope.Method == Methods.Complete && !call.Handle.Completes)
            refusal = NoCompletion(envelope, modern);
        else
            return call;
        await HttpAnswers.JsonAsync(context, 200, refusal).ConfigureAwait(false);
        return null;
    }

    /// <summary>Arguments that travel as headers too, where the backend wants them.</summary>
    public static RoutedCall Mirrored(RoutedCall call) =>
        call.Handle.Era == Protocol.Eras.Era.Modern ? call with { Headers = MirroredArguments.AddTo(call) } : call;

    /// <summary>A task's request goes to the backend that started the task for this caller; null when it was answered: there is none.</summary>
    public static async ValueTask<RoutedCall?> FindTaskAsync(HttpContext context, GatewaySnapshot snapshot, TaskRoutes tasks, Envelope envelope, Caller caller)
    {
        string? taskId = envelope.Text(ParamKey.TaskId);
        string? backend = taskId is null ? null : tasks.Find(caller.Principal, taskId);
        if (backend is not null && snapshot.Backends.TryGetValue(backend, out BackendView? view))
        {
            return new RoutedCall(
                envelope, new Core.Catalogs.Route(taskId!, backend, taskId!), view.Handle, caller, PassthroughHeaders.Copy(context.Request, snapshot.Settings));
        }

        await HttpAnswers.RpcErrorAsync(context, 200, envelope.Body[envelope.Id], JsonRpcCodes.InvalidParams, CallTrouble.NoTask(backend)).ConfigureAwait(false);
        return null;
    }

    /// <summary>Completion has nothing to offer for what it does not know; everything else says what is wrong.</summary>
    private static bool IsEmptyCompletion(Envelope envelope, RouteProblem problem) =>
        envelope.Method == Methods.Complete && !problem.Away && !problem.Message.StartsWith("params.", StringComparison.Ordinal);

    private static byte[] NoCompletion(Envelope envelope, bool modern) => JsonRpc.Result(
        envelope.Bytes(envelope.Id),
        modern ? "{\"completion\":{\"values\":[]},\"resultType\":\"complete\"}"u8 : "{\"completion\":{\"values\":[]}}"u8);
}
