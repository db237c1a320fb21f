using System.Text.Json;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Planning.Status;

namespace Vmcp.Operator.Planning.Switching;

/// <summary>How far the live Deployment is on its way to the wanted template.</summary>
internal sealed record Rollout
{
    /// <summary>There is a Deployment.</summary>
    public bool Exists { get; init; }

    /// <summary>Its template is the wanted one.</summary>
    public bool TemplateIsWanted { get; init; }

    /// <summary>Its controller has seen that template and replaced every pod (operator.md 3).</summary>
    public bool Complete { get; init; }

    /// <summary>The mode its template says; null when it carries no mark.</summary>
    public string? Mode { get; init; }

    /// <summary>Wanted pods.</summary>
    public long Replicas { get; init; }

    /// <summary>Pods of its template.</summary>
    public long Updated { get; init; }

    /// <summary>Why the Deployment's own controller cannot go on, as a sentence's part; null when it can.</summary>
    public string? Trouble { get; init; }

    /// <summary>Reads the server's own live Deployment.</summary>
    /// <param name="deployment">The Deployment, or null when there is none.</param>
    /// <param name="wantedHash">Hash of the wanted template; null when nothing is going to be written, so that what is there is wanted.</param>
    public static Rollout Of(KubeObject? deployment, string? wantedHash)
    {
        if (deployment is null)
            return new Rollout();
        JsonElement? annotations = deployment.At("spec", "template", "metadata", "annotations");
        bool wanted = wantedHash is null || Text(annotations, Annotations.TemplateHash) == wantedHash;
        string mode = Text(annotations, Annotations.Mode);
        long replicas = Number(deployment.At("spec", "replicas")) ?? 1;
        long updated = Number(deployment.At("status", "updatedReplicas")) ?? 0;
        long total = Number(deployment.At("status", "replicas")) ?? 0;
        bool seen = Number(deployment.At("status", "observedGeneration")) is { } observed && observed >= deployment.Meta.Generation;
        return new Rollout
        {
            Exists = true,
            TemplateIsWanted = wanted,
            Complete = wanted && seen && updated == replicas && total == replicas,
            Mode = mode.Length == 0 ? null : mode,
            Replicas = replicas,
            Updated = wanted && seen ? updated : 0,
            Trouble = seen ? TroubleOf(deployment) : null,
        };
    }

    private static string? TroubleOf(KubeObject deployment)
    {
        if (deployment.At("status", "conditions") is not { ValueKind: JsonValueKind.Array } conditions)
            return null;
        foreach (JsonElement condition in conditions.EnumerateArray())
        {
            string status = PodFacts.Text(condition, "status");
            if (PodFacts.Text(condition, "type") == "ReplicaFailure" && status == "True")
                return $"Deployment {deployment.Meta.Name} cannot create pods: {PodFacts.Text(condition, "message")}";
            if (PodFacts.Text(condition, "reason") == "ProgressDeadlineExceeded" && status == "False")
                return $"the rollout of Deployment {deployment.Meta.Name} makes no progress (ProgressDeadlineExceeded)";
        }

        return null;
    }

    private static string Text(JsonElement? parent, string name) => parent is { } value ? PodFacts.Text(value, name) : "";

    private static long? Number(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long n) ? n : null;
}
