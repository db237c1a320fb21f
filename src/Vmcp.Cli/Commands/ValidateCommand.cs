using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;

using Vmcp.Cli.Serving;
using Vmcp.Cli.Terminals;
using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Status;

namespace Vmcp.Cli.Commands;

/// <summary><c>vmcp validate</c>: everything that is wrong with a file, or a summary of what it says.</summary>
internal static class ValidateCommand
{
    public static Command Build(Terminal terminal, GlobalOptions global)
    {
        Command command = new("validate", "Check a configuration file and say what it means");
        command.SetAction(parsed => Run(parsed.GetValue(global.Config), terminal));
        return command;
    }

    private static int Run(string? path, Terminal terminal)
    {
        if (path is null)
            return terminal.Fail("--config must be specified: the file to check");
        if (ConfigSource.Read(path, out string problem) is not { } text)
            return terminal.Fail(problem);
        ConfigResult result = ConfigFile.Load(text, path, terminal.Env);
        foreach (ConfigProblem found in result.Problems)
            terminal.Error.WriteLine(found);
        if (result.Config is not { } config)
        {
            int errors = result.Problems.Count(p => p.Severity == Severity.Error);
            return terminal.Fail($"{path} is not valid: {errors} error{(errors == 1 ? "" : "s")}");
        }

        Summarise(config, path, terminal.Out);
        Note(config, path, result.Source, terminal);
        return 0;
    }

    private static void Summarise(GatewayConfig config, string path, TextWriter output)
    {
        output.WriteLine($"{path} is valid");
        output.WriteLine();
        Line(output, "name", config.EffectiveName, config.Name is null);
        Line(output, "group", config.EffectiveGroup, config.GroupRef is null);
        Line(output, "incoming auth", Word(config.EffectiveIncomingAuth), config.IncomingAuth?.Type is null);
        Line(output, "outgoing source", Word(config.EffectiveSource), config.OutgoingAuth?.Source is null);
        Line(output, "conflict resolution", Conflicts(config.EffectiveAggregation), config.Aggregation?.ConflictResolution is null);
        Line(output, "composite tools", config.CompositeTools.Count.ToString(CultureInfo.InvariantCulture), false);
        Line(output, "backends", config.Backends.Count.ToString(CultureInfo.InvariantCulture), false);
        int width = config.Backends.Select(b => b.Name!.Length).DefaultIfEmpty().Max();
        foreach (BackendConfig backend in config.Backends)
        {
            string auth = config.StrategyFor(backend.Name!)?.Type is { } type ? StrategyWords.Of(type) : "unauthenticated";
            output.WriteLine($"  {backend.Name!.PadRight(width)}  {backend.EffectiveTransport.Word(),-15}  {auth}  {backend.Url}");
        }
    }

    /// <summary>A valid file may still hold what this version cannot serve, or need an environment that is not this one.</summary>
    private static void Note(GatewayConfig config, string path, SourceMap source, Terminal terminal)
    {
        ImmutableArray<ConfigProblem> missing = [.. NotSupportedYet.Find(config, source), .. NotSupportedYet.FindBeside(path)];
        // Backends that fail only because their strategy is not supported are in the first list already.
        ImmutableArray<ConfigProblem> here = missing.IsEmpty ? BackendMapping.ToBackends(config, terminal.Env, 1, source).Problems : [];
        if (missing.IsEmpty && here.IsEmpty)
            return;
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("serve would refuse it here:");
        foreach (ConfigProblem problem in missing.AddRange(here))
            terminal.Out.WriteLine("  " + problem);
    }

    private static void Line(TextWriter output, string what, string value, bool isDefault) =>
        output.WriteLine($"{what,-20} {value}{(isDefault ? " (default)" : "")}");

    private static string Conflicts(AggregationConfig aggregation) => aggregation.EffectiveConflictResolution switch
    {
        ConflictStrategy.Prefix => $"prefix, {aggregation.EffectivePrefixFormat}",
        ConflictStrategy.Priority => $"priority, {string.Join(" > ", aggregation.ConflictResolutionConfig?.PriorityOrder.Items ?? [])}",
        _ => "manual",
    };

    private static string Word(IncomingAuthType type) => type switch
    {
        IncomingAuthType.Oidc => "oidc",
        IncomingAuthType.Local => "local",
        _ => "anonymous",
    };

    private static string Word(OutgoingAuthSource source) => source == OutgoingAuthSource.Inline ? "inline" : "discovered";
}
