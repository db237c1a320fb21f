using System.CommandLine;

using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Commands;

/// <summary><c>vmcp completion</c>: a script that lets a shell complete commands, options and their values.</summary>
internal static class CompletionCommand
{
    /// <summary>The hidden command that the scripts call with the line up to the cursor.</summary>
    public const string Callback = "complete-line";

    public static Command Build(Terminal terminal)
    {
        Argument<string> shell = new("SHELL") { Description = "The shell that will read the script" };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        Command command = new("completion", "Print a script that lets a shell complete vmcp") { shell };
        command.SetAction(parsed =>
        {
            terminal.Out.Write(CompletionScripts.For(parsed.GetValue(shell)!));
            return 0;
        });
        return command;
    }

    /// <summary>Answers the scripts: one possible word per line.</summary>
    public static Command BuildCallback(Terminal terminal, RootCommand root)
    {
        Argument<string> line = new("LINE") { Description = "The command line up to the cursor, the program's name first" };
        Command command = new(Callback, "Print the words that can follow; the scripts of vmcp completion call this") { line };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            foreach (string word in Words(root, parsed.GetValue(line)!))
                terminal.Out.WriteLine(word);
            return 0;
        });
        return command;
    }

    private static IEnumerable<string> Words(RootCommand root, string line)
    {
        int program = line.IndexOf(' ', StringComparison.Ordinal);
        string rest = program < 0 ? "" : line[(program + 1)..];
        string begun = rest[(rest.LastIndexOf(' ') + 1)..];
        return root.Parse(rest).GetCompletions(rest.Length)
            .Select(c => c.Label)
            // Each option once, by its long name; "/h" and "-?" are for those who know them.
            .Where(w => w.StartsWith(begun, StringComparison.Ordinal) && (begun.Length > 0 || w is not (['-', not '-', ..] or ['/', ..])))
            .Distinct()
            .Order(StringComparer.Ordinal);
    }
}
