using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Applying;

/// <summary>
/// Writes the status of VirtualMCPServers by server-side apply, each half as its own field manager and only when it differs, so that two
/// writers never lose each other's words and never conflict (design 5.8, scenario STAT-09).
/// </summary>
/// <param name="cluster">Where to write.</param>
/// <param name="time">When a condition turned.</param>
public sealed class StatusWriter(ICluster cluster, TimeProvider time)
{
    private readonly ConcurrentDictionary<ObjectKey, Memo> _last = new();

    /// <summary>Our last writes of a server.</summary>
    /// <param name="DecidedOn">The version they were decided on: a cache may lag behind them.</param>
    /// <param name="Result">The object they came back as.</param>
    /// <param name="Ours">What was written as the operator.</param>
    /// <param name="Theirs">What was written as the runtime.</param>
    private sealed record Memo(string DecidedOn, KubeObject Result, JsonObject? Ours, JsonObject? Theirs);

    /// <summary>Writes what differs; returns how many writes that took, 0 at rest.</summary>
    /// <exception cref="KubeException">The server failed or refused.</exception>
    public async Task<int> WriteAsync(KubeObject live, StatusPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(plan);
        string decidedOn = live.Meta.ResourceVersion;
        Memo? last = _last.GetValueOrDefault(live.Key);
        KubeObject known = last is not null && last.DecidedOn == decidedOn ? last.Result : live;
        DateTimeOffset now = time.GetUtcNow();
        int writes = 0;

        JsonObject ours = StatusBody.Operator(known, plan, now);
        if (StatusDifference.Operator(ours, known) && !IsFutile(last?.Ours, ours, last, known))
        {
            known = await ApplyAsync(live.Key, ours, cancellationToken).ConfigureAwait(false);
            _last[live.Key] = last = new Memo(decidedOn, known, ours, last?.Theirs);
            writes++;
        }

        if (plan.Backends is { } backends)
        {
            // In inline mode we write in the gateway's place.
            JsonObject theirs = RuntimeHalf.Body(known, backends, plan.ObservedGeneration, now);
            if (RuntimeHalf.Differs(theirs, known) && !IsFutile(last?.Theirs, theirs, last, known))
            {
                (known, int taken) = await RuntimeWrites.ApplyAsync(cluster, known, theirs, cancellationToken).ConfigureAwait(false);
                _last[live.Key] = new Memo(decidedOn, known, last?.Ours, theirs);
                writes += taken;
            }
        }

        return writes;
    }

    // A server that drops a field it does not know (an older CRD) must not be told the same forever.
    private static bool IsFutile(JsonObject? before, JsonObject now, Memo? last, KubeObject known) =>
        last is not null && last.Result.Meta.ResourceVersion == known.Meta.ResourceVersion && JsonNode.DeepEquals(before, now);

    /// <summary>Forgets a server that is gone.</summary>
    public void Forget(ObjectKey server) => _last.TryRemove(server, out _);

    private Task<KubeObject> ApplyAsync(ObjectKey key, JsonObject body, CancellationToken cancellationToken) => cluster.PatchAsync(
        ToolHive.VirtualMCPServer, key, new Patch.Apply(body), new WriteOptions { FieldManager = Applier.FieldManager, Subresource = "status" }, cancellationToken);
}
