using System.CommandLine;

using Vmcp.Cli.Planning;
using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Commands;

/// <summary><c>vmcp plan</c>: what the operator would create for the VirtualMCPServers of manifests, without a cluster.</summary>
internal static class PlanCommand
{
    public static Command Build(Terminal terminal)
    {
        Option<string[]> files = new("--filename", "-f")
        {
            Description = "Manifests: files, folders, or - for standard input; repeatable",
            HelpName = "PATH",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<bool> recursive = new("--recursive", "-R") { Description = "Take folders below the given ones too" };
        Option<string?> diff = new("--diff") { Description = "Compare with what these manifests would create; exit code 1 when something differs", HelpName = "PATH" };
        Option<string> space = new("--namespace", "-n")
        {
            Description = "The namespace of objects that name none",
            HelpName = "NAME",
            DefaultValueFactory = _ => "default",
        };
        Option<string?> name = new("--name") { Description = "Plan only the VirtualMCPServer of this name", HelpName = "NAME" };
        Option<string> output = new("--output", "-o") { Description = "yaml, or json for one List", HelpName = "FORMAT", DefaultValueFactory = _ => "yaml" };
        output.AcceptOnlyFromAmong("yaml", "json");
        Option<string?> image = new("--vmcp-image") { Description = "The gateway's image, as the operator's flag of that name", HelpName = "IMAGE" };
        Command command = new("plan", "Show what the operator would create for each VirtualMCPServer, without a cluster")
        {
            files,
            recursive,
            diff,
            space,
            name,
            output,
            image,
        };
        command.SetAction(parsed => PlanRun.Run(
            new PlanRequest
            {
                Files = parsed.GetValue(files)!,
                Recursive = parsed.GetValue(recursive),
                Diff = parsed.GetValue(diff),
                Namespace = parsed.GetValue(space)!,
                Name = parsed.GetValue(name),
                Json = parsed.GetValue(output) == "json",
                VmcpImage = parsed.GetValue(image),
            },
            terminal,
            terminal.In));
        return command;
    }
}
