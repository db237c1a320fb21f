using System.Collections.Immutable;
using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Validation;

/// <summary>Client headers that are passed on, and the static headers of backends (vmcp-runtime 4.14, auth-and-ops 5.6).</summary>
internal static class HeaderPassthroughRules
{
    public static void Check(GatewayConfig config, Func<string, string?> env, ProblemList problems)
    {
        if (config.PassthroughHeaders.Count > HeaderRules.MaxPassthrough)
            problems.Error("passthroughHeaders", $"at most {HeaderRules.MaxPassthrough} headers are passed through");
        Dictionary<string, int> seen = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < config.PassthroughHeaders.Count; i++)
        {
            string name = config.PassthroughHeaders[i];
            if (HeaderRules.PassthroughProblem(name) is { } problem)
                problems.Error($"passthroughHeaders[{i}]", problem);
            else if (!seen.TryAdd(name, i))
                problems.Error($"passthroughHeaders[{i}]", $"{name} is already in the list");
        }

        CheckStatic(config, env, seen, problems);
    }

    private static void CheckStatic(GatewayConfig config, Func<string, string?> env, Dictionary<string, int> passed, ProblemList problems)
    {
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        for (int i = 0; i < config.Backends.Count; i++)
        {
            string? name = config.Backends[i].Name;
            string variable = HeaderForward.ManifestVariable(name ?? "");
            if (string.IsNullOrEmpty(name) || env(variable) is null)
                continue;
            if (!owners.TryAdd(variable, name) && owners[variable] != name)
                problems.Error($"backends[{i}].name", $"{variable} is meant for \"{owners[variable]}\" and \"{name}\" alike", "rename one");
            EquatableMap headers = HeaderForward.Read(name, env, out ImmutableArray<string> found);
            foreach (string problem in found)
                problems.Error($"backends[{i}]", problem);
            foreach ((string header, _) in headers)
            {
                if (passed.TryGetValue(header, out int at))
                    problems.Error($"passthroughHeaders[{at}]", $"backend \"{name}\" has a static header {header} already");
            }
        }
    }
}
