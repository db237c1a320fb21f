using System.Collections.Immutable;
using System.CommandLine;

using Vmcp.Cli.Backends;
using Vmcp.Cli.Serving;
using Vmcp.Cli.Terminals;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;

namespace Vmcp.Cli.Commands;

/// <summary><c>vmcp init</c>: writes a commented starter file.</summary>
internal static class InitCommand
{
    public static Command Build(Terminal terminal, GlobalOptions global)
    {
        Option<string[]> backends = new("--backend") { Description = "An MCP server to list in the file; repeatable", HelpName = "NAME=URL" };
        Option<string?> output = new("--output", "-o")
        {
            Description = "The file to write; - or nothing writes to standard output (-c means the same here)",
            HelpName = "PATH",
        };
        Option<bool> force = new("--force") { Description = "Replace a file that exists" };
        Option<string?> group = new("--group", "-g") { Description = "Take the servers of a group of a local container runtime (not supported yet)", HelpName = "NAME" };
        Command command = new("init", "Write a commented starter configuration") { backends, output, force, group };
        command.SetAction(parsed => Run(
            parsed.GetValue(backends) ?? [],
            parsed.GetValue(group),
            parsed.GetValue(output) ?? parsed.GetValue(global.Config),
            parsed.GetValue(force),
            terminal));
        return command;
    }

    private static int Run(string[] arguments, string? group, string? output, bool force, Terminal terminal)
    {
        if (group is not null)
            return terminal.Fail(ServePlan.GroupNotSupported.Replace(", or list them in a file and give it with --config", "", StringComparison.Ordinal));
        if (arguments.Length == 0)
            return terminal.Fail("--backend must be specified: name each MCP server with --backend name=url");
        BackendArgument[] read = [.. arguments.Select(BackendArgument.Parse)];
        string[] malformed = [.. read.OfType<BackendArgument.Malformed>().Select(m => m.Reason)];
        if (malformed.Length > 0)
            return terminal.Fail(malformed);
        foreach (BackendArgument.Unsupported skipped in read.OfType<BackendArgument.Unsupported>())
            terminal.Error.WriteLine($"vmcp: warning: skipped {skipped.Reason}");
        ImmutableArray<BackendConfig> backends = [.. read.OfType<BackendArgument.Usable>().Select(u => u.Backend)];
        if (backends.IsEmpty)
            return terminal.Fail("no server is left to write; nothing was written");
        return Write(backends, output, force, terminal);
    }

    private static int Write(ImmutableArray<BackendConfig> backends, string? output, bool force, Terminal terminal)
    {
        string text = StarterFile.Text(backends);
        // What we write must pass what we check: names given twice, odd names, URLs with passwords end here.
        string[] errors =
        [
            .. ConfigFile.Load(text, "", terminal.Env).Problems
                .Where(p => p.Severity == Severity.Error)
                .Select(p => (p with { File = null, Line = 0 }).ToString()),
        ];
        if (errors.Length > 0)
            return terminal.Fail(errors);
        if (output is null or "" or "-")
        {
            terminal.Out.Write(text);
            return 0;
        }

        if (StarterFile.Save(output, text, force) is { } problem)
            return terminal.Fail(problem);
        terminal.Error.WriteLine($"wrote {output} with {(backends.Length == 1 ? "1 backend" : $"{backends.Length} backends")}; next: vmcp serve -c {output}");
        return 0;
    }
}
