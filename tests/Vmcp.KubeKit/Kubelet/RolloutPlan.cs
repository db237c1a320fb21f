using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>The next step of a Deployment's rollout by maxSurge and maxUnavailable. Pure.</summary>
/// <param name="Create">How many pods of the current template to make.</param>
/// <param name="Delete">The pods to end.</param>
/// <param name="Hash">The mark of the current template's pods.</param>
/// <param name="Status">The Deployment's status, conditions excepted.</param>
internal sealed record RolloutPlan(int Create, IReadOnlyList<KubeObject> Delete, string Hash, IReadOnlyList<(string Name, long Value)> Status)
{
    public const string HashLabel = "pod-template-hash";

    /// <summary>Whether enough pods are available.</summary>
    public bool Available { get; private init; }

    /// <summary>Whether every pod is of the current template and available.</summary>
    public bool Complete { get; private init; }

    /// <summary>Plans.</summary>
    /// <param name="deployment">The Deployment.</param>
    /// <param name="pods">Its pods, those that are terminating too.</param>
    public static RolloutPlan Of(KubeObject deployment, IEnumerable<KubeObject> pods)
    {
        int wanted = deployment.At("spec", "replicas")?.GetInt32() ?? 1;
        int surge = Limit(deployment, "maxSurge", wanted, Math.Ceiling);
        int unavailable = Limit(deployment, "maxUnavailable", wanted, Math.Floor);
        string hash = HashOf(deployment.At("spec", "template")!.Value);

        // Terminating pods do not count, as in the real controller.
        KubeObject[] alive = [.. pods.Where(p => p.Meta.DeletionTimestamp is null).OrderBy(IsReady).ThenByDescending(p => p.Meta.CreationTimestamp)];
        KubeObject[] fresh = [.. alive.Where(p => p.Meta.Labels.GetValueOrDefault(HashLabel) == hash)];
        KubeObject[] old = [.. alive.Except(fresh)];
        int ready = alive.Count(IsReady);

        int create = Math.Max(0, Math.Min(wanted - fresh.Length, wanted + surge - alive.Length));
        List<KubeObject> delete = [.. fresh.Take(fresh.Length - wanted)];
        // Old pods that are not available go first, then as many as availability allows.
        int mostDown = alive.Length - (wanted - unavailable) - fresh.Count(p => !IsReady(p));
        delete.AddRange(old.Where(p => !IsReady(p)).Take(mostDown));
        int spare = ready - delete.Count(IsReady) - (wanted - unavailable);
        delete.AddRange(old.Where(IsReady).Take(spare));
        return new RolloutPlan(
            create,
            delete,
            hash,
            [
                ("observedGeneration", deployment.Meta.Generation),
                ("replicas", alive.Length),
                ("updatedReplicas", fresh.Length),
                ("readyReplicas", ready),
                ("availableReplicas", ready),
                ("unavailableReplicas", Math.Max(0, wanted - ready)),
            ])
        {
            Available = ready >= wanted - unavailable,
            Complete = fresh.Length == wanted && alive.Length == wanted && ready == wanted,
        };
    }

    public static bool IsReady(KubeObject pod) =>
        pod.At("status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
        && conditions.EnumerateArray().Any(c => c.GetProperty("type").GetString() == "Ready" && c.GetProperty("status").GetString() == "True");

    private static string HashOf(JsonElement template) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template.GetRawText())))[..10];

    // A number, or a part of the wanted pods: "25%", which is the default of both.
    private static int Limit(KubeObject deployment, string name, int wanted, Func<double, double> round)
    {
        JsonElement? limit = deployment.At("spec", "strategy", "rollingUpdate", name);
        if (limit is { ValueKind: JsonValueKind.Number } number)
            return number.GetInt32();
        string percent = limit?.GetString() ?? "25%";
        return (int)round(wanted * int.Parse(percent.TrimEnd('%'), null) / 100.0);
    }
}
