using Vmcp.Config.Model;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Validation;

/// <summary>As whom the backends are called: every strategy has what its type needs, and nothing else.</summary>
internal static class OutgoingRules
{
    public static void Check(GatewayConfig config, Func<string, string?> env, ProblemList problems)
    {
        if (config.OutgoingAuth is not { } outgoing)
            return;
        // A gateway that discovers its backends reads their Secrets by name through the API; its pod carries none of them.
        if (outgoing.Source == OutgoingAuthSource.Discovered)
            env = name => name;
        string[] names = [.. config.Backends.Select(b => b.Name ?? "")];
        if (outgoing.Default is not null)
            new StrategyRules("outgoingAuth.default", env, problems).Check(outgoing.Default);
        foreach ((string name, StrategyConfig strategy) in outgoing.Backends)
        {
            string path = Paths.Join("outgoingAuth.backends", name);
            Ensure.KnownBackend(name, path, names, problems);
            new StrategyRules(path, env, problems).Check(strategy);
        }
    }
}
