using System.Collections.Immutable;

namespace Vmcp.Operator.Planning;

/// <summary>What a status should say, apart from times: the writer keeps <c>lastTransitionTime</c> of conditions that stay as they are.</summary>
public sealed record StatusPlan
{
    /// <summary><c>Pending</c>, <c>Ready</c>, <c>Degraded</c> or <c>Failed</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>A sentence for the phase.</summary>
    public string Message { get; init; } = "";

    /// <summary>The address in the cluster, without path; null while the name cannot have a Service.</summary>
    public string? Url { get; init; }

    /// <summary><c>discovered</c> or <c>inline</c>: what is running, or during a switch what is being rolled out.</summary>
    public string? Mode { get; init; }

    /// <summary>Generation of the spec this is about.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>Hash of the MCPOIDCConfig in use, or null.</summary>
    public string? OidcConfigHash { get; init; }

    /// <summary>Hash of the MCPAuthzConfig in use, or null.</summary>
    public string? AuthzConfigHash { get; init; }

    /// <summary>Hash of the MCPTelemetryConfig in use, or null.</summary>
    public string? TelemetryConfigHash { get; init; }

    /// <summary>The operator's conditions, sorted by type; those not listed are removed.</summary>
    public ImmutableArray<PlannedCondition> Conditions { get; init; } = [];

    /// <summary>The runtime's part, which the operator writes in inline mode; null where the gateway writes it itself.</summary>
    public BackendStatusPlan? Backends { get; init; }
}

/// <summary>One condition, apart from its time.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence; no secret is in it.</param>
public sealed record PlannedCondition(string Type, string Status, string Reason, string Message);

/// <summary>What field manager <c>vmcp-runtime</c> owns (design 5.8).</summary>
public sealed record BackendStatusPlan
{
    /// <summary>Backends that calls go to: ready and unauthenticated ones.</summary>
    public int BackendCount { get; init; }

    /// <summary>All of them, sorted by name.</summary>
    public ImmutableArray<BackendStatus> Backends { get; init; } = [];

    /// <summary><c>BackendsDiscovered</c> and <c>BackendsHealthy</c>.</summary>
    public ImmutableArray<PlannedCondition> Conditions { get; init; } = [];
}

/// <summary>One item of <c>status.discoveredBackends</c>.</summary>
/// <param name="Observed">What the gateway said of it; for one that is left out, unavailable with the reason.</param>
public sealed record BackendStatus(ObservedBackend Observed)
{
    /// <summary>Where it is.</summary>
    public string? Url { get; init; }

    /// <summary>The MCPExternalAuthConfig in use, or null.</summary>
    public string? AuthConfigRef { get; init; }

    /// <summary>Which setting won: <c>explicit</c>, <c>workload</c>, <c>default</c> or <c>none</c>.</summary>
    public string? AuthSource { get; init; }
}
