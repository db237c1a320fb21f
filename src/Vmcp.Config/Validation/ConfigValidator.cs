using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Validation;

/// <summary>Checks that a configuration makes sense (vmcp-runtime 1.4 and what should be checked besides). Offline: no network, no files.</summary>
public static class ConfigValidator
{
    /// <summary>Reports every problem, by line, then path.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="env">Looks up an environment variable; null when it is not set.</param>
    /// <param name="source">Where the file says what; null when the configuration came from no file.</param>
    /// <param name="credentialsLater">
    /// Whether values for single backends are there is left to <see cref="Backends.BackendMapping"/>, which leaves out a backend that lacks one.
    /// </param>
    public static ImmutableArray<ConfigProblem> Validate(
        GatewayConfig config, Func<string, string?> env, SourceMap? source = null, bool credentialsLater = false)
    {
        ProblemList problems = new(source ?? SourceMap.Empty);
        BackendRules.Check(config, problems);
        IncomingRules.Check(config, env, problems);
        OutgoingRules.Check(config, credentialsLater ? name => name : env, problems);
        AggregationRules.Check(config, problems);
        OperationalRules.Check(config, problems);
        HeaderPassthroughRules.Check(config, credentialsLater ? _ => null : env, problems);
        FeatureRules.Check(config, problems);
        CompositeRules.Check(config, problems);
        return problems.ToImmutable();
    }
}
