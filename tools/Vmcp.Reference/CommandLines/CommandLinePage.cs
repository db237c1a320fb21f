using System.CommandLine;
using System.Text;
using Vmcp.Cli.Commands;
using Vmcp.Cli.Terminals;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.CommandLines;

/// <summary>Every command of <c>vmcp</c>.</summary>
internal static class CommandLinePage
{
    public static string Write()
    {
        RootCommand root = CommandLine.Build(new Terminal { Out = TextWriter.Null, Error = TextWriter.Null, Env = _ => null });
        StringBuilder page = Markdown.Page("Command line", "src/Vmcp.Cli");
        page.Append($"""

            Every command of `vmcp`, as `--help` after it shows it. Results go to standard output; errors, warnings and the log go to standard error.

            """);
        Markdown.Table(page, ["command", "what it does"], Commands(root).Select(c => new[]
        {
            $"[`vmcp {c.Name}`](#{c.Name})", Markdown.Escape(c.Description ?? ""),
        }));
        CommandSections.Examples(page, HelpWithExamples.ExamplesOf(""));
        Markdown.Heading(page, "##", "Options of every command", "global");
        CommandSections.Options(page, root.Options);
        foreach (Command command in Commands(root))
            Section(page, command);
        Markdown.Heading(page, "##", "Environment", "environment");
        page.Append("\nBesides the variables that the [configuration file](configuration.md) names itself, as `headerValueEnv` does:\n");
        CommandSections.Variables(page, Variables.All);
        return page.ToString();
    }

    private static void Section(StringBuilder page, Command command)
    {
        Markdown.Heading(page, "##", $"vmcp {command.Name}", command.Name);
        page.Append('\n').Append(Markdown.Sentence(Markdown.Escape(command.Description ?? ""))).Append('\n');
        CommandSections.Arguments(page, command.Arguments);
        CommandSections.Options(page, command.Options);
        CommandSections.ExitCodes(page, HelpWithExamples.ExitCodesOf(command.Name));
        CommandSections.Examples(page, HelpWithExamples.ExamplesOf(command.Name));
    }

    private static IEnumerable<Command> Commands(RootCommand root) => root.Subcommands.Where(command => !command.Hidden);
}
