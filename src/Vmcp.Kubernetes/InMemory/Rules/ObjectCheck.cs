using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Rules;

/// <summary>The checks each object must pass, whatever its kind: names and labels (Kubernetes docs, Object Names and IDs; Labels).</summary>
internal static partial class ObjectCheck
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;
    private static readonly string[] OwnerFields = ["apiVersion", "kind", "name", "uid"];

    /// <summary>What is wrong with an object as the server would say it, or null.</summary>
    public static string? Problem(ResourceType type, JsonObject body)
    {
        JsonObject meta = body["metadata"]!.AsObject();
        string name = Text(meta, "name");
        if (name.Length == 0)
            return "metadata.name: Required value: name or generateName is required";
        bool anyCase = type.Group == "rbac.authorization.k8s.io";
        if (name.Length > LongestName || !(anyCase ? SegmentName() : Subdomain()).IsMatch(name))
            return $"metadata.name: Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
        if (type.Namespaced && Text(meta, "namespace").Length == 0)
            return "metadata.namespace: Required value";
        if (type is { Group: "", Kind: "ConfigMap" or "Secret" } && BadKey(body) is { } badKey)
            return $"data[{badKey}]: Invalid value: a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
        JsonObject? pod = type.Kind switch
        {
            "Pod" => body["spec"] as JsonObject,
            "Deployment" => body["spec"]?["template"]?["spec"] as JsonObject,
            _ => null,
        };
        if (type.Kind is "Pod" or "Deployment" && PodCheck.Problem(pod, type.Kind == "Pod" ? "spec" : "spec.template.spec") is { } podProblem)
            return podProblem;
        foreach ((string key, JsonNode? value) in meta["labels"] as JsonObject ?? [])
        {
            if (!LabelKey().IsMatch(key) || value is not JsonValue text || !text.TryGetValue(out string? label) || label.Length > LongestLabel
                || !LabelValue().IsMatch(label))
                return $"metadata.labels: Invalid value: \"{key}\": {value?.ToJsonString()}: a label is at most {LongestLabel} alphanumeric characters, '-', '_' or '.'";
        }

        foreach ((string key, JsonNode? value) in meta["annotations"] as JsonObject ?? [])
        {
            if (!LabelKey().IsMatch(key) || value is not JsonValue text || !text.TryGetValue<string>(out _))
                return $"metadata.annotations: Invalid value: \"{key}\": an annotation has a qualified name and a text";
        }

        foreach (JsonNode? owner in meta["ownerReferences"] as JsonArray ?? [])
        {
            if (owner is not JsonObject reference || OwnerFields.Any(f => Text(reference, f).Length == 0))
                return "metadata.ownerReferences: Invalid value: apiVersion, kind, name and uid are required";
        }

        return (meta["ownerReferences"] as JsonArray ?? []).Count(o => o?["controller"]?.GetValue<bool>() == true) > 1
            ? "metadata.ownerReferences: Invalid value: only one reference can have controller set to true"
            : null;
    }

    /// <summary>What a change may not do, or null: fields that never change, and new finalizers while an object is being deleted.</summary>
    public static string? ChangeProblem(KindRules rules, JsonObject before, JsonObject after)
    {
        foreach (string[] path in rules.Immutable)
        {
            if (!JsonNode.DeepEquals(At(before, path), At(after, path)))
                return $"{string.Join('.', path)}: Invalid value: field is immutable";
        }

        if (before["metadata"]!["deletionTimestamp"] is null)
            return null;
        string[] held = Finalizers(before);
        return Finalizers(after).FirstOrDefault(f => !held.Contains(f)) is { } added
            ? $"metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers \"{added}\""
            : null;
    }

    private static string? BadKey(JsonObject body) =>
        (body["data"] as JsonObject ?? []).Concat(body["binaryData"] as JsonObject ?? []).Select(d => d.Key)
            .FirstOrDefault(k => k.Length > LongestName || k.StartsWith("..", StringComparison.Ordinal) || !ConfigKey().IsMatch(k));

    private static string[] Finalizers(JsonObject body) =>
        [.. (body["metadata"]!["finalizers"] as JsonArray ?? []).Select(f => f!.GetValue<string>())];

    private static JsonNode? At(JsonNode? node, string[] path)
    {
        foreach (string step in path)
            node = (node as JsonObject)?[step];
        return node;
    }

    private static string Text(JsonObject body, string name) => body[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();

    [GeneratedRegex("^(?!\\.$)[-._a-zA-Z0-9]+$")]
    private static partial Regex ConfigKey();

    [GeneratedRegex("^(?!\\.{1,2}$)[^/%]+$")]
    private static partial Regex SegmentName();

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex LabelKey();

    [GeneratedRegex("^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")]
    private static partial Regex LabelValue();
}
