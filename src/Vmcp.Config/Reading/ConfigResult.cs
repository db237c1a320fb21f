using System.Collections.Immutable;
using Vmcp.Config.Model;

namespace Vmcp.Config.Reading;

/// <summary>What came of reading a configuration.</summary>
/// <param name="Config">The configuration; null as soon as one problem is an error.</param>
/// <param name="Problems">All problems, by line, then path.</param>
public sealed record ConfigResult(GatewayConfig? Config, ImmutableArray<ConfigProblem> Problems)
{
    /// <summary>Where the file says what; for reports about the configuration later on.</summary>
    public SourceMap Source { get; init; } = SourceMap.Empty;

    /// <summary>Whether a problem is an error.</summary>
    public bool HasErrors => Problems.Any(p => p.Severity == Severity.Error);

    /// <summary>Everything that could be read even when there are errors, so that validation can report together with reading.</summary>
    internal GatewayConfig? Draft { get; init; }
}
