using Vmcp.Config.Values;

namespace Vmcp.Config.Model;

/// <summary><c>operational</c>: timeouts, health, failure handling (defaults: vmcp-runtime 1.5).</summary>
public sealed record OperationalConfig
{
    /// <summary>Default of <c>timeouts.default</c>.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Nothing written.</summary>
    public static OperationalConfig Default { get; } = new();

    /// <summary>How much is logged; <c>--debug</c> wins.</summary>
    /// <default><see cref="LogLevelName.Info"/></default>
    public LogLevelName? LogLevel { get; init; }

    /// <summary>Deadlines of backend operations.</summary>
    public TimeoutsConfig? Timeouts { get; init; }

    /// <summary>Probes and what failures lead to.</summary>
    public FailureHandlingConfig? FailureHandling { get; init; }

    /// <summary>The failure handling; all defaults when none is written.</summary>
    public FailureHandlingConfig EffectiveFailureHandling => FailureHandling ?? FailureHandlingConfig.Default;

    /// <summary>The deadline for one backend: its own, else the written default, else 30 s.</summary>
    public TimeSpan TimeoutFor(string backend) =>
        Timeouts is not null && Timeouts.PerWorkload.TryGetValue(backend, out TimeSpan own) ? own : Timeouts?.Default ?? DefaultTimeout;
}

/// <summary>The values of <c>operational.logLevel</c>.</summary>
public enum LogLevelName
{
    /// <summary>Requests too.</summary>
    Debug,

    /// <summary>Changes of state.</summary>
    Info,

    /// <summary>What needs a look.</summary>
    Warn,

    /// <summary>What failed.</summary>
    Error,
}

/// <summary><c>operational.timeouts</c>.</summary>
public sealed record TimeoutsConfig
{
    /// <summary>How long a backend may be silent in an operation; progress starts it anew.</summary>
    /// <default><see cref="OperationalConfig.DefaultTimeout"/></default>
    public TimeSpan? Default { get; init; }

    /// <summary>The same by backend name.</summary>
    public SortedMap<TimeSpan> PerWorkload { get; init; } = SortedMap.Empty<TimeSpan>();
}

/// <summary><c>operational.failureHandling</c>.</summary>
public sealed record FailureHandlingConfig
{
    /// <summary>Nothing written.</summary>
    public static FailureHandlingConfig Default { get; } = new();

    /// <summary>Time between two probes of a backend.</summary>
    /// <default><see cref="EffectiveHealthCheckInterval"/></default>
    public TimeSpan? HealthCheckInterval { get; init; }

    /// <summary>Consecutive failures before a backend is out of service.</summary>
    /// <default><see cref="EffectiveUnhealthyThreshold"/></default>
    public int? UnhealthyThreshold { get; init; }

    /// <summary>Deadline of one probe; less than the interval.</summary>
    /// <default><see cref="EffectiveHealthCheckTimeout"/>, at most half the interval</default>
    public TimeSpan? HealthCheckTimeout { get; init; }

    /// <summary>Time between two status reports; only a gateway that reports to a cluster uses it.</summary>
    /// <default><see cref="EffectiveStatusReportingInterval"/></default>
    public TimeSpan? StatusReportingInterval { get; init; }

    /// <summary>Whether one failing backend fails the lists. Only a written <c>fail</c> is enforced (vmcp-runtime 9).</summary>
    /// <default><see cref="PartialFailureMode.BestEffort"/></default>
    public PartialFailureMode? PartialFailureMode { get; init; }

    /// <summary>Stops calling a backend that keeps failing.</summary>
    public CircuitBreakerConfig? CircuitBreaker { get; init; }

    /// <summary>As written, or 30 s.</summary>
    public TimeSpan EffectiveHealthCheckInterval => HealthCheckInterval ?? TimeSpan.FromSeconds(30);

    /// <summary>As written, or 3.</summary>
    public int EffectiveUnhealthyThreshold => UnhealthyThreshold ?? 3;

    /// <summary>
    /// As written; else 10 s, but never more than half the interval, so that a short interval alone is no contradiction.
    /// </summary>
    public TimeSpan EffectiveHealthCheckTimeout
    {
        get
        {
            if (HealthCheckTimeout is { } written)
                return written;
            TimeSpan half = EffectiveHealthCheckInterval / 2;
            return half < TimeSpan.FromSeconds(10) ? half : TimeSpan.FromSeconds(10);
        }
    }

    /// <summary>As written, or 30 s.</summary>
    public TimeSpan EffectiveStatusReportingInterval => StatusReportingInterval ?? TimeSpan.FromSeconds(30);

    /// <summary>True only when <c>partialFailureMode: fail</c> is written.</summary>
    public bool FailsOnPartialFailure => PartialFailureMode == Model.PartialFailureMode.Fail;

    /// <summary>The breaker; all defaults (off) when none is written.</summary>
    public CircuitBreakerConfig EffectiveCircuitBreaker => CircuitBreaker ?? CircuitBreakerConfig.Default;
}

/// <summary>The values of <c>partialFailureMode</c>.</summary>
public enum PartialFailureMode
{
    /// <summary>A failing backend fails the lists.</summary>
    Fail,

    /// <summary>A failing backend costs only its own items.</summary>
    BestEffort,
}

/// <summary><c>operational.failureHandling.circuitBreaker</c>.</summary>
public sealed record CircuitBreakerConfig
{
    /// <summary>Nothing written.</summary>
    public static CircuitBreakerConfig Default { get; } = new();

    /// <summary>Whether it works at all.</summary>
    /// <default><see cref="EffectiveEnabled"/></default>
    public bool? Enabled { get; init; }

    /// <summary>Failures that open it.</summary>
    /// <default><see cref="EffectiveFailureThreshold"/></default>
    public int? FailureThreshold { get; init; }

    /// <summary>How long it stays open before one probe is let through.</summary>
    /// <default><see cref="EffectiveTimeout"/></default>
    public TimeSpan? Timeout { get; init; }

    /// <summary>As written, or off.</summary>
    public bool EffectiveEnabled => Enabled ?? false;

    /// <summary>As written, or 5.</summary>
    public int EffectiveFailureThreshold => FailureThreshold ?? 5;

    /// <summary>As written, or 60 s.</summary>
    public TimeSpan EffectiveTimeout => Timeout ?? TimeSpan.FromSeconds(60);
}
