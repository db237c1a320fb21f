using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Apply;

/// <summary>How a server-side apply treats a list or map (Kubernetes docs, Server-Side Apply, Merge strategy).</summary>
internal abstract record MergeRule
{
    /// <summary>One value with one owner.</summary>
    public sealed record Atomic : MergeRule;

    /// <summary>A list whose values are owned one by one.</summary>
    public sealed record Set : MergeRule;

    /// <summary>A list whose items are known by some fields and owned field by field.</summary>
    public sealed record ByKey(IReadOnlyList<ListKey> Keys) : MergeRule;
}

/// <summary>
/// The rules for one kind: a list or map is found by the end of its path of field names (<c>.containers.env</c>); else lists are atomic and
/// maps are owned field by field, as the API server does it without a schema that says more.
/// </summary>
internal sealed class MergeRules
{
    private static readonly MergeRule.Atomic Whole = new();
    private static readonly MergeRule.Set Values = new();

    private static readonly (string Suffix, MergeRule Rule)[] Metadata =
    [
        (".metadata.ownerReferences", By("uid")),
        (".metadata.finalizers", Values),
        (".status.conditions", By("type")),
    ];

    // From the listType, mapType and patchMergeKey marks of k8s.io/api.
    private static readonly (string Suffix, MergeRule Rule)[] Workload =
    [
        .. Metadata,
        (".containers", By("name")), (".initContainers", By("name")), (".ephemeralContainers", By("name")),
        (".containers.env", By("name")), (".initContainers.env", By("name")),
        (".containers.ports", new MergeRule.ByKey([new("containerPort"), new("protocol", "TCP")])),
        (".initContainers.ports", new MergeRule.ByKey([new("containerPort"), new("protocol", "TCP")])),
        (".volumeMounts", By("mountPath")), (".volumeDevices", By("devicePath")), (".resources.claims", By("name")),
        (".volumes", By("name")), (".imagePullSecrets", By("name")), (".hostAliases", By("ip")), (".resourceClaims", By("name")),
        (".schedulingGates", By("name")),
        (".topologySpreadConstraints", new MergeRule.ByKey([new("topologyKey"), new("whenUnsatisfiable")])),
        (".podIPs", By("ip")), (".hostIPs", By("ip")),
        (".secretKeyRef", Whole), (".configMapKeyRef", Whole), (".fieldRef", Whole), (".resourceFieldRef", Whole), (".labelSelector", Whole),
        (".nodeSelector", Whole), (".spec.selector", Whole),
    ];

    private static readonly (string Suffix, MergeRule Rule)[] Other =
    [
        .. Metadata,
        (".spec.selector", Whole), (".spec.ports", new MergeRule.ByKey([new("port"), new("protocol", "TCP")])),
        (".secrets", By("name")), (".imagePullSecrets", By("name")), (".roleRef", Whole), (".regarding", Whole), (".related", Whole),
        (".involvedObject", Whole),
    ];

    private static readonly (string Suffix, MergeRule Rule)[] Custom = [.. Metadata, (".status.discoveredBackends", By("name"))];

    private readonly (string Suffix, MergeRule Rule)[] _rules;

    private MergeRules((string, MergeRule)[] rules) => _rules = rules;

    /// <summary>The rules of a built-in kind, or those that hold for each custom one.</summary>
    public static MergeRules For(ResourceType type) => new(type.Kind switch
    {
        "Deployment" or "Pod" or "ReplicaSet" or "StatefulSet" or "DaemonSet" => Workload,
        _ when type.Group.Contains('.') && !type.Group.EndsWith(".k8s.io", StringComparison.Ordinal) => Custom,
        _ => Other,
    });

    /// <summary>The rules a schema of a CustomResourceDefinition declares (<c>x-kubernetes-list-type</c>, <c>x-kubernetes-map-type</c>).</summary>
    public static MergeRules Of(JsonObject schema)
    {
        var rules = new List<(string, MergeRule)>(Metadata.Where(m => m.Suffix.StartsWith(".metadata.", StringComparison.Ordinal)));
        Collect(schema, "", rules);
        return new MergeRules([.. rules]);
    }

    /// <summary>The rule of the list or map at a path of field names, or null for the usual.</summary>
    public MergeRule? At(string fields)
    {
        foreach ((string suffix, MergeRule rule) in _rules)
        {
            if (fields.EndsWith(suffix, StringComparison.Ordinal))
                return rule;
        }

        return null;
    }

    private static MergeRule.ByKey By(string key) => new([new ListKey(key)]);

    private static void Collect(JsonObject schema, string fields, List<(string, MergeRule)> rules)
    {
        if (schema["x-kubernetes-map-type"]?.GetValue<string>() == "atomic")
        {
            rules.Add((fields, Whole));
            return;
        }

        switch (schema["x-kubernetes-list-type"]?.GetValue<string>())
        {
            case "set":
                rules.Add((fields, Values));
                break;
            case "map" when schema["x-kubernetes-list-map-keys"] is JsonArray keys:
                rules.Add((fields, new MergeRule.ByKey([.. keys.Select(k => new ListKey(k!.GetValue<string>()))])));
                break;
        }

        if (schema["items"] is JsonObject items)
            Collect(items, fields, rules);
        foreach ((string name, JsonNode? property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject child)
                Collect(child, $"{fields}.{name}", rules);
        }
    }
}
