using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Events;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Queues;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;
using Vmcp.Operator.SmallControllers;
using Vmcp.Operator.Watching;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Reconciling;

/// <summary>Drives the small controllers: asks for the plan, writes status and finalizers where they differ, tells events.</summary>
/// <param name="cluster">Where to write.</param>
/// <param name="view">The picture of the cluster.</param>
/// <param name="plans">Makes the plans.</param>
/// <param name="events">Tells users.</param>
/// <param name="metrics">Counts.</param>
/// <param name="time">When a condition turned.</param>
/// <param name="logger">Takes writes.</param>
public sealed class SmallReconciler(
    ICluster cluster, ClusterView view, SmallPlans plans, EventRecorder events, OperatorMetrics metrics, TimeProvider time, ILogger<SmallReconciler> logger)
{
    private static readonly WriteOptions Status = new() { FieldManager = Applier.FieldManager, Subresource = "status" };
    private static readonly WriteOptions Metadata = new() { FieldManager = Applier.FieldManager };

    /// <summary>Brings one object's status and finalizers to what they should be.</summary>
    /// <exception cref="KubeException">The API server failed; the queue tries again later.</exception>
    public async Task<WorkResult> ReconcileAsync(SmallObject item, CancellationToken cancellationToken)
    {
        if (view.Find(item.Type, item.Key)?.Raw is not { } live || await plans.PlanAsync(item, cancellationToken).ConfigureAwait(false) is not { } plan)
            return WorkResult.Done;
        EventSubject subject = EventSubject.Of(item.Type, live.Meta);
        foreach (PlannedEvent told in plan.Events)
            events.Record(subject, told.Warning ? EventLevel.Warning : EventLevel.Normal, told.Reason, told.Action, told.Note);
        try
        {
            // Status first: once the last finalizer is gone there may be no object to write it to.
            await WriteStatusAsync(item, live, plan, cancellationToken).ConfigureAwait(false);
            await WriteFinalizersAsync(item, live, plan, cancellationToken).ConfigureAwait(false);
        }
        catch (KubeException e) when (e.Error == KubeError.NotFound)
        {
            // Gone meanwhile; the watch tells.
        }

        return plan.RecheckAfter is { } after ? new WorkResult.Requeue(after) : WorkResult.Done;
    }

    private async Task WriteStatusAsync(SmallObject item, KubeObject live, SmallPlan plan, CancellationToken cancellationToken)
    {
        JsonObject status = plan.StatusFields.DeepClone().AsObject();
        status["conditions"] = StatusBodies.Conditions(live, plan.Conditions, live.Meta.Generation, time.GetUtcNow());
        JsonObject body = StatusBodies.Envelope(item.Type, live.Key, status);
        if (!StatusDifference.Fields(body, live))
            return;
        if (Emptied(plan.StatusFields, live) is { Count: > 0 } emptied)
        {
            // A list whose last items an apply removes becomes null to the API server, which it then refuses as no list.
            JsonObject merge = new() { ["status"] = emptied };
            await cluster.PatchAsync(item.Type, item.Key, new Patch.Merge(merge), Status, cancellationToken).ConfigureAwait(false);
            metrics.Wrote($"{item.Type.Kind}/status");
        }

        await cluster.PatchAsync(item.Type, item.Key, new Patch.Apply(body), Status, cancellationToken).ConfigureAwait(false);
        metrics.Wrote($"{item.Type.Kind}/status");
        logger.WroteSmall(item.Type.Kind, item.Key, "status");
    }

    private static JsonObject Emptied(JsonObject wanted, KubeObject live) => new(wanted
        .Where(m => m.Value is JsonArray { Count: 0 } && live.At("status", m.Key) is { ValueKind: JsonValueKind.Array } there && there.GetArrayLength() > 0)
        .Select(m => KeyValuePair.Create(m.Key, (JsonNode?)null)));

    private async Task WriteFinalizersAsync(SmallObject item, KubeObject live, SmallPlan plan, CancellationToken cancellationToken)
    {
        // The API server takes no new finalizer on an object that is being deleted.
        bool deleting = live.Meta.DeletionTimestamp is not null;
        List<string> wanted = [.. live.Meta.Finalizers.Where(f => !plan.DroppedFinalizers.Contains(f))];
        if (!deleting)
            wanted.AddRange(plan.Finalizers.Where(f => !wanted.Contains(f)));
        if (wanted.SequenceEqual(live.Meta.Finalizers))
            return;
        // The status may just have got a new version, so the version is read: a merge patch replaces the whole list, and others write it too.
        KubeObject? fresh = await cluster.GetAsync(item.Type, item.Key, cancellationToken).ConfigureAwait(false);
        if (fresh is null || fresh.Meta.Uid != live.Meta.Uid || !fresh.Meta.Finalizers.SequenceEqual(live.Meta.Finalizers))
            return;
        JsonObject metadata = new()
        {
            ["resourceVersion"] = fresh.Meta.ResourceVersion,
            ["finalizers"] = new JsonArray([.. wanted.Select(f => (JsonNode)f)]),
        };
        await cluster.PatchAsync(item.Type, item.Key, new Patch.Merge(new JsonObject { ["metadata"] = metadata }), Metadata, cancellationToken).ConfigureAwait(false);
        metrics.Wrote(item.Type.Kind);
        logger.WroteSmall(item.Type.Kind, item.Key, "finalizers");
    }
}
