using System.Text.Json.Nodes;
using Vmcp.Operator.Planning.Objects;

namespace Vmcp.Operator.Planning.Templates;

/// <summary>Our pod template with the user's <c>spec.podTemplateSpec</c> over it.</summary>
internal static class PatchedTemplate
{
    /// <summary>The user wins, but in what the operator itself tells pods by: the labels pods are selected by and its own annotations.</summary>
    public static (JsonObject? Template, IReadOnlyList<string> Problems) Of(JsonObject ours, JsonObject? patch)
    {
        if (patch is null || patch.Count == 0)
            return (ours, []);
        IReadOnlyList<string> problems = ShapeCheck.Problems(patch, PodShape.Template);
        if (problems.Count > 0)
            return (null, problems);
        JsonObject merged = StrategicMerge.Apply(ours, patch, PodShape.Template);
        problems = Broken(ours, merged);
        if (problems.Count > 0)
            return (null, problems);
        RestoreAnnotations(ours, merged);
        return (merged, []);
    }

    private static List<string> Broken(JsonObject ours, JsonObject merged)
    {
        List<string> problems = [];
        foreach ((string name, JsonNode? value) in ours["metadata"]!["labels"]!.AsObject())
        {
            if (!JsonNode.DeepEquals((merged["metadata"]?["labels"] as JsonObject)?[name], value))
                problems.Add($"metadata.labels[\"{name}\"] must stay \"{value}\": Deployment and Service select the pods by it");
        }

        bool kept = merged["spec"]?["containers"] is JsonArray containers
            && containers.Any(c => Directives.Text(c?["name"]) == ChildNames.Container);
        if (!kept)
            problems.Add($"spec.containers must keep the container \"{ChildNames.Container}\", which is the gateway");
        return problems;
    }

    private static void RestoreAnnotations(JsonObject ours, JsonObject merged)
    {
        JsonObject metadata = merged["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations)
            metadata["annotations"] = annotations = [];
        foreach ((string name, JsonNode? value) in ours["metadata"]!["annotations"]!.AsObject())
            annotations[name] = value!.DeepClone();
    }
}
