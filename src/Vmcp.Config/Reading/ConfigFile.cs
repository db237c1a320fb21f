using System.Collections.Immutable;
using Vmcp.Config.Validation;

namespace Vmcp.Config.Reading;

/// <summary>Reading and validation in one report: what <c>serve</c> and <c>validate</c> use.</summary>
public static class ConfigFile
{
    /// <summary>Reads and validates a configuration.</summary>
    /// <param name="yaml">The file's text.</param>
    /// <param name="fileName">The file's name, for the report.</param>
    /// <param name="env">Looks up an environment variable; null when it is not set.</param>
    /// <param name="credentialsLater">Whether values for single backends are there is not checked yet (see <see cref="ConfigValidator"/>).</param>
    public static ConfigResult Load(string yaml, string fileName, Func<string, string?> env, bool credentialsLater = false)
    {
        ConfigResult read = ConfigReader.Read(yaml, fileName);
        if (read.Draft is null)
            return read;
        ImmutableArray<ConfigProblem> found = ConfigValidator.Validate(read.Draft, env, read.Source, credentialsLater);
        // What could not be read is not "missing" as well.
        IEnumerable<ConfigProblem> more = found.Where(p => !read.Problems.Any(r => Covers(r.Path, p.Path)));
        ImmutableArray<ConfigProblem> problems = [.. read.Problems.Concat(more).OrderBy(p => p.Line).ThenBy(p => p.Path, StringComparer.Ordinal)];
        bool failed = problems.Any(p => p.Severity == Severity.Error);
        return read with { Config = failed ? null : read.Config, Problems = problems };
    }

    private static bool Covers(string reported, string path) =>
        reported.Length > 0
        && path.StartsWith(reported, StringComparison.Ordinal)
        && (path.Length == reported.Length || path[reported.Length] is '.' or '[');
}
