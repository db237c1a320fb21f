using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Planning;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.SmallControllers;

/// <summary>Objects as short YAML.</summary>
internal static class Given
{
    public static T Object<T>(JsonTypeInfo<T> type, string spec, string status = "", bool deleting = false)
    {
        JsonObject body = new()
        {
            ["metadata"] = new JsonObject { ["name"] = "x", ["namespace"] = "tools", ["generation"] = 7 },
            ["spec"] = KubeYaml.ReadAll(spec, "spec") is [var document, ..] ? document.Body : null,
        };
        if (deleting)
            body["metadata"]!["deletionTimestamp"] = "2026-01-02T03:04:05Z";
        if (status.Length > 0)
            body["status"] = KubeYaml.ReadAll(status, "status").Single().Body;
        return KubeObject.From(body).As(type);
    }

    public static MCPGroup Group(string phase) =>
        Object(ResourcesJson.Default.MCPGroup, "description: x", phase.Length == 0 ? "" : $"phase: {phase}");

    public static SecretFacts Secret(params string[] keys) => new([.. keys], "1");

    public static ConfigMapFacts ConfigMap(params string[] keys) =>
        new(keys.ToImmutableSortedDictionary(k => k, _ => "v", StringComparer.Ordinal), "1");
}
