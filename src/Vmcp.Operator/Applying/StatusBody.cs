using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Core.Status;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Resources;

namespace Vmcp.Operator.Applying;

/// <summary>The two halves of a status as server-side apply bodies (design 5.8). Pure.</summary>
internal static class StatusBody
{
    /// <summary>The list of backends in a status.</summary>
    public const string BackendList = "discoveredBackends";

    // The schema's maxLength; one that is longer would have the whole status refused.
    private const int MaxMessage = 32768;

    /// <summary>The conditions of field manager <c>vmcp-runtime</c>.</summary>
    public static readonly ImmutableArray<string> RuntimeConditions = ["BackendsDiscovered", "BackendsHealthy"];

    /// <summary>What <c>vmcp-operator</c> says.</summary>
    public static JsonObject Operator(KubeObject live, StatusPlan plan, DateTimeOffset now)
    {
        JsonObject status = new() { ["phase"] = plan.Phase };
        Add(status, "message", plan.Message.Length == 0 ? null : plan.Message);
        Add(status, "url", plan.Url);
        Add(status, "mode", plan.Mode);
        status["observedGeneration"] = plan.ObservedGeneration;
        Add(status, "oidcConfigHash", plan.OidcConfigHash);
        Add(status, "authzConfigHash", plan.AuthzConfigHash);
        Add(status, "telemetryConfigHash", plan.TelemetryConfigHash);
        status["conditions"] = Conditions(live, plan.Conditions, plan.ObservedGeneration, now);
        return Envelope(ToolHive.VirtualMCPServer, live, status);
    }

    /// <summary>What <c>vmcp-runtime</c> says; in inline mode the operator says it in its place.</summary>
    public static JsonObject Runtime(KubeObject live, BackendStatusPlan plan, long generation, DateTimeOffset now)
    {
        JsonArray backends = [];
        foreach (BackendStatus backend in plan.Backends)
            backends.Add((JsonNode)Backend(backend));
        JsonObject status = new()
        {
            ["backendCount"] = plan.BackendCount,
            ["conditions"] = Conditions(live, plan.Conditions, generation, now),
        };
        if (backends.Count > 0)
            status[BackendList] = backends;
        return Envelope(ToolHive.VirtualMCPServer, live, status);
    }

    private static JsonObject Backend(BackendStatus backend)
    {
        ObservedBackend seen = backend.Observed;
        JsonObject item = new() { ["name"] = seen.Name };
        Add(item, "url", backend.Url);
        item["status"] = seen.Status;
        Add(item, "authConfigRef", backend.AuthConfigRef);
        Add(item, "authSource", backend.AuthSource);
        Add(item, "authType", seen.AuthType);
        Add(item, "message", seen.Message);
        Add(item, "circuitBreakerState", seen.CircuitBreakerState);
        // A time that is not known is left out: null is no value the schema has (operator.md 5.4).
        Add(item, "circuitLastChanged", Time(seen.CircuitLastChanged));
        Add(item, "lastHealthCheck", Time(seen.LastHealthCheck));
        if (seen.ConsecutiveFailures > 0)
            item["consecutiveFailures"] = seen.ConsecutiveFailures;
        Add(item, "mcpRevision", seen.McpRevision);
        return item;
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

    // A condition's time tells when its status turned, not when its words changed (API conventions, Conditions).
    private static string? Since(KubeObject live, PlannedCondition condition)
    {
        JsonElement? before = Find(live, condition.Type);
        return before is { } b && Text(b, "status") == condition.Status ? Text(b, "lastTransitionTime") : null;
    }

    /// <summary>The live condition of a type, or null.</summary>
    public static JsonElement? Find(KubeObject live, string type)
    {
        if (live.At("status", "conditions") is not { ValueKind: JsonValueKind.Array } conditions)
            return null;
        foreach (JsonElement condition in conditions.EnumerateArray())
        {
            if (Text(condition, "type") == type)
                return condition;
        }

        return null;
    }

    /// <summary>A text member, or null.</summary>
    public static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>The apply body for a status.</summary>
    public static JsonObject Envelope(ResourceType type, KubeObject live, JsonObject status) => new()
    {
        ["apiVersion"] = type.ApiVersion,
        ["kind"] = type.Kind,
        ["metadata"] = new JsonObject { ["name"] = live.Meta.Name, ["namespace"] = live.Meta.Namespace },
        ["status"] = status,
    };

    // Whole seconds: metav1.Time knows no smaller ones.
    private static string? Time(DateTimeOffset? time) =>
        time is { } t ? StatusWords.Rfc3339(DateTimeOffset.FromUnixTimeSeconds(t.ToUnixTimeSeconds())) : null;

    private static void Add(JsonObject target, string name, string? value)
    {
        if (value is not null)
            target[name] = value;
    }
}
