using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources.Status;

/// <summary>
/// The half of a VirtualMCPServer's status that field manager <c>vmcp-runtime</c> owns (design 5.8): written by the gateway, and in inline mode
/// by the operator in its place. Both write it here, so equal facts give equal bytes. Pure.
/// </summary>
public static class RuntimeHalf
{
    /// <summary>The name in <c>managedFields</c>.</summary>
    public const string Manager = "vmcp-runtime";

    /// <summary>The list of backends in a status.</summary>
    public const string BackendList = "discoveredBackends";

    /// <summary>The lease by which the replicas of a gateway elect the one that writes it.</summary>
    public static string LeaseOf(string server) => $"{server}-vmcp-status";

    /// <summary>Its conditions.</summary>
    public static ImmutableArray<string> Conditions { get; } = [BackendStatuses.Discovered, BackendStatuses.Healthy];

    /// <summary>Members of a backend that change with each probe: the time of it means nothing by itself, the count only when it doubled.</summary>
    public static ImmutableArray<string> Ticking { get; } = ["lastHealthCheck", "consecutiveFailures"];

    /// <summary>What is said of a backend besides its name and status; a definition of before may not know all of it.</summary>
    public static ImmutableArray<string> Details { get; } =
    [
        "url", "authConfigRef", "authSource", "authType", "message", "circuitBreakerState", "circuitLastChanged", "lastHealthCheck",
        "consecutiveFailures", "mcpRevision",
    ];

    /// <summary>The apply body.</summary>
    /// <param name="live">What is stored; conditions that stay keep the time they turned.</param>
    /// <param name="plan">What to say.</param>
    /// <param name="generation">The generation of the spec that the conditions are about.</param>
    /// <param name="now">The time of now.</param>
    public static JsonObject Body(KubeObject live, BackendStatusPlan plan, long generation, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(plan);
        JsonArray backends = [];
        foreach (BackendStatus backend in plan.Backends)
            backends.Add((JsonNode)Backend(backend));
        JsonObject status = new()
        {
            ["backendCount"] = plan.BackendCount,
            ["conditions"] = StatusBodies.Conditions(live, plan.Conditions, generation, now),
        };
        if (backends.Count > 0)
            status[BackendList] = backends;
        return StatusBodies.Envelope(ToolHive.VirtualMCPServer, live.Key, status);
    }

    /// <summary>Whether the live half says something else; what merely ticks is no difference.</summary>
    public static bool Differs(JsonObject body, KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(live);
        JsonObject wanted = body["status"]!.AsObject();
        if (!StatusBodies.Same(wanted["backendCount"], live.At("status", "backendCount")))
            return true;
        if (wanted["conditions"]!.AsArray().Any(c => StatusBodies.ConditionDiffers(c!.AsObject(), live)))
            return true;

        Dictionary<string, JsonElement> there = Stored(live);
        JsonArray planned = wanted[BackendList] as JsonArray ?? [];
        return planned.Count != there.Count
            || planned.Any(b => !there.TryGetValue(b!["name"]!.GetValue<string>(), out JsonElement before) || BackendDiffers(b.AsObject(), before));
    }

    /// <summary>Whether what merely ticks went on since.</summary>
    public static bool Ticked(JsonObject body, KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(body);
        Dictionary<string, JsonElement> there = Stored(live);
        return (body["status"]![BackendList] as JsonArray ?? []).Any(b =>
            there.TryGetValue(b!["name"]!.GetValue<string>(), out JsonElement before)
            && Ticking.Any(name => !StatusBodies.Same(b[name], before.TryGetProperty(name, out JsonElement value) ? value : null)));
    }

    /// <summary>Whether the live list holds backends or words of them that an apply of the body left there: another manager owns them.</summary>
    public static bool HasStrangers(JsonObject body, KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(body);
        Dictionary<string, JsonObject> wanted = (body["status"]![BackendList] as JsonArray ?? [])
            .ToDictionary(b => b!["name"]!.GetValue<string>(), b => b!.AsObject(), StringComparer.Ordinal);
        return Stored(live).Any(s =>
            !wanted.TryGetValue(s.Key, out JsonObject? ours) || s.Value.EnumerateObject().Any(m => !ours.ContainsKey(m.Name)));
    }

    /// <summary>The live half alone, to tell whether it is still the same.</summary>
    public static JsonObject Of(KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(live);
        JsonArray conditions = [];
        foreach (string type in Conditions)
        {
            if (StatusBodies.Condition(live, type) is { } condition)
                conditions.Add((JsonNode?)JsonObject.Create(condition.Clone()));
        }

        JsonObject half = new() { ["conditions"] = conditions };
        foreach (string name in (ReadOnlySpan<string>)["backendCount", BackendList])
        {
            if (live.At("status", name) is { } value)
                half[name] = JsonNode.Parse(value.GetRawText());
        }

        return half;
    }

    /// <summary>How much a number of failures in a row says: only its size, for it grows with every probe of a backend that is gone.</summary>
    internal static int Size(int failures) => failures <= 0 ? 0 : BitOperations.Log2((uint)failures) + 1;

    private static JsonObject Backend(BackendStatus backend)
    {
        ObservedBackend seen = backend.Observed;
        JsonObject item = new() { ["name"] = seen.Name };
        StatusBodies.Add(item, "url", Public(backend.Url));
        item["status"] = seen.Status;
        StatusBodies.Add(item, "authConfigRef", backend.AuthConfigRef);
        StatusBodies.Add(item, "authSource", backend.AuthSource);
        StatusBodies.Add(item, "authType", seen.AuthType);
        StatusBodies.Add(item, "message", seen.Message);
        StatusBodies.Add(item, "circuitBreakerState", seen.CircuitBreakerState);
        StatusBodies.Add(item, "circuitLastChanged", StatusBodies.Time(seen.CircuitLastChanged));
        StatusBodies.Add(item, "lastHealthCheck", StatusBodies.Time(seen.LastHealthCheck));
        if (seen.ConsecutiveFailures > 0)
            item["consecutiveFailures"] = seen.ConsecutiveFailures;
        StatusBodies.Add(item, "mcpRevision", seen.McpRevision);
        return item;
    }

    // What stands before an @ may be a password, which is why such a backend is not served either.
    private static string? Public(string? url) => url?.Contains('@', StringComparison.Ordinal) == true ? null : url;

    private static bool BackendDiffers(JsonObject wanted, JsonElement live)
    {
        IEnumerable<string> names = wanted.Select(m => m.Key).Union(live.EnumerateObject().Select(m => m.Name));
        return names.Where(name => !Ticking.Contains(name)).Any(name => !StatusBodies.Same(wanted[name], live.TryGetProperty(name, out JsonElement value) ? value : null))
            || Size(wanted["consecutiveFailures"]?.GetValue<int>() ?? 0) != Size(Failures(live));
    }

    private static int Failures(JsonElement live) =>
        live.TryGetProperty("consecutiveFailures", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int failures) ? failures : 0;

    private static Dictionary<string, JsonElement> Stored(KubeObject live)
    {
        ArgumentNullException.ThrowIfNull(live);
        Dictionary<string, JsonElement> there = new(StringComparer.Ordinal);
        if (live.At("status", BackendList) is { ValueKind: JsonValueKind.Array } backends)
        {
            foreach (JsonElement backend in backends.EnumerateArray())
                there[StatusBodies.Text(backend, "name") ?? ""] = backend;
        }

        return there;
    }
}
