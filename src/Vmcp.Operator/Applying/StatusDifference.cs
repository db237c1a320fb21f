using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Applying;

/// <summary>Whether the operator's half of a status must be written. Pure.</summary>
internal static class StatusDifference
{
    private static readonly string[] OperatorFields =
        ["phase", "message", "url", "mode", "observedGeneration", "oidcConfigHash", "authzConfigHash", "telemetryConfigHash"];

    /// <summary>Whether the operator's half differs, also by a field or condition it said before and no longer says.</summary>
    public static bool Operator(JsonObject body, KubeObject live)
    {
        JsonObject wanted = body["status"]!.AsObject();
        return OperatorFields.Any(field => !StatusBodies.Same(wanted[field], live.At("status", field))) || OwnConditions(wanted, live);
    }

    /// <summary>Whether the status of another kind differs, of which the operator writes every field it names.</summary>
    public static bool Fields(JsonObject body, KubeObject live)
    {
        JsonObject wanted = body["status"]!.AsObject();
        return wanted.Any(m => m.Key != "conditions" && !StatusBodies.Same(m.Value, live.At("status", m.Key))) || OwnConditions(wanted, live);
    }

    private static bool OwnConditions(JsonObject wanted, KubeObject live)
    {
        HashSet<string> types = new(StringComparer.Ordinal);
        foreach (JsonNode? condition in wanted["conditions"]!.AsArray())
        {
            string type = condition!["type"]!.GetValue<string>();
            types.Add(type);
            if (StatusBodies.ConditionDiffers(condition.AsObject(), live))
                return true;
        }

        return OwnedConditions(live, Applier.FieldManager).Any(type => !types.Contains(type));
    }

    // What another manager says in conditions of its own is not ours to remove, nor a reason to write again and again.
    private static IEnumerable<string> OwnedConditions(KubeObject live, string manager)
    {
        if (live.At("metadata", "managedFields") is not { ValueKind: JsonValueKind.Array } entries)
            return AllConditions(live);
        return entries.EnumerateArray()
            .Where(e => StatusBodies.Text(e, "manager") == manager && StatusBodies.Text(e, "operation") == "Apply")
            .SelectMany(Types)
            .Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Types(JsonElement entry)
    {
        const string Prefix = "k:{\"type\":\"";
        if (!entry.TryGetProperty("fieldsV1", out JsonElement fields) || !fields.TryGetProperty("f:status", out JsonElement status)
            || !status.TryGetProperty("f:conditions", out JsonElement conditions))
        {
            return [];
        }

        return conditions.EnumerateObject()
            .Where(m => m.Name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(m => m.Name[Prefix.Length..].Split('"')[0]);
    }

    private static List<string> AllConditions(KubeObject live) =>
        live.At("status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
            ? conditions.EnumerateArray().Select(c => StatusBodies.Text(c, "type") ?? "").Where(t => !RuntimeHalf.Conditions.Contains(t)).ToList()
            : [];
}
