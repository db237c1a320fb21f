using System.CommandLine;

using Vmcp.Cli.Explaining;
using Vmcp.Cli.Status;
using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Commands;

/// <summary><c>vmcp explain</c>: why a tool is or is not visible. Exit code 0: visible; 1: not visible; 2: not known, or a wrong command line.</summary>
internal static class ExplainCommand
{
    public const string Name = "explain";

    public static Command Build(Terminal terminal)
    {
        Argument<string> tool = new("TOOL") { Description = "The tool: as clients see it, as its backend calls it, or as backend/tool" };
        Option<string?> server = new("--server")
        {
            Description = $"A running gateway; {GatewayAddress.Default} when nothing else is named",
            HelpName = "URL",
        };
        Option<string> output = new("--output", "-o") { Description = "text, or json for scripts", HelpName = "FORMAT", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        Command command = new(Name, "Say why a tool is or is not visible; exit code 0: it is, 1: it is not, 2: nobody knows it")
        {
            tool,
            server,
            output,
        };
        command.SetAction((parsed, cancellationToken) => ExplainRun.RunAsync(
            new ExplainRequest
            {
                Tool = parsed.GetValue(tool)!,
                Server = parsed.GetValue(server),
                Json = parsed.GetValue(output) == "json",
            },
            terminal,
            cancellationToken));
        return command;
    }
}
