using Vmcp.Config.Model;

namespace Vmcp.Config.Shapes;

/// <summary>Keys of <c>operational</c>.</summary>
internal static class OperationalShapes
{
    private static readonly WordKind<LogLevelName> Levels = new(
        "a log level",
        ("debug", LogLevelName.Debug),
        ("info", LogLevelName.Info),
        ("warn", LogLevelName.Warn),
        ("warning", LogLevelName.Warn),
        ("error", LogLevelName.Error));

    private static readonly WordKind<PartialFailureMode> Modes = new(
        "a mode",
        ("fail", PartialFailureMode.Fail),
        ("best_effort", PartialFailureMode.BestEffort));

    public static readonly Shape<TimeoutsConfig> Timeouts = new Shape<TimeoutsConfig>(new TimeoutsConfig())
        .Duration("default", x => x.Default, (x, v) => x with { Default = v })
        .Map("perWorkload", Kinds.Duration, x => x.PerWorkload, (x, v) => x with { PerWorkload = v });

    public static readonly Shape<CircuitBreakerConfig> Breaker = new Shape<CircuitBreakerConfig>(new CircuitBreakerConfig())
        .Flag("enabled", x => x.Enabled, (x, v) => x with { Enabled = v })
        .Integer("failureThreshold", x => x.FailureThreshold, (x, v) => x with { FailureThreshold = (int)v })
        .Duration("timeout", x => x.Timeout, (x, v) => x with { Timeout = v });

    public static readonly Shape<FailureHandlingConfig> FailureHandling = new Shape<FailureHandlingConfig>(new FailureHandlingConfig())
        .Duration("healthCheckInterval", x => x.HealthCheckInterval, (x, v) => x with { HealthCheckInterval = v })
        .Duration("healthCheckTimeout", x => x.HealthCheckTimeout, (x, v) => x with { HealthCheckTimeout = v })
        .Integer("unhealthyThreshold", x => x.UnhealthyThreshold, (x, v) => x with { UnhealthyThreshold = (int)v })
        .Duration("statusReportingInterval", x => x.StatusReportingInterval, (x, v) => x with { StatusReportingInterval = v })
        .Value("partialFailureMode", Modes, x => x.PartialFailureMode, (x, v) => x with { PartialFailureMode = v })
        .Of("circuitBreaker", Breaker, x => x.CircuitBreaker, (x, v) => x with { CircuitBreaker = v });

    public static readonly Shape<OperationalConfig> Operational = new Shape<OperationalConfig>(new OperationalConfig())
        .OptionalWord("logLevel", Levels, x => x.LogLevel, (x, v) => x with { LogLevel = v })
        .Of("timeouts", Timeouts, x => x.Timeouts, (x, v) => x with { Timeouts = v })
        .Of("failureHandling", FailureHandling, x => x.FailureHandling, (x, v) => x with { FailureHandling = v });
}
