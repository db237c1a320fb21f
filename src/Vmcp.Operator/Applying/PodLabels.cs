using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>
/// Labels of the pod template that are not ours: they are drift and removed, since Services and policies select pods by labels
/// (scenario RST-02). An apply cannot remove what another manager set.
/// </summary>
internal static class PodLabels
{
    /// <summary>The names of labels the live template has too much, sorted; empty for objects without a pod template.</summary>
    public static IReadOnlyList<string> Foreign(JsonObject desired, KubeObject live)
    {
        if (desired["spec"]?["template"]?["metadata"]?["labels"] is not JsonObject wanted
            || live.At("spec", "template", "metadata", "labels") is not { ValueKind: JsonValueKind.Object } labels)
        {
            return [];
        }

        return [.. labels.EnumerateObject().Select(l => l.Name).Where(name => !wanted.ContainsKey(name)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The merge patch that removes them.</summary>
    public static JsonObject Removal(IReadOnlyList<string> names)
    {
        JsonObject labels = [];
        foreach (string name in names)
            labels[name] = null;
        return new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } } } };
    }
}
