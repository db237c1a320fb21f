using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>Makes and ends the pods of Deployments, and writes the Deployments' status. It owns pods itself, without a ReplicaSet between.</summary>
internal sealed class DeploymentController(ICluster cluster, string node)
{
    /// <summary>One step for every Deployment. The pods must have been listed before the Deployments.</summary>
    public async Task StepAsync(IReadOnlyList<KubeObject> pods, IReadOnlyList<KubeObject> deployments, CancellationToken cancellationToken)
    {
        ILookup<string, KubeObject> owned = pods.Where(p => p.Meta.Controller?.Kind == "Deployment").ToLookup(p => p.Meta.Controller!.Uid);
        HashSet<string> known = [.. deployments.Select(d => d.Meta.Uid)];
        foreach (KubeObject orphan in owned.Where(g => !known.Contains(g.Key)).SelectMany(g => g).Where(p => p.Meta.DeletionTimestamp is null))
            await DeleteAsync(orphan, cancellationToken);
        foreach (KubeObject deployment in deployments.Where(d => d.Meta.DeletionTimestamp is null))
        {
            RolloutPlan plan = RolloutPlan.Of(deployment, owned[deployment.Meta.Uid]);
            for (int n = 0; n < plan.Create; n++)
                await CreateAsync(deployment, plan.Hash, cancellationToken);
            foreach (KubeObject leaving in plan.Delete)
                await DeleteAsync(leaving, cancellationToken);
            await WriteStatusAsync(deployment, plan, cancellationToken);
        }
    }

    private async Task CreateAsync(KubeObject deployment, string hash, CancellationToken cancellationToken)
    {
        JsonElement template = deployment.At("spec", "template")!.Value;
        JsonObject metadata = template.TryGetProperty("metadata", out JsonElement given) ? JsonObject.Create(given.Clone())! : [];
        metadata["name"] = $"{deployment.Meta.Name}-{hash}-{Guid.NewGuid().ToString("N")[..5]}";
        metadata["namespace"] = deployment.Meta.Namespace;
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "Deployment",
            ["name"] = deployment.Meta.Name,
            ["uid"] = deployment.Meta.Uid,
            ["controller"] = true,
        });
        JsonObject labels = metadata["labels"] as JsonObject ?? [];
        labels[RolloutPlan.HashLabel] = hash;
        metadata["labels"] = labels;
        JsonObject spec = JsonNode.Parse(template.GetProperty("spec").GetRawText())!.AsObject();
        // On a node from the start: the API server then waits for the kubelet when it is deleted.
        spec["nodeName"] = node;
        JsonObject pod = new() { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata, ["spec"] = spec };
        await IgnoreRacesAsync(() => cluster.CreateAsync(BuiltIn.Pod, pod, new WriteOptions { FieldManager = "deployment-controller" }, cancellationToken));
    }

    private Task DeleteAsync(KubeObject pod, CancellationToken cancellationToken) =>
        IgnoreRacesAsync(() => cluster.DeleteAsync(BuiltIn.Pod, pod.Key, new DeleteOptions { Uid = pod.Meta.Uid }, cancellationToken));

    private async Task WriteStatusAsync(KubeObject deployment, RolloutPlan plan, CancellationToken cancellationToken)
    {
        (string Type, bool Holds, string Reason)[] conditions =
        [
            ("Available", plan.Available, plan.Available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable"),
            ("Progressing", true, plan.Complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated"),
        ];
        if (plan.Status.All(s => (deployment.At("status", s.Name)?.GetInt64() ?? 0) == s.Value) && conditions.All(c => Has(deployment, c)))
            return;
        JsonObject status = [];
        foreach ((string name, long value) in plan.Status)
            status[name] = value;
        string now = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        status["conditions"] = new JsonArray([.. conditions.Select(c => new JsonObject
        {
            ["type"] = c.Type,
            ["status"] = c.Holds ? "True" : "False",
            ["reason"] = c.Reason,
            ["message"] = "",
            ["lastUpdateTime"] = now,
            ["lastTransitionTime"] = now,
        })]);
        await IgnoreRacesAsync(() => cluster.PatchAsync(
            BuiltIn.Deployment,
            deployment.Key,
            new Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = deployment.Meta.Uid }, ["status"] = status }),
            new WriteOptions { Subresource = "status", FieldManager = "deployment-controller" },
            cancellationToken));
    }

    private static bool Has(KubeObject deployment, (string Type, bool Holds, string Reason) condition) =>
        deployment.At("status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
        && conditions.EnumerateArray().Any(c =>
            PodSpec.Text(c, "type") == condition.Type && PodSpec.Text(c, "status") == (condition.Holds ? "True" : "False") && PodSpec.Text(c, "reason") == condition.Reason);

    // Others write too, and namespaces go: what changed meanwhile is looked at again in the next step.
    private static async Task IgnoreRacesAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (KubeException e) when (e.Error is KubeError.NotFound or KubeError.Conflict or KubeError.AlreadyExists or KubeError.Forbidden)
        {
        }
    }
}
