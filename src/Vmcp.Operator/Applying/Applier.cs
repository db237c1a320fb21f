using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>
/// Writes the children of a plan in its order, and only what differs: by server-side apply as <c>vmcp-operator</c>, never over an object that
/// somebody else controls (design 5.12, 5.13). Safe to call for several servers at once, not for one server twice at once.
/// </summary>
/// <param name="cluster">Where to write.</param>
public sealed class Applier(ICluster cluster)
{
    /// <summary>Who we are in <c>managedFields</c>.</summary>
    public const string FieldManager = "vmcp-operator";

    /// <summary>Hash of the fields we last asked for; a field we no longer ask for shows by it.</summary>
    public const string HashAnnotation = "toolhive.stacklok.dev/desired-hash";

    private static readonly WriteOptions AsOperator = new() { FieldManager = FieldManager };

    // A pod needs these before it starts: its account, its rights, its document.
    private static readonly ImmutableArray<ResourceType> NeededByPods = [BuiltIn.ServiceAccount, BuiltIn.Role, BuiltIn.RoleBinding, BuiltIn.ConfigMap];

    // These make pods start or change what running ones do.
    private static readonly ImmutableArray<ResourceType> Starting = [BuiltIn.ConfigMap, BuiltIn.Deployment];

    private readonly WriteMemory _memory = new();

    /// <summary>Writes what differs, then removes what must go.</summary>
    /// <param name="server">The server whose children they are.</param>
    /// <param name="plan">What should be.</param>
    /// <param name="live">What is, as the caches know it.</param>
    /// <param name="stillRemovable">
    /// Asked with Deployment and pods read right before a removal: a cache may not know yet that an old pod, or one about to be made, still needs
    /// the object.
    /// </param>
    /// <param name="cancellationToken">Ends the work between two writes.</param>
    /// <exception cref="KubeException">The server failed or refused; what was written before stays.</exception>
    public async Task<ApplyResult> ApplyAsync(
        ServerRef server,
        ServerPlan plan,
        LiveState live,
        Func<ChildRef, KubeObject?, ImmutableArray<KubeObject>, bool> stillRemovable,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(stillRemovable);
        if (plan.Outcome != PlanOutcome.Apply)
            return new ApplyResult();

        List<Written> writes = [];
        List<Obstacle> obstacles = [];
        foreach (DesiredObject desired in plan.Objects)
        {
            if (Starting.Contains(desired.Type) && LacksWhatPodsNeed(obstacles))
                continue;
            ChildRef child = new(desired.Type, desired.Name);
            KubeObject? cached = live.Children.GetValueOrDefault(child);
            if (desired.Mode == WriteMode.CreateOnce)
                await CreateOnceAsync(server, desired, child, cached, writes, obstacles, cancellationToken).ConfigureAwait(false);
            else
                await WriteAsync(server, desired, child, cached, writes, obstacles, cancellationToken).ConfigureAwait(false);
        }

        bool deferred = !LacksWhatPodsNeed(obstacles) && await RemoveAsync(server, plan, stillRemovable, writes, cancellationToken).ConfigureAwait(false);
        return new ApplyResult { Writes = [.. writes], Obstacles = [.. obstacles], RemovalsDeferred = deferred };
    }

    /// <summary>Forgets what was written for a server that is gone.</summary>
    public void Forget(ObjectKey server) => _memory.Forget(server);

    /// <summary>The object our last write of a child came back as, when it is newer than what <paramref name="cached"/> shows.</summary>
    public KubeObject? LatestKnown(ObjectKey server, ChildRef child, KubeObject? cached) =>
        // Without a cached object there is no telling "not seen yet" from "deleted since": the caller has to look.
        cached is not null && _memory.Find(server, child) is { } memo && memo.DecidedOn == cached.Meta.ResourceVersion ? memo.Result : cached;

    private static bool LacksWhatPodsNeed(List<Obstacle> obstacles) => obstacles.Exists(o => NeededByPods.Contains(o.Child.Type));

