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

    public static readonly Shape<TimeoutsConfig> Timeouts = new(
        new TimeoutsConfig(),
        Field.Value<TimeoutsConfig, TimeSpan>("default", Kinds.Duration, x => x.Default, (x, v) => x with { Default = v }),
        Field.Map<TimeoutsConfig, TimeSpan>("perWorkload", Kinds.Duration, x => x.PerWorkload, (x, v) => x with { PerWorkload = v }));

    public static readonly Shape<CircuitBreakerConfig> Breaker = new(
        new CircuitBreakerConfig(),
        Field.Value<CircuitBreakerConfig, bool>("enabled", Kinds.Boolean, x => x.Enabled, (x, v) => x with { Enabled = v }),
        Field.Value<CircuitBreakerConfig, long>("failureThreshold", Kinds.Integer, x => x.FailureThreshold, (x, v) => x with { FailureThreshold = (int)v }),
        Field.Value<CircuitBreakerConfig, TimeSpan>("timeout", Kinds.Duration, x => x.Timeout, (x, v) => x with { Timeout = v }));

    public static readonly Shape<FailureHandlingConfig> FailureHandling = new(
        new FailureHandlingConfig(),
        Field.Value<FailureHandlingConfig, TimeSpan>("healthCheckInterval", Kinds.Duration, x => x.HealthCheckInterval, (x, v) => x with { HealthCheckInterval = v }),
        Field.Value<FailureHandlingConfig, TimeSpan>("healthCheckTimeout", Kinds.Duration, x => x.HealthCheckTimeout, (x, v) => x with { HealthCheckTimeout = v }),
        Field.Value<FailureHandlingConfig, long>("unhealthyThreshold", Kinds.Integer, x => x.UnhealthyThreshold, (x, v) => x with { UnhealthyThreshold = (int)v }),
        Field.Value<FailureHandlingConfig, TimeSpan>("statusReportingInterval", Kinds.Duration, x => x.StatusReportingInterval, (x, v) => x with { StatusReportingInterval = v }),
        Field.Value<FailureHandlingConfig, PartialFailureMode>("partialFailureMode", Modes, x => x.PartialFailureMode, (x, v) => x with { PartialFailureMode = v }),
        Field.Of<FailureHandlingConfig, CircuitBreakerConfig>("circuitBreaker", Breaker, x => x.CircuitBreaker, (x, v) => x with { CircuitBreaker = v }));

    public static readonly Shape<OperationalConfig> Operational = new(
        new OperationalConfig(),
        new OptionalWordField<OperationalConfig, LogLevelName>("logLevel", Levels, x => x.LogLevel, (x, v) => x with { LogLevel = v }),
        Field.Of<OperationalConfig, TimeoutsConfig>("timeouts", Timeouts, x => x.Timeouts, (x, v) => x with { Timeouts = v }),
        Field.Of<OperationalConfig, FailureHandlingConfig>("failureHandling", FailureHandling, x => x.FailureHandling, (x, v) => x with { FailureHandling = v }));
}
