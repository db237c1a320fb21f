using Vmcp.Config.Model;
using Vmcp.Config.Shapes;

namespace Vmcp.Config.Writing;

/// <summary>How a configuration is written.</summary>
public sealed record ConfigWriterOptions
{
    /// <summary>Writes out the operational defaults (vmcp-runtime 1.5), so that a reader of the file sees what applies.</summary>
    /// <remarks>
    /// Written defaults never change the meaning. So <c>partialFailureMode</c> is written as <c>best_effort</c>, which is what an absent
    /// one means; a written <c>fail</c> would be enforced (vmcp-runtime 9).
    /// </remarks>
    public bool WriteDefaults { get; init; }
}

/// <summary>Writes a configuration as YAML, byte-stable: equal configurations give equal bytes on every machine.</summary>
/// <remarks>
/// camelCase, keys in the order of vmcp-runtime 1.2, maps sorted (ordinal), only what is set, line feeds. Reading it back gives an equal
/// value.
/// </remarks>
public static class ConfigWriter
{
    /// <summary>Writes a configuration.</summary>
    public static string Write(GatewayConfig config, ConfigWriterOptions? options = null) =>
        YamlText.Render(GatewayShape.Gateway.Write(options is { WriteDefaults: true } ? WithDefaults(config) : config));

    /// <summary>A text as a YAML scalar, in quotes where it needs them; for files composed by hand, such as a commented starter.</summary>
    public static string Quote(string text) => YamlText.Text(text);

    private static GatewayConfig WithDefaults(GatewayConfig config)
    {
        OperationalConfig operational = config.EffectiveOperational;
        FailureHandlingConfig failures = operational.EffectiveFailureHandling;
        CircuitBreakerConfig breaker = failures.EffectiveCircuitBreaker;
        TimeoutsConfig timeouts = operational.Timeouts ?? new TimeoutsConfig();
        return config with
        {
            Operational = operational with
            {
                Timeouts = timeouts with { Default = timeouts.Default ?? OperationalConfig.DefaultTimeout },
                FailureHandling = failures with
                {
                    HealthCheckInterval = failures.EffectiveHealthCheckInterval,
                    HealthCheckTimeout = failures.EffectiveHealthCheckTimeout,
                    UnhealthyThreshold = failures.EffectiveUnhealthyThreshold,
                    StatusReportingInterval = failures.EffectiveStatusReportingInterval,
                    PartialFailureMode = failures.PartialFailureMode ?? PartialFailureMode.BestEffort,
                    CircuitBreaker = breaker with
                    {
                        Enabled = breaker.EffectiveEnabled,
                        FailureThreshold = breaker.EffectiveFailureThreshold,
                        Timeout = breaker.EffectiveTimeout,
                    },
                },
            },
        };
    }
}
