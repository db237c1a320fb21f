using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Workloads;

/// <summary>
/// Plays the workload controllers and the kubelet: makes and ends the pods of Deployments one small step at a time (maxSurge 1,
/// maxUnavailable 0) and writes pod and Deployment status. A pod that is deleted stays terminating for a step, held by a finalizer.
/// </summary>
/// <param name="cluster">The cluster, as somebody who may do everything.</param>
/// <param name="namespace">One namespace, or null for all.</param>
public sealed class RolloutSimulator(ICluster cluster, string? @namespace = null)
{
    private const string Terminating = "vmcp.test/terminating";
    private const string Hash = "pod-template-hash";
    private int _pods;

    /// <summary>Address a new pod gets; the first argument counts pods from 1, the second is the pod's name.</summary>
    public Func<int, string, string> AddressOf { get; init; } = (n, _) => $"127.1.{n / 250}.{(n % 250) + 1}";

    /// <summary>Whether a pod becomes ready; by default all do.</summary>
    public Func<KubeObject, bool> BecomesReady { get; set; } = _ => true;

    /// <summary>Does one thing for every Deployment; false when there was nothing to do for any.</summary>
    public async Task<bool> StepAsync(CancellationToken cancellationToken = default)
    {
        bool changed = false;
        ObjectPage deployments = await cluster.ListAsync(BuiltIn.Deployment, new ListOptions { Namespace = @namespace }, cancellationToken);
        ObjectPage pods = await cluster.ListAsync(BuiltIn.Pod, new ListOptions { Namespace = @namespace }, cancellationToken);
        foreach (KubeObject pod in pods.Items.Where(p => p.Meta.DeletionTimestamp is not null && p.Meta.Finalizers.Contains(Terminating)))
            changed |= await WriteAsync(() => cluster.PatchAsync(BuiltIn.Pod, pod.Key, NoFinalizers(), WriteOptions.Default, cancellationToken));
        foreach (KubeObject deployment in deployments.Items.Where(d => d.Meta.DeletionTimestamp is null))
        {
            KubeObject[] own = [.. pods.Items.Where(p => p.Meta.Controller?.Uid == deployment.Meta.Uid)];
            changed |= await StepAsync(deployment, own, cancellationToken);
        }

        return changed;
    }

    /// <summary>Steps until nothing is left to do.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken = default)
    {
        for (int step = 0; await StepAsync(cancellationToken); step++)
        {
            if (step > 10_000)
                throw new InvalidOperationException("the rollouts do not come to an end");
        }
    }