    private async Task WriteAsync(
        ServerRef server, DesiredObject desired, ChildRef child, KubeObject? cached, List<Written> writes, List<Obstacle> obstacles, CancellationToken cancellationToken)
    {
        string hash = Hash(desired.Body);
        WriteMemory.Memo? memo = _memory.Find(server.Key, child);
        KubeObject? live = LatestKnown(server.Key, child, cached);
        // No cache holds every object there is (they are watched by label), and an apply would take a stranger's over without a word.
        live ??= await cluster.GetAsync(child.Type, new ObjectKey(server.Key.Namespace, child.Name), cancellationToken).ConfigureAwait(false);
        if (live is not null && !server.Owns(live))
        {
            obstacles.Add(Stranger(child, live));
            return;
        }

        JsonObject body = WithHash(desired.Body, hash);
        JsonElement? accepted = memo is not null && memo.Hash == hash ? memo.Result.Body : null;
        string? difference = live is null ? null : Difference.First(child.Type, body, live.Body, accepted);
        IReadOnlyList<string> strangers = live is null ? [] : PodLabels.Foreign(body, live);
        if (live is not null && difference is null && strangers.Count == 0)
            return;

        KubeObject? written = live;
        try
        {
            if (strangers.Count > 0)
            {
                written = await cluster.PatchAsync(child.Type, live!.Key, new Patch.Merge(PodLabels.Removal(strangers)), AsOperator, cancellationToken).ConfigureAwait(false);
                difference ??= $"spec.template.metadata.labels.{strangers[0]}";
            }

            if (live is null || Difference.First(child.Type, body, written!.Body, accepted) is not null)
            {
                ObjectKey key = new(server.Key.Namespace, child.Name);
                if (live is not null)
                    await KeepReplicasAsync(child, key, body, live, cancellationToken).ConfigureAwait(false);
                written = await cluster.PatchAsync(child.Type, key, new Patch.Apply(body), AsOperator, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (KubeException e) when (e.Error is KubeError.Invalid or KubeError.Forbidden)
        {
            // Trying again soon changes nothing; whoever can change it must hear of it in the status.
            obstacles.Add(Rejected(child, e, creating: live is null));
            return;
        }

        _memory.Keep(server.Key, child, new WriteMemory.Memo(cached?.Meta.ResourceVersion, hash, written!));
        writes.Add(new Written(child, live is null ? WriteKind.Created : WriteKind.Updated, difference ?? "") { Rollout = Rollouts.Reason(child.Type, live, written!) });
    }

    private async Task KeepReplicasAsync(ChildRef child, ObjectKey key, JsonObject body, KubeObject live, CancellationToken cancellationToken)
    {
        // Asked anew, so that a number an autoscaler wrote just now is the one that is kept.
        if (child.Type == BuiltIn.Deployment && ReplicaCount.WouldFall(body, live)
            && await cluster.GetAsync(child.Type, key, cancellationToken).ConfigureAwait(false) is { } fresh && ReplicaCount.WouldFall(body, fresh))
        {
            await cluster.PatchAsync(
                child.Type, key, new Patch.Apply(ReplicaCount.Kept(fresh)), new WriteOptions { FieldManager = ReplicaCount.Keeper }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CreateOnceAsync(
        ServerRef server, DesiredObject desired, ChildRef child, KubeObject? cached, List<Written> writes, List<Obstacle> obstacles, CancellationToken cancellationToken)
    {
        if (cached is not null && _memory.Find(server.Key, child)?.Result.Meta.ResourceVersion == cached.Meta.ResourceVersion)
            return;

        ObjectKey key = new(server.Key.Namespace, child.Name);
        KubeObject? stored = await cluster.GetAsync(child.Type, key, cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            try
            {
                KubeObject made = await cluster.CreateAsync(child.Type, SessionSecret.Fill(desired.Body), AsOperator, cancellationToken).ConfigureAwait(false);
                _memory.Keep(server.Key, child, new WriteMemory.Memo(null, "", WithoutValues(made)));
                writes.Add(new Written(child, WriteKind.Created));
                return;
            }
            catch (KubeException e) when (e.Error == KubeError.AlreadyExists)
            {
                // Somebody was faster; whose it is decides.
                stored = await cluster.GetAsync(child.Type, key, cancellationToken).ConfigureAwait(false)
                    ?? throw new KubeException(KubeError.Conflict, $"{child.Type} \"{key}\" came and went while it was made; it is tried again");
            }
            catch (KubeException e) when (e.Error == KubeError.Forbidden)
            {
                obstacles.Add(Rejected(child, e, creating: true));
                return;
            }
        }

        if (!server.Owns(stored))
        {
            obstacles.Add(Stranger(child, stored));
            return;
        }

        if (SessionSecret.Defect(stored) is { } defect)
        {
            obstacles.Add(new Obstacle(child, "HMACSecretInvalid", defect));
            return;
        }

        _memory.Keep(server.Key, child, new WriteMemory.Memo(cached?.Meta.ResourceVersion, "", WithoutValues(stored)));
    }

    private async Task<bool> RemoveAsync(
        ServerRef server, ServerPlan plan, Func<ChildRef, KubeObject?, ImmutableArray<KubeObject>, bool> stillRemovable, List<Written> writes, CancellationToken cancellationToken)
    {
        if (plan.Removals.Length == 0)
            return false;
        bool deferred = false;
        // The Deployment before the pods: one that changes in between makes pods that the second look finds.
        KubeObject? deployment = await cluster.GetAsync(
            BuiltIn.Deployment, new ObjectKey(server.Key.Namespace, ChildNames.Deployment(server.Key.Name)), cancellationToken).ConfigureAwait(false);
        ObjectPage pods = await cluster.ListAsync(BuiltIn.Pod, ServerPods.Of(server.Key), cancellationToken).ConfigureAwait(false);
        foreach (ChildRef child in plan.Removals)
        {
            ObjectKey key = new(server.Key.Namespace, child.Name);
            if (!stillRemovable(child, deployment, [.. pods.Items]))
            {
                deferred = true;
                continue;
            }

            KubeObject? stored = await cluster.GetAsync(child.Type, key, cancellationToken).ConfigureAwait(false);
            if (stored is not null && server.Owns(stored)
                && await cluster.DeleteAsync(child.Type, key, new DeleteOptions { Uid = stored.Meta.Uid }, cancellationToken).ConfigureAwait(false))
            {
                writes.Add(new Written(child, WriteKind.Deleted));
            }

            _memory.Forget(server.Key, child);
        }

        return deferred;
    }

    private static Obstacle Rejected(ChildRef child, KubeException e, bool creating) =>
        new(child, "Rejected", $"The API server refused {child.Type} \"{child.Name}\": {e.Message}", creating);

    private static Obstacle Stranger(ChildRef child, KubeObject live)
    {
        string owner = live.Meta.Controller is { } o ? $"{o.Kind} \"{o.Name}\"" : "nobody we know";
        return new Obstacle(child, "ResourceConflict",
            $"{child.Type} \"{child.Name}\" exists and belongs to {owner}; it is left as it is. Rename the VirtualMCPServer, or remove that {child.Type}.");
    }

    // The memory outlives the call and must not hold a key.
    private static KubeObject WithoutValues(KubeObject secret)
    {
        JsonObject body = secret.ToJsonObject();
        body.Remove("data");
        return KubeObject.From(body);
    }

    private static JsonObject WithHash(JsonObject desired, string hash)
    {
        JsonObject body = desired.DeepClone().AsObject();
        JsonObject metadata = body["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations)
            metadata["annotations"] = annotations = [];
        annotations[HashAnnotation] = hash;
        return body;
    }

    private static string Hash(JsonObject desired) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(desired.ToJsonString())).AsSpan(0, 16));
}
