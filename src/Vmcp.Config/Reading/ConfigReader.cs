using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Shapes;
using Vmcp.Config.Values;

namespace Vmcp.Config.Reading;

/// <summary>Reads a configuration strictly: unknown keys, repeated keys and wrong kinds are errors, and all of them are reported.</summary>
/// <remarks>
/// YAML 1.2 core schema; JSON is read too. Anchors and aliases work within bounds; merge keys, tags and several documents do not.
/// Never throws for bad input. Whether the values make sense is the business of <see cref="Validation.ConfigValidator"/>;
/// <see cref="ConfigFile"/> does both.
/// </remarks>
public static class ConfigReader
{
    /// <summary>Reads one document.</summary>
    /// <param name="yaml">The file's text, at most 1 MiB.</param>
    /// <param name="fileName">The file's name, for the report.</param>
    public static ConfigResult Read(string yaml, string fileName)
    {
        ReadContext context = new(fileName);
        Node? root = YamlTree.Read(yaml, out ConfigProblem? broken);
        if (root is null)
        {
            ConfigProblem problem = (broken ?? new ConfigProblem("", 1, Severity.Error, "the file is empty")) with { File = fileName };
            return new ConfigResult(null, [problem]) { Source = context.Source };
        }

        context.Source.Mark("", root.Line);
        GatewayConfig? draft = null;
        if (root is ScalarNode { Type: ScalarKind.Null })
            context.Error("", root.Line, "the file is empty", "`vmcp init` writes a file to start from");
        else if (GatewayShape.Gateway.TryRead(root, "", context, out GatewayConfig? read) && root is MapNode)
            draft = MoveOwnAuth(read, context);
        ImmutableArray<ConfigProblem> problems = [.. context.Problems.OrderBy(p => p.Line)];
        bool failed = draft is null || problems.Any(p => p.Severity == Severity.Error);
        return new ConfigResult(failed ? null : draft, problems) { Source = context.Source, Draft = draft };
    }

    // The older spelling means outgoingAuth.backends; from here on there is only that.
    private static GatewayConfig MoveOwnAuth(GatewayConfig config, ReadContext context)
    {
        if (!config.Backends.Any(b => b.Auth is not null))
            return config;
        SortedMap<StrategyConfig> strategies = config.OutgoingAuth?.Backends ?? SortedMap.Empty<StrategyConfig>();
        for (int i = 0; i < config.Backends.Count; i++)
        {
            BackendConfig backend = config.Backends[i];
            if (backend.Auth is null || string.IsNullOrEmpty(backend.Name))
                continue;
            string own = $"backends[{i}].auth";
            string usual = $"outgoingAuth.backends.{backend.Name}";
            if (strategies.ContainsKey(backend.Name))
            {
                context.Error(
                    own,
                    context.Source.LineOf(own),
                    $"the backend's auth is already at {context.Source.WrittenPath(usual)} (line {context.Source.LineOf(usual)})",
                    "keep one");
                continue;
            }

            strategies = strategies.With(backend.Name, backend.Auth);
            context.Source.Moved(usual, own);
        }

        return config with
        {
            Backends = [.. config.Backends.Select(b => b with { Auth = null })],
            OutgoingAuth = (config.OutgoingAuth ?? new OutgoingAuthConfig()) with { Backends = strategies },
        };
    }
}
