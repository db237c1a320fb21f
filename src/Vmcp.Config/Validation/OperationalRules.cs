using Vmcp.Config.Model;
using Vmcp.Config.Values;

namespace Vmcp.Config.Validation;

/// <summary>Timeouts, health and failure handling (vmcp-runtime 1.4).</summary>
internal static class OperationalRules
{
    public static void Check(GatewayConfig config, ProblemList problems)
    {
        if (config.Operational is not { } operational)
            return;
        if (operational.Timeouts is { } timeouts)
        {
            string[] names = [.. config.Backends.Select(b => b.Name ?? "")];
            Ensure.Positive(timeouts.Default, "operational.timeouts.default", problems);
            foreach ((string workload, TimeSpan timeout) in timeouts.PerWorkload)
            {
                string path = $"operational.timeouts.perWorkload.{workload}";
                Ensure.Positive(timeout, path, problems);
                Ensure.KnownBackend(workload, path, names, problems);
            }
        }

        if (operational.FailureHandling is { } failures)
            CheckFailures(failures, problems);
    }

    private static void CheckFailures(FailureHandlingConfig failures, ProblemList problems)
    {
        const string At = "operational.failureHandling";
        Ensure.Positive(failures.HealthCheckInterval, $"{At}.healthCheckInterval", problems);
        Ensure.Positive(failures.HealthCheckTimeout, $"{At}.healthCheckTimeout", problems);
        Ensure.Positive(failures.StatusReportingInterval, $"{At}.statusReportingInterval", problems);
        Ensure.Range(failures.UnhealthyThreshold, 1, int.MaxValue, $"{At}.unhealthyThreshold", problems);
        TimeSpan interval = failures.EffectiveHealthCheckInterval;
        if (failures.HealthCheckTimeout is { } timeout && interval > TimeSpan.Zero && timeout >= interval)
        {
            string written = failures.HealthCheckInterval is null ? ", its default" : "";
            problems.Error(
                $"{At}.healthCheckTimeout",
                $"healthCheckTimeout ({GoDuration.Format(timeout)}) must be less than healthCheckInterval ({GoDuration.Format(interval)}{written})");
        }

        if (failures.CircuitBreaker is not { } breaker)
            return;
        Ensure.Range(breaker.FailureThreshold, 1, int.MaxValue, $"{At}.circuitBreaker.failureThreshold", problems);
        if (breaker.Timeout < TimeSpan.FromSeconds(1))
            problems.Error($"{At}.circuitBreaker.timeout", $"must be >= 1s, is {GoDuration.Format(breaker.Timeout.Value)}");
    }
}
