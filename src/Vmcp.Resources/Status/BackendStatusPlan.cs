using System.Collections.Immutable;

namespace Vmcp.Resources.Status;

/// <summary>What field manager <c>vmcp-runtime</c> owns (design 5.8).</summary>
public sealed record BackendStatusPlan
{
    /// <summary>Backends that calls go to: ready and unauthenticated ones.</summary>
    public int BackendCount { get; init; }

    /// <summary>All of them, sorted by name.</summary>
    public ImmutableArray<BackendStatus> Backends { get; init; } = [];

    /// <summary><c>BackendsDiscovered</c> and <c>BackendsHealthy</c>.</summary>
    public ImmutableArray<PlannedCondition> Conditions { get; init; } = [];

    /// <summary>Whether both say the same; what merely ticks with each probe says nothing.</summary>
    public bool SameAs(BackendStatusPlan other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return BackendCount == other.BackendCount
            && Conditions.SequenceEqual(other.Conditions)
            && Backends.Length == other.Backends.Length
            && Backends.Zip(other.Backends).All(p => p.First.SameAs(p.Second));
    }
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

    /// <summary>Whether both say the same; what merely ticks with each probe says nothing.</summary>
    public bool SameAs(BackendStatus other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Observed.SameAs(other.Observed) && this with { Observed = other.Observed } == other;
    }
}
