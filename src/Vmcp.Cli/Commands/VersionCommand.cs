using System.CommandLine;

using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Commands;

/// <summary><c>vmcp version</c>.</summary>
internal static class VersionCommand
{
    public static Command Build(Terminal terminal)
    {
        Command command = new("version", "Print the version");
        command.SetAction(_ => Print(terminal));
        return command;
    }

    public static int Print(Terminal terminal)
    {
        terminal.Out.WriteLine($"vmcp version: {ProgramVersion.Text}");
        return 0;
    }
}
