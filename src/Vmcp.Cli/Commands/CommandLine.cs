using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

using Vmcp.Cli.Explaining;
using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Commands;

/// <summary>The command <c>vmcp</c>. Exit code 1 on any error, 0 otherwise; errors are said in one line and never with the usage text.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line; cancelling it stops a running server gracefully.</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        RootCommand root = Build(terminal);
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            int failed = terminal.Fail(parsed.Errors.Select(e => e.Message).Distinct().Append($"try: {Path(parsed)} --help"));
            return parsed.CommandResult.Command.Name == ExplainCommand.Name ? ExplainRun.NotKnown : failed;
        }

        InvocationConfiguration invocation = new()
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // serve has signal handlers of its own
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The last net: a bug ends the process with exit code 1 and a report, not with a core dump.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return terminal.Fail($"this is a bug in vmcp {Core.Product.Version}, please report it: {e}");
        }
    }

    /// <summary>All commands with their options; the reference is written from them.</summary>
    internal static RootCommand Build(Terminal terminal)
    {
        GlobalOptions global = new();
        RootCommand root = new("One MCP endpoint over many MCP servers.")
        {
            ServeCommand.Build(terminal, global),
            ValidateCommand.Build(terminal, global),
            InitCommand.Build(terminal, global),
            StatusCommand.Build(terminal),
            ExplainCommand.Build(terminal),
            PlanCommand.Build(terminal),
            CompletionCommand.Build(terminal),
            VersionCommand.Build(terminal),
            global.Config,
            global.Debug,
        };
        root.Subcommands.Add(CompletionCommand.BuildCallback(terminal, root));
        // However the program was started, by launcher or by name.
        root.HelpName = "vmcp";
        HelpAction plain = new();
        HelpWithExamples help = new(plain, terminal);
        root.Options.OfType<HelpOption>().Single().Action = help;
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction(terminal);
        root.SetAction(parsed => help.Invoke(parsed));
        return root;
    }

    private static string Path(ParseResult parsed) => parsed.CommandResult.Command is RootCommand ? "vmcp" : $"vmcp {parsed.CommandResult.Command.Name}";

    private sealed class VersionAction(Terminal terminal) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult) => VersionCommand.Print(terminal);
    }
}

/// <summary>The options every command knows.</summary>
internal sealed class GlobalOptions
{
    /// <summary><c>--config</c>: the configuration file; for <c>init</c> the file to write.</summary>
    public Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = "The configuration file (vmcp.yaml)",
        HelpName = "PATH",
        Recursive = true,
    };

    /// <summary><c>--debug</c>: log requests too.</summary>
    public Option<bool> Debug { get; } = new("--debug") { Description = "Log requests too, not only changes of state", Recursive = true };
}
