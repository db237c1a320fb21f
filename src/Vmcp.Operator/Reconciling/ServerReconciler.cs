using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Events;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Queues;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Polling;
using Vmcp.Operator.Settings;
using Vmcp.Operator.Watching;
using Vmcp.Resources;

namespace Vmcp.Operator.Reconciling;

/// <summary>Makes the plan of one server; <see cref="VirtualServerPlanner"/> in the operator.</summary>
/// <param name="server">The server.</param>
/// <param name="world">Its world.</param>
/// <param name="settings">What every gateway gets.</param>
public delegate ServerPlan Planner(VirtualMCPServer server, World world, OperatorSettings settings);

/// <summary>One pass over one VirtualMCPServer: gather, plan, write what differs, write status (design 4, Reconcile).</summary>
/// <param name="view">The picture of the cluster.</param>
/// <param name="worlds">Gathers.</param>
/// <param name="planner">Plans.</param>
/// <param name="applier">Writes children.</param>
/// <param name="statuses">Writes status.</param>
/// <param name="index">Forgets servers that are gone.</param>
/// <param name="poller">Asks inline gateways.</param>
/// <param name="events">Tells users.</param>
/// <param name="metrics">Counts.</param>
/// <param name="settings">What every gateway gets.</param>
/// <param name="logger">Takes changes of state.</param>
public sealed class ServerReconciler(
    ClusterView view,
    WorldBuilder worlds,
    Planner planner,
    Applier applier,
    StatusWriter statuses,
    DependencyIndex index,
    StatusPoller poller,
    EventRecorder events,
    OperatorMetrics metrics,
    OperatorSettings settings,
    ILogger<ServerReconciler> logger)
{
    /// <summary>The controller's name in flags and metrics.</summary>
    public const string Name = "virtualmcpserver";

    // What stands in the way is not watched by everybody; a slow look heals what no watch tells (operator.md 1.2).
    private static readonly TimeSpan ObstacleRecheck = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DeferredRecheck = TimeSpan.FromSeconds(5);

    /// <summary>Brings one server to what its spec says, or as near as what is there allows.</summary>
    /// <exception cref="KubeException">The API server failed; the queue tries again later.</exception>
    public async Task<WorkResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (view.Find(ToolHive.VirtualMCPServer, key) is not { Raw: { } live } seen)
        {
            Forget(key);
            return WorkResult.Done;
        }

        if (live.Meta.DeletionTimestamp is not null)
        {
            // Its children go by garbage collection; a write now would only bring some back.
            poller.Untrack(key);
            return WorkResult.Done;
        }

        if (seen.Record is not VirtualMCPServer server)
            return await RefuseAsync(live, seen.Flaw ?? "it cannot be read", cancellationToken).ConfigureAwait(false);
        World world = await worlds.BuildAsync(server, cancellationToken).ConfigureAwait(false);
        Track(server, world);
        ServerPlan plan = planner(server, world, settings);
        ServerRef owner = new(key, live.Meta.Uid);
        ApplyResult result = await applier.ApplyAsync(owner, plan, world.Live, (child, deployment, pods) => StillRemovable(server, world, child, deployment, pods), cancellationToken).ConfigureAwait(false);
        Tell(live, plan, result);
        StatusPlan status = ObstacleStatus.Amend(plan.Status, result);
        int writes = await statuses.WriteAsync(live, status, cancellationToken).ConfigureAwait(false);
        Count(key, world, status, result, writes);
        return Next(plan, result);
    }

    private void Forget(ObjectKey key)
    {
        index.Remove(key);
        applier.Forget(key);
        statuses.Forget(key);
        poller.Untrack(key);
        metrics.Forget(key);
    }

    private void Track(VirtualMCPServer server, World world)
    {
        if (Modes.IsInline(server))
            poller.Track(server.Key, PodTarget.Ready(world.Live.Pods));
        else
            poller.Untrack(server.Key);
    }

    // What runs keeps running; only an edit helps, and it wakes us.
    private async Task<WorkResult> RefuseAsync(KubeObject live, string flaw, CancellationToken cancellationToken)
    {
        StatusPlan status = UnreadableStatus.Of(live, flaw);
        events.Record(EventSubject.Of(ToolHive.VirtualMCPServer, live.Meta), EventLevel.Warning, UnreadableStatus.Reason, "Reconcile", status.Message);
        logger.InTheWay(live.Key, UnreadableStatus.Reason, status.Message);
        metrics.Wrote("VirtualMCPServer/status", await statuses.WriteAsync(live, status, cancellationToken).ConfigureAwait(false));
        metrics.Server(live.Key, status.Phase, []);
        return WorkResult.Done;
    }

    // The same plan over Deployment and pods read just now: only if it still removes the object is the decision good.
    private bool StillRemovable(VirtualMCPServer server, World world, ChildRef child, KubeObject? deployment, ImmutableArray<KubeObject> pods)
    {
        ChildRef its = new(BuiltIn.Deployment, ChildNames.Deployment(server.Metadata.Name));
        LiveState fresh = new() { Children = deployment is null ? world.Live.Children.Remove(its) : world.Live.Children.SetItem(its, deployment), Pods = pods };
        return planner(server, world with { Live = fresh }, settings).Removals.Contains(child);
    }

    private void Tell(KubeObject live, ServerPlan plan, ApplyResult result)
    {
        EventSubject subject = EventSubject.Of(ToolHive.VirtualMCPServer, live.Meta);
        foreach (PlannedEvent told in WriteEvents.Of(plan, result))
            events.Record(subject, told.Warning ? EventLevel.Warning : EventLevel.Normal, told.Reason, told.Action, told.Note);
        foreach (Written write in result.Writes)
            logger.Wrote(live.Key, write.Kind, write.Child.Type.Kind, write.Child.Name, write.Because.Length == 0 ? "" : $" (differed at: {write.Because})");
        foreach (Obstacle obstacle in result.Obstacles)
            logger.InTheWay(live.Key, obstacle.Reason, obstacle.Message);
    }

    private void Count(ObjectKey key, World world, StatusPlan status, ApplyResult result, int statusWrites)
    {
        foreach (Written write in result.Writes)
        {
            metrics.Wrote(write.Child.Type.Kind);
            if (write.Rollout is { } reason)
                metrics.RolledOut(reason);
        }

        metrics.Wrote("VirtualMCPServer/status", statusWrites);
        metrics.Server(key, status.Phase, status.Backends is { } backends ? backends.Backends.Select(b => b.Observed.Status) : world.Observed.Select(b => b.Status));
    }

    private static WorkResult Next(ServerPlan plan, ApplyResult result)
    {
        TimeSpan? after = plan.RecheckAfter;
        if (result.Obstacles.Length > 0)
            after = Sooner(after, ObstacleRecheck);
        if (result.RemovalsDeferred)
            after = Sooner(after, DeferredRecheck);
        return after is { } when ? new WorkResult.Requeue(Jitter(when)) : WorkResult.Done;
    }

    private static TimeSpan Sooner(TimeSpan? left, TimeSpan right) => left < right ? left.Value : right;

    // Up to a tenth more, so that many servers waiting for the same thing do not ask at the same moment.
#pragma warning disable CA5394 // Spreads load; nothing is guessed from it.
    private static TimeSpan Jitter(TimeSpan after) => after * (1 + (Random.Shared.NextDouble() / 10));
#pragma warning restore CA5394
}
