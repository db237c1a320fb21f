using System.CommandLine;
using System.Text.RegularExpressions;
using Vmcp.Cli.Terminals;
using Vmcp.KubeKit.Server;
using Vmcp.Operator.Host;

namespace Vmcp.Reference.Tests;

public sealed partial class CommandLinePagesTests
{
    // The operator's planner and the resources name variables that go into pods; reading them is for those here.
    private static readonly string[] Readers =
        ["Vmcp.Auth", "Vmcp.Cli", "Vmcp.Config", "Vmcp.Core", "Vmcp.Discovery", "Vmcp.Gateway", "Vmcp.Kubernetes", "Vmcp.Operator.Host", "Vmcp.Protocol"];

    private static readonly string CommandLine = Pages.All()["cli.md"];
    private static readonly string Flags = Pages.All()["operator-flags.md"];

    [Theory]
    [InlineData("| `--port` `PORT` | `4483` |")]
    [InlineData("| `--log-format` `VALUE` | `text` | How the log on standard error looks. One of `json`, `text`. |")]
    [InlineData("| `--config`, `-c` `PATH` |")]
    [InlineData("| `SHELL` | **required** |")]
    [InlineData("| `TARGET` | `http://127.0.0.1:4483` |")]
    [InlineData("| `2` | a manifest cannot be read |")]
    [InlineData("vmcp explain jira/search -n tools --name hub\n")]
    public void The_command_line_page_says_what_help_says(string words) => CommandLine.ShouldContain(words);

    [Theory]
    [InlineData("| `--metrics-bind-address` `HOST:PORT` | `:8080` |")]
    [InlineData("| `--concurrency` `N` | `4` |")]
    [InlineData("| `POD_NAMESPACE` |")]
    [InlineData("| `1` | a mistake in the flags")]
    public void The_operators_page_says_what_help_says(string words) => Flags.ShouldContain(words);

    [Fact]
    public void Commands_for_programs_are_left_out() => CommandLine.ShouldNotContain("complete-line");

    [Fact]
    public void Each_variable_the_code_reads_is_on_a_page()
    {
        string[] read = [.. InCode()];

        read.ShouldContain("VMCP_SESSION_HMAC_SECRET");
        read.ShouldContain("OPERATOR_OPENSHIFT");
        foreach (string name in read)
            (CommandLine + Flags).ShouldContain($"| `{name}", customMessage: $"the code reads {name}");
    }

    [Fact]
    public void Each_variable_on_a_page_is_read_by_the_code()
    {
        string[] read = [.. InCode()];

        foreach (string name in new[] { CommandLine, Flags }.SelectMany(page => Variable().Matches(page.Split("id=\"environment\"")[1])).Select(m => m.Groups[1].Value))
            read.ShouldContain(name);
    }

    [Fact]
    public void Each_example_is_a_command_line_the_program_takes()
    {
        RootCommand vmcp = Cli.Commands.CommandLine.Build(new Terminal { Out = TextWriter.Null, Error = TextWriter.Null, Env = _ => null });
        RootCommand vmcpOperator = OperatorCommand.Build(new OperatorFlags());
        string[] examples = [.. Example().Matches(CommandLine + Flags).Select(m => m.Value.Trim())];

        examples.Length.ShouldBeGreaterThan(20);
        foreach (string example in examples)
        {
            string[] words = example.Split(' ');
            (words[0] == "vmcp" ? vmcp : vmcpOperator).Parse(words[1..]).Errors.ShouldBeEmpty(example);
        }
    }

    private static IEnumerable<string> InCode() => Readers
        .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", room), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Contains("obj") && Path.GetFileName(file) is not ("Variables.cs" or "OperatorVariables.cs"))
        .SelectMany(file => Literal().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value))
        .Distinct();

    // Of a pipe the part that is ours; what a shell does with the output is not.
    [GeneratedRegex(@"(?<=^|\| )vmcp(-operator)? [^|>\n]+", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex("\"((?:VMCP|TOOLHIVE|AWS|KUBE|KUBERNETES|POD|WATCH|OPERATOR|OTEL|DOTNET|NO)_[A-Z_]+|KUBECONFIG|TERM)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\n\| `([A-Z_]+)(?:<\w+>)?` \|")]
    private static partial Regex Variable();
}
