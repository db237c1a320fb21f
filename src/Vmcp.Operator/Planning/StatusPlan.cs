using System.Collections.Immutable;
using Vmcp.Resources.Status;

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
