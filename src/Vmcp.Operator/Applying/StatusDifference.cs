using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>Whether one half of a status must be written. Pure.</summary>
internal static class StatusDifference
{
    private static readonly string[] OperatorFields =
        ["phase", "message", "url", "mode", "observedGeneration", "oidcConfigHash", "authzConfigHash", "telemetryConfigHash"];

    /// <summary>Whether the operator's half differs, also by a field or condition it said before and no longer says.</summary>
    public static bool Operator(JsonObject body, KubeObject live)
    {
        JsonObject wanted = body["status"]!.AsObject();
        return OperatorFields.Any(field => !Equal(wanted[field], live.At("status", field))) || OwnConditions(wanted, live);
    }

    /// <summary>Whether the status of another kind differs, of which the operator writes every field it names.</summary>
    public static bool Fields(JsonObject body, KubeObject live)
    {
        JsonObject wanted = body["status"]!.AsObject();
        return wanted.Any(m => m.Key != "conditions" && !Equal(m.Value, live.At("status", m.Key))) || OwnConditions(wanted, live);
    }

    private static bool OwnConditions(JsonObject wanted, KubeObject live)
    {
        HashSet<string> types = new(StringComparer.Ordinal);
        foreach (JsonNode? condition in wanted["conditions"]!.AsArray())
        {
            string type = condition!["type"]!.GetValue<string>();
            types.Add(type);
            if (ConditionDiffers(condition.AsObject(), live, type))
                return true;
        }

        return OwnedConditions(live, Applier.FieldManager).Any(type => !types.Contains(type));
    }

    /// <summary>Whether the runtime's half differs; <c>lastHealthCheck</c> alone is no difference.</summary>
    public static bool Runtime(JsonObject body, KubeObject live)
    {
        JsonObject wanted = body["status"]!.AsObject();
        if (!Equal(wanted["backendCount"], live.At("status", "backendCount")))
            return true;
        if (wanted["conditions"]!.AsArray().Any(c => ConditionDiffers(c!.AsObject(), live, c["type"]!.GetValue<string>())))
            return true;

        Dictionary<string, JsonElement> there = new(StringComparer.Ordinal);
        if (live.At("status", StatusBody.BackendList) is { ValueKind: JsonValueKind.Array } backends)
        {
            foreach (JsonElement backend in backends.EnumerateArray())
                there[StatusBody.Text(backend, "name") ?? ""] = backend;
        }

        JsonArray planned = wanted[StatusBody.BackendList] as JsonArray ?? [];
        return planned.Count != there.Count
            || planned.Any(b => !there.TryGetValue(b!["name"]!.GetValue<string>(), out JsonElement before) || BackendDiffers(b.AsObject(), before));
    }

    private static bool BackendDiffers(JsonObject wanted, JsonElement live)
    {
        IEnumerable<string> names = wanted.Select(m => m.Key).Union(live.EnumerateObject().Select(m => m.Name));
        return names.Any(name => name != "lastHealthCheck" && !Equal(wanted[name], live.TryGetProperty(name, out JsonElement value) ? value : null));
    }

    private static bool ConditionDiffers(JsonObject wanted, KubeObject live, string type) =>
        StatusBody.Find(live, type) is not { } before
        || wanted.Any(m => m.Key != "lastTransitionTime" && !Equal(m.Value, before.TryGetProperty(m.Key, out JsonElement value) ? value : null));

    // What another manager says in conditions of its own is not ours to remove, nor a reason to write again and again.
    private static IEnumerable<string> OwnedConditions(KubeObject live, string manager)
    {
        if (live.At("metadata", "managedFields") is not { ValueKind: JsonValueKind.Array } entries)
            return AllConditions(live);
        return entries.EnumerateArray()
            .Where(e => StatusBody.Text(e, "manager") == manager && StatusBody.Text(e, "operation") == "Apply")
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
            ? conditions.EnumerateArray().Select(c => StatusBody.Text(c, "type") ?? "").Where(t => !StatusBody.RuntimeConditions.Contains(t)).ToList()
            : [];

    private static bool Equal(JsonNode? wanted, JsonElement? live)
    {
        bool nothing = live is null || live.Value.ValueKind == JsonValueKind.Null;
        if (wanted is null || nothing)
            return wanted is null && nothing;
        using JsonDocument document = JsonDocument.Parse(wanted.ToJsonString());
        return JsonElement.DeepEquals(document.RootElement, live!.Value);
    }
}
