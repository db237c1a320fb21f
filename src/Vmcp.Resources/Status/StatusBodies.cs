using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Core.Status;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources.Status;

/// <summary>What all statuses written by server-side apply have in common. Pure.</summary>
public static class StatusBodies
{
    // The schema's maxLength; one that is longer would have the whole status refused.
    private const int MaxMessage = 32768;

    /// <summary>The apply body for a status.</summary>
    public static JsonObject Envelope(ResourceType type, ObjectKey key, JsonObject status)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new()
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
            ["status"] = status,
        };
    }

    /// <summary>Conditions as they are written: sorted by type, with the time each turned and the generation it is about.</summary>
    public static JsonArray Conditions(KubeObject live, ImmutableArray<PlannedCondition> planned, long generation, DateTimeOffset now)
    {
        JsonArray conditions = [];
        foreach (PlannedCondition condition in planned.OrderBy(c => c.Type, StringComparer.Ordinal))
        {
            conditions.Add((JsonNode)new JsonObject
            {
                ["type"] = condition.Type,
                ["status"] = condition.Status,
                ["reason"] = condition.Reason,
                ["message"] = condition.Message.Length <= MaxMessage ? condition.Message : condition.Message[..(MaxMessage - 1)] + "…",
                ["lastTransitionTime"] = Since(live, condition) ?? Time(now),
                ["observedGeneration"] = generation,
            });
        }

        return conditions;
    }

    /// <summary>The live condition of a type, or null.</summary>
    public static JsonElement? Condition(KubeObject live, string type)
    {
        ArgumentNullException.ThrowIfNull(live);
        if (live.At("status", "conditions") is not { ValueKind: JsonValueKind.Array } conditions)
            return null;
        foreach (JsonElement condition in conditions.EnumerateArray())
        {
            if (Text(condition, "type") == type)
                return condition;
        }

        return null;
    }

    /// <summary>Whether a condition says something else than the live one; the time it turned follows from what it says.</summary>
    public static bool ConditionDiffers(JsonObject wanted, KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return Condition(live, wanted["type"]!.GetValue<string>()) is not { } before
            || wanted.Any(m => m.Key != "lastTransitionTime" && !Same(m.Value, before.TryGetProperty(m.Key, out JsonElement value) ? value : null));
    }

    /// <summary>Whether a value is the live one; null and absent are the same.</summary>
    public static bool Same(JsonNode? wanted, JsonElement? live)
    {
        bool nothing = live is null || live.Value.ValueKind == JsonValueKind.Null;
        if (wanted is null || nothing)
            return wanted is null && nothing;
        using JsonDocument document = JsonDocument.Parse(wanted.ToJsonString());
        return JsonElement.DeepEquals(document.RootElement, live!.Value);
    }

    /// <summary>A text member, or null.</summary>
    public static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>A time in whole seconds: metav1.Time knows no smaller ones.</summary>
    public static string? Time(DateTimeOffset? time) =>
        time is { } t ? StatusWords.Rfc3339(DateTimeOffset.FromUnixTimeSeconds(t.ToUnixTimeSeconds())) : null;

    /// <summary>Adds a member that has a value: null is no value the schema has (operator.md 5.4).</summary>
    public static void Add(JsonObject target, string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (value is not null)
            target[name] = value;
    }

    // A condition's time tells when its status turned, not when its words changed (API conventions, Conditions).
    private static string? Since(KubeObject live, PlannedCondition condition) =>
        Condition(live, condition.Type) is { } before && Text(before, "status") == condition.Status ? Text(before, "lastTransitionTime") : null;
}
