using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>
/// Keeps the number of pods when a spec stops naming one: a field whose only owner lets go of it gets the API server's default, and that is
/// one pod. So another manager takes it over first (Kubernetes, Server-Side Apply, "Transferring ownership between managers"). Pure.
/// </summary>
internal static class ReplicasHandover
{
    /// <summary>Who holds the number until somebody else writes it.</summary>
    public const string Manager = "vmcp-operator-replicas";

    /// <summary>What that manager applies before a Deployment is applied; null when there is nothing to keep.</summary>
    public static JsonObject? Of(JsonObject desired, KubeObject live) =>
        desired["spec"]?["replicas"] is not null
        || live.At("spec", "replicas") is not { ValueKind: JsonValueKind.Number } replicas
        || !IsOurs(live)
            ? null
            : new JsonObject
            {
                ["apiVersion"] = BuiltIn.Deployment.ApiVersion,
                ["kind"] = BuiltIn.Deployment.Kind,
                ["metadata"] = new JsonObject { ["name"] = live.Meta.Name, ["namespace"] = live.Meta.Namespace },
                ["spec"] = new JsonObject { ["replicas"] = JsonNode.Parse(replicas.GetRawText()) },
            };

    private static bool IsOurs(KubeObject live) =>
        live.At("metadata", "managedFields") is { ValueKind: JsonValueKind.Array } managers
        && managers.EnumerateArray().Any(m =>
            StatusBody.Text(m, "manager") == Applier.FieldManager
            && m.TryGetProperty("fieldsV1", out JsonElement fields)
            && fields.TryGetProperty("f:spec", out JsonElement spec)
            && spec.TryGetProperty("f:replicas", out _));
}
