using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Commands;

/// <summary>The usual help, then examples to copy and exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction plain, Terminal terminal) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "vmcp serve --backend notes=http://127.0.0.1:9001/mcp --backend dice=http://127.0.0.1:9002/mcp",
            "vmcp init --backend notes=http://127.0.0.1:9001/mcp -o vmcp.yaml",
            "vmcp validate -c vmcp.yaml",
            "vmcp serve -c vmcp.yaml",
            "vmcp status",
        ],
        ["serve"] =
        [
            "vmcp serve -c vmcp.yaml",
            "vmcp serve --backend notes=http://127.0.0.1:9001/mcp --port 0",
            "vmcp serve --manifests manifests/",
            "vmcp serve -c vmcp.yaml --host 0.0.0.0 --allowed-host mcp.example.com --log-format json",
        ],
        ["validate"] = ["vmcp validate -c vmcp.yaml"],
        ["init"] =
        [
            "vmcp init --backend notes=http://127.0.0.1:9001/mcp -o vmcp.yaml",
            "vmcp init --backend old=http://127.0.0.1:9002/sse > vmcp.yaml",
        ],
        ["plan"] =
        [
            "vmcp plan -f manifests/",
            "kubectl get vmcp,mcpg,mcpserver,mcpentry,extauth -n tools -o yaml | vmcp plan -f -",
            "vmcp plan -f manifests/ --diff changed/",
        ],
        ["explain"] =
        [
            "vmcp explain jira_search",
            "vmcp explain jira/search --server http://127.0.0.1:8080",
            "vmcp explain jira/search -f manifests/",
            "vmcp explain jira/search -n tools --name hub",
        ],
        ["status"] = ["vmcp status", "vmcp status http://127.0.0.1:8080", "vmcp status --json", "vmcp status hub -n tools"],
        ["completion"] = ["vmcp completion bash > ~/.local/share/bash-completion/completions/vmcp", "vmcp completion fish | source"],
        ["version"] = ["vmcp version"],
    };

    /// <summary>What scripts may rely on, per command.</summary>
    private static readonly Dictionary<string, string[]> ExitCodes = new(StringComparer.Ordinal)
    {
        ["serve"] = ["0  after a graceful stop", "1  it could not start"],
        ["validate"] = ["0  the file is valid", "1  it is not, or cannot be read"],
        ["init"] = ["0  written", "1  nothing was written"],
        ["plan"] = ["0  planned, nothing differs", "1  a server would be held, or something differs", "2  a manifest cannot be read"],
        ["explain"] = ["0  the tool is visible", "1  it is not", "2  nobody knows it, or a wrong command line"],
        ["status"] = ["0  it answers, is ready and has a usable backend or none at all", "1  otherwise"],
        ["completion"] = ["0  printed", "1  no such shell"],
        ["version"] = ["0  always"],
    };

    /// <summary>The examples of a command, by its name; of the program itself by the empty one.</summary>
    public static IReadOnlyList<string> ExamplesOf(string command) => Examples.GetValueOrDefault(command, []);

    /// <summary>The exit codes of a command, each <c>code  when</c>; none for the program itself.</summary>
    public static IReadOnlyList<string> ExitCodesOf(string command) => ExitCodes.GetValueOrDefault(command, []);

    /// <inheritdoc />
    public override bool ClearsParseErrors => true;

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        plain.Invoke(parseResult);
        string command = parseResult.CommandResult.Command is RootCommand ? "" : parseResult.CommandResult.Command.Name;
        if (!Examples.TryGetValue(command, out string[]? examples))
            return 0;
        terminal.Out.WriteLine("Examples:");
        foreach (string example in examples)
            terminal.Out.WriteLine("  " + example);
        terminal.Out.WriteLine();
        if (!ExitCodes.TryGetValue(command, out string[]? codes))
            return 0;
        terminal.Out.WriteLine("Exit codes:");
        foreach (string code in codes)
            terminal.Out.WriteLine("  " + code);
        terminal.Out.WriteLine();
        return 0;
    }
}