    /// <summary>Steps until cancelled, with a pause after a step that found nothing to do.</summary>
    public async Task RunAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!await StepAsync(cancellationToken))
                    await Task.Delay(pause, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task<bool> StepAsync(KubeObject deployment, KubeObject[] pods, CancellationToken cancellationToken)
    {
        int wanted = deployment.At("spec", "replicas")?.GetInt32() ?? 1;
        JsonElement template = deployment.At("spec", "template")!.Value;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template.GetRawText())))[..10];
        KubeObject[] alive = [.. pods.Where(p => p.Meta.DeletionTimestamp is null)];
        KubeObject[] fresh = [.. alive.Where(p => p.Meta.Labels.GetValueOrDefault(Hash) == hash)];
        KubeObject[] old = [.. alive.Except(fresh)];
        bool acted = await ActAsync(deployment, template, hash, wanted, fresh, old, cancellationToken);
        return await WriteStatusAsync(deployment, pods, fresh, cancellationToken) || acted;
    }

    private async Task<bool> ActAsync(
        KubeObject deployment, JsonElement template, string hash, int wanted, KubeObject[] fresh, KubeObject[] old, CancellationToken cancellationToken)
    {
        if (fresh.FirstOrDefault(p => !IsReady(p) && BecomesReady(p)) is { } starting)
            return await MakeReadyAsync(starting, cancellationToken);
        if (fresh.Length < wanted && fresh.Length + old.Length < wanted + 1)
            return await CreateAsync(deployment, template, hash, cancellationToken);
        if (fresh.Length > wanted)
            return await DeleteAsync(fresh[^1], cancellationToken);
        int ready = fresh.Concat(old).Count(IsReady);
        KubeObject? leaving = old.FirstOrDefault(p => !IsReady(p)) ?? (ready > wanted ? old.FirstOrDefault() : null);
        return leaving is not null && await DeleteAsync(leaving, cancellationToken);
    }

    private async Task<bool> CreateAsync(KubeObject deployment, JsonElement template, string hash, CancellationToken cancellationToken)
    {
        int number = Interlocked.Increment(ref _pods);
        JsonObject metadata = template.TryGetProperty("metadata", out JsonElement given) ? JsonObject.Create(given.Clone())! : [];
        metadata["name"] = $"{deployment.Meta.Name}-{hash}-{number}-{Guid.NewGuid().ToString("N")[..5]}";
        metadata["namespace"] = deployment.Meta.Namespace;
        metadata["finalizers"] = new JsonArray(Terminating);
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "Deployment",
            ["name"] = deployment.Meta.Name,
            ["uid"] = deployment.Meta.Uid,
            ["controller"] = true,
        });
        JsonObject labels = metadata["labels"] as JsonObject ?? [];
        labels[Hash] = hash;
        metadata["labels"] = labels;
        JsonObject pod = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = JsonNode.Parse(template.GetProperty("spec").GetRawText()),
        };
        return await WriteAsync(() => cluster.CreateAsync(BuiltIn.Pod, pod, WriteOptions.Default, cancellationToken));
    }

    private async Task<bool> MakeReadyAsync(KubeObject pod, CancellationToken cancellationToken)
    {
        JsonObject status = new()
        {
            ["phase"] = "Running",
            ["podIP"] = AddressOf(_pods, pod.Meta.Name),
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = "True",
                ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
            }),
        };
        return await WriteAsync(() => cluster.PatchAsync(
            BuiltIn.Pod, pod.Key, new Patch.Merge(new JsonObject { ["status"] = status }), new WriteOptions { Subresource = "status" }, cancellationToken));
    }

    private async Task<bool> DeleteAsync(KubeObject pod, CancellationToken cancellationToken) =>
        await cluster.DeleteAsync(BuiltIn.Pod, pod.Key, new DeleteOptions { Uid = pod.Meta.Uid }, cancellationToken);

    private async Task<bool> WriteStatusAsync(KubeObject deployment, KubeObject[] pods, KubeObject[] fresh, CancellationToken cancellationToken)
    {
        // Terminating pods do not count, as in the real controller; a pod is counted from the step after the one that made it.
        KubeObject[] alive = [.. pods.Where(p => p.Meta.DeletionTimestamp is null)];
        (string Name, long Value)[] wanted =
        [
            ("observedGeneration", deployment.Meta.Generation),
            ("replicas", alive.Length),
            ("updatedReplicas", fresh.Length),
            ("readyReplicas", alive.Count(IsReady)),
            ("availableReplicas", alive.Count(IsReady)),
            ("unavailableReplicas", alive.Count(p => !IsReady(p))),
        ];
        if (wanted.All(w => (deployment.At("status", w.Name)?.GetInt64() ?? 0) == w.Value))
            return false;
        JsonObject status = [];
        foreach ((string name, long value) in wanted)
            status[name] = value;
        return await WriteAsync(() => cluster.PatchAsync(
            BuiltIn.Deployment,
            deployment.Key,
            new Patch.Merge(new JsonObject { ["status"] = status }),
            new WriteOptions { Subresource = "status" },
            cancellationToken));
    }

    private static Patch.Merge NoFinalizers() => new(new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } });

    private static bool IsReady(KubeObject pod) =>
        pod.At("status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
        && conditions.EnumerateArray().Any(c => c.GetProperty("type").GetString() == "Ready" && c.GetProperty("status").GetString() == "True");

    // Others write too: what is gone or was changed meanwhile is looked at again in the next step.
    private static async Task<bool> WriteAsync(Func<Task<KubeObject>> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (KubeException e) when (e.Error is KubeError.NotFound or KubeError.Conflict or KubeError.AlreadyExists)
        {
            return true;
        }
    }
}
