using Vmcp.Config.Model;

namespace Vmcp.Config.Backends;

/// <summary>Probes, thresholds and breaker with all defaults filled in (vmcp-runtime 1.5).</summary>
public sealed record HealthSettings
{
    /// <summary>Time between two probes of a backend.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Deadline of one probe; less than <see cref="Interval"/>.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Consecutive failures before a backend is out of service.</summary>
    public required int UnhealthyThreshold { get; init; }

    /// <summary>Whether the circuit breaker works.</summary>
    public required bool BreakerEnabled { get; init; }

    /// <summary>Failures that open the breaker.</summary>
    public required int BreakerFailureThreshold { get; init; }

    /// <summary>How long the breaker stays open before one probe is let through.</summary>
    public required TimeSpan BreakerTimeout { get; init; }

    /// <summary>One failing backend fails the lists and readiness: only when <c>partialFailureMode: fail</c> is written (vmcp-runtime 9).</summary>
    public required bool FailOnPartialFailure { get; init; }

    /// <summary>Takes the settings of a configuration.</summary>
    public static HealthSettings From(GatewayConfig config)
    {
        FailureHandlingConfig failures = config.EffectiveOperational.EffectiveFailureHandling;
        CircuitBreakerConfig breaker = failures.EffectiveCircuitBreaker;
        return new HealthSettings
        {
            Interval = failures.EffectiveHealthCheckInterval,
            Timeout = failures.EffectiveHealthCheckTimeout,
            UnhealthyThreshold = failures.EffectiveUnhealthyThreshold,
            BreakerEnabled = breaker.EffectiveEnabled,
            BreakerFailureThreshold = breaker.EffectiveFailureThreshold,
            BreakerTimeout = breaker.EffectiveTimeout,
            FailOnPartialFailure = failures.FailsOnPartialFailure,
        };
    }
}
