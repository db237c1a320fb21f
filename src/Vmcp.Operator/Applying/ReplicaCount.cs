using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Applying;

/// <summary>
/// The number of pods once <c>spec.replicas</c> of a server is taken away: from then on an autoscaler or <c>kubectl scale</c> decides (scenario
/// SESS-06). An apply that no longer names a field nobody else owns gives it back to the API server's default, which is 1 and would end pods
/// that serve. So the number is handed to a field manager of its own first. Pure.
/// </summary>
internal static class ReplicaCount
{
    /// <summary>Owns the number until somebody writes another.</summary>
    public const string Keeper = "vmcp-operator-replicas";

    /// <summary>Whether applying <paramref name="desired"/> would take away a number that only we own.</summary>
    public static bool WouldFall(JsonObject desired, KubeObject live) =>
        desired["spec"]?["replicas"] is null
        && live.At("spec", "replicas") is { ValueKind: JsonValueKind.Number }
        && live.At("metadata", "managedFields") is { ValueKind: JsonValueKind.Array } entries
        && entries.EnumerateArray().Where(OwnsReplicas).Select(e => StatusBodies.Text(e, "manager")).ToArray() is [Applier.FieldManager];

    /// <summary>What is applied as <see cref="Keeper"/>: the number that is there, in the version that was read.</summary>
    public static JsonObject Kept(KubeObject live) => new()
    {
        ["apiVersion"] = BuiltIn.Deployment.ApiVersion,
        ["kind"] = BuiltIn.Deployment.Kind,
        ["metadata"] = new JsonObject { ["name"] = live.Meta.Name, ["namespace"] = live.Meta.Namespace, ["resourceVersion"] = live.Meta.ResourceVersion },
        ["spec"] = new JsonObject { ["replicas"] = JsonNode.Parse(live.At("spec", "replicas")!.Value.GetRawText()) },
    };

    private static bool OwnsReplicas(JsonElement entry) =>
        entry.TryGetProperty("fieldsV1", out JsonElement fields) && fields.ValueKind == JsonValueKind.Object
        && fields.TryGetProperty("f:spec", out JsonElement spec) && spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("f:replicas", out _);
}
