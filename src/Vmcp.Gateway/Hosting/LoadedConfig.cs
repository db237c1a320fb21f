using System.Collections.Immutable;

using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;

namespace Vmcp.Gateway.Hosting;

/// <summary>A configuration turned into what the gateway runs on.</summary>
/// <param name="Config">The document.</param>
/// <param name="Backends">Its backends.</param>
/// <param name="Settings">What may change while running.</param>
public sealed record LoadedConfig(GatewayConfig Config, BackendSet Backends, GatewaySettings Settings)
{
    /// <summary>Reads, checks and maps a configuration. All problems are reported together; with an error among them there is no result.</summary>
    /// <param name="yaml">The file's text.</param>
    /// <param name="fileName">Its name in messages.</param>
    /// <param name="env">Looks up environment variables.</param>
    /// <param name="version">The version of the backend set.</param>
    /// <param name="problems">What is wrong, and what is not supported yet.</param>
    /// <param name="backendsAlone">
    /// A backend whose credential is missing costs itself only, and its problem becomes a warning. Where an operator runs the gateway, one bad
    /// Secret must not take all backends away (operator 4.5); a person at a terminal wants to be told before anything runs.
    /// </param>
    public static LoadedConfig? Load(
        string yaml,
        string fileName,
        Func<string, string?> env,
        long version,
        out ImmutableArray<ConfigProblem> problems,
        bool backendsAlone = false)
    {
        ConfigResult result = ConfigFile.Load(yaml, fileName, env, credentialsLater: backendsAlone);
        problems = result.Problems;
        if (result.Config is not { } config)
            return null;
        MappedBackends mapped = BackendMapping.ToBackends(config, env, version, result.Source);
        IEnumerable<ConfigProblem> single = backendsAlone ? mapped.Problems.Select(p => p with { Severity = Severity.Warning }) : mapped.Problems;
        problems = [.. problems, .. NotSupportedYet.Find(config, result.Source), .. single, .. mapped.Backends.Backends.SelectMany(Refusing)];
        return problems.Any(p => p.Severity == Severity.Error) ? null : new LoadedConfig(config, mapped.Backends, SettingsOf(config));
    }

    // Served, because it is listed and probed like any other; whoever reads the log should not have to wait for the first call to learn it.
    private static IEnumerable<ConfigProblem> Refusing(Backend backend)
    {
        if (backend.Strategy.Needs is { } needs)
        {
            yield return new ConfigProblem(
                "outgoingAuth", 0, Severity.Warning, $"backend \"{backend.Name}\": every call is refused, because {backend.Strategy.Type} needs {needs}");
        }
    }

    private static GatewaySettings SettingsOf(GatewayConfig config)
    {
        HealthSettings health = HealthSettings.From(config);
        return new GatewaySettings
        {
            Aggregation = BackendMapping.ToPolicy(config),
            Health = new HealthPolicy { Interval = health.Interval, Timeout = health.Timeout, UnhealthyThreshold = health.UnhealthyThreshold },
            Breaker = new BreakerPolicy
            {
                Enabled = health.BreakerEnabled,
                FailureThreshold = health.BreakerFailureThreshold,
                OpenTimeout = health.BreakerTimeout,
            },
            ReportingInterval = config.EffectiveOperational.EffectiveFailureHandling.EffectiveStatusReportingInterval,
            FailOnPartialFailure = health.FailOnPartialFailure,
            PassthroughHeaders = [.. config.PassthroughHeaders],
        };
    }
}
