using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Applying;

/// <summary>
/// Writes the status of VirtualMCPServers by server-side apply, each half as its own field manager and only when it differs, so that two
/// writers never lose each other's words and never conflict (design 5.8, scenario STAT-09).
/// </summary>
/// <param name="cluster">Where to write.</param>
/// <param name="type">The VirtualMCPServer kind.</param>
/// <param name="time">When a condition turned.</param>
public sealed class StatusWriter(ICluster cluster, ResourceType type, TimeProvider time)
{
    /// <summary>The gateway's name in <c>managedFields</c>; in inline mode we write in its place.</summary>
    public const string RuntimeManager = "vmcp-runtime";

    // The object our last write of a server came back as, with the version it was decided on: a cache may lag behind it.
    private readonly ConcurrentDictionary<ObjectKey, (string DecidedOn, KubeObject Result)> _last = new();

    /// <summary>Writes what differs; returns how many writes that took, 0 at rest.</summary>
    /// <exception cref="KubeException">The server failed or refused.</exception>
    public async Task<int> WriteAsync(KubeObject live, StatusPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(plan);
        string decidedOn = live.Meta.ResourceVersion;
        KubeObject known = _last.TryGetValue(live.Key, out (string DecidedOn, KubeObject Result) last) && last.DecidedOn == decidedOn ? last.Result : live;
        DateTimeOffset now = time.GetUtcNow();
        int writes = 0;

        JsonObject ours = StatusBody.Operator(known, plan, now);
        if (StatusDifference.Operator(ours, known))
        {
            known = await ApplyAsync(live.Key, ours, Applier.FieldManager, cancellationToken).ConfigureAwait(false);
            _last[live.Key] = (decidedOn, known);
            writes++;
        }

        if (plan.Backends is { } backends)
        {
            JsonObject theirs = StatusBody.Runtime(known, backends, plan.ObservedGeneration, now);
            if (StatusDifference.Runtime(theirs, known))
            {
                known = await ApplyAsync(live.Key, theirs, RuntimeManager, cancellationToken).ConfigureAwait(false);
                _last[live.Key] = (decidedOn, known);
                writes++;
            }
        }

        return writes;
    }

    /// <summary>Forgets a server that is gone.</summary>
    public void Forget(ObjectKey server) => _last.TryRemove(server, out _);

    private Task<KubeObject> ApplyAsync(ObjectKey key, JsonObject body, string manager, CancellationToken cancellationToken) =>
        cluster.PatchAsync(type, key, new Patch.Apply(body), new WriteOptions { FieldManager = manager, Subresource = "status" }, cancellationToken);
}
