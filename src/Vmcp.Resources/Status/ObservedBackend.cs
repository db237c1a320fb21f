namespace Vmcp.Resources.Status;

/// <summary>What a gateway said of one backend; in inline mode the worst of what its replicas said.</summary>
public sealed record ObservedBackend
{
    /// <summary>The backend's name.</summary>
    public required string Name { get; init; }

    /// <summary><c>ready</c>, <c>degraded</c>, <c>unavailable</c>, <c>unauthenticated</c> or <c>unknown</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why, or null.</summary>
    public string? Message { get; init; }

    /// <summary>The strategy's type, snake_case, or null.</summary>
    public string? AuthType { get; init; }

    /// <summary><c>closed</c>, <c>open</c>, <c>half-open</c>, or null when the breaker is off.</summary>
    public string? CircuitBreakerState { get; init; }

    /// <summary>When the breaker changed last.</summary>
    public DateTimeOffset? CircuitLastChanged { get; init; }

    /// <summary>When the backend was probed last. Not a change by itself.</summary>
    public DateTimeOffset? LastHealthCheck { get; init; }

    /// <summary>Failures in a row. Growing is not a change by itself, doubling is.</summary>
    public int ConsecutiveFailures { get; init; }

    /// <summary>The protocol revision spoken with it, or null before the first probe.</summary>
    public string? McpRevision { get; init; }

    /// <summary>Whether both say the same of a backend: what merely ticks with each probe says nothing.</summary>
    public bool SameAs(ObservedBackend other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Settled(this) == Settled(other);
    }

    private static ObservedBackend Settled(ObservedBackend backend) =>
        backend with { LastHealthCheck = null, ConsecutiveFailures = RuntimeHalf.Size(backend.ConsecutiveFailures) };
}
