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
        Option<string?> path = new("--filename", "-f")
        {
            Description = "A directory of Kubernetes manifests, or a configuration file; its backends are asked from here, no gateway needs to run",
            HelpName = "PATH",
        };
        Option<string?> group = new("--group", "-g") { Description = "The MCPGroup of the directory, where it has several", HelpName = "NAME" };
        Option<string?> name = new("--name") { Description = "A VirtualMCPServer in a cluster", HelpName = "NAME" };
        ClusterOptions cluster = new();
        Option<string> output = new("--output", "-o") { Description = "text, or json for scripts", HelpName = "FORMAT", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        Command command = new(Name, "Say why a tool is or is not visible")
        {
            tool,
            server,
            path,
            group,
            name,
            cluster.Namespace,
            cluster.Kubeconfig,
            cluster.Context,
            output,
        };
        command.SetAction((parsed, cancellationToken) => ExplainRun.RunAsync(
            new ExplainRequest
            {
                Tool = parsed.GetValue(tool)!,
                Server = parsed.GetValue(server),
                Path = parsed.GetValue(path),
                Group = parsed.GetValue(group),
                Name = parsed.GetValue(name),
                Namespace = parsed.GetValue(cluster.Namespace),
                Kubeconfig = parsed.GetValue(cluster.Kubeconfig),
                Context = parsed.GetValue(cluster.Context),
                Json = parsed.GetValue(output) == "json",
            },
            terminal,
            cancellationToken));
        return command;
    }
}
