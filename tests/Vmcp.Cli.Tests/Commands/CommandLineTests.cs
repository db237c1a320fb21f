using System.Text.RegularExpressions;

namespace Vmcp.Cli.Tests.Commands;

public sealed partial class CommandLineTests
{
    [Fact]
    public async Task Without_a_command_the_help_is_shown()
    {
        Ran ran = await Vmcp.RunAsync();

        ran.ExitCode.ShouldBe(0);
        ran.Out.ShouldContain("Usage:");
        foreach (string command in (string[])["serve", "validate", "init", "status", "version"])
            ran.Out.ShouldContain(command);
        ran.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("validate")]
    [InlineData("init")]
    [InlineData("status")]
    [InlineData("explain")]
    [InlineData("plan")]
    [InlineData("completion")]
    [InlineData("version")]
    public async Task The_help_of_a_command_ends_with_examples_and_exit_codes(string command)
    {
        Ran ran = await Vmcp.RunAsync(command, "--help");

        ran.ExitCode.ShouldBe(0);
        ran.Out.ShouldContain($"Examples:\n  vmcp {command}");
        ran.Out.ShouldContain("\n\nExit codes:\n  0  ");
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--version")]
    public async Task The_version_is_printed(string how)
    {
        Ran ran = await Vmcp.RunAsync(how);

        ran.ExitCode.ShouldBe(0);
        Version().IsMatch(ran.Out).ShouldBeTrue(ran.Out);
    }

    [Theory]
    [InlineData("sevre")]
    [InlineData("serve", "--prot", "1")]
    [InlineData("serve", "--log-format", "xml")]
    [InlineData("validate", "--config")]
    [InlineData("status", "a", "b")]
    public async Task A_mistyped_command_line_is_an_error_without_usage_text(params string[] args)
    {
        Ran ran = await Vmcp.RunAsync(args);

        ran.ShouldFailSaying("--help");
        ran.Out.ShouldBeEmpty();
    }

    [GeneratedRegex(@"^vmcp version: \d+\.\d+\.\d+\n\z")]
    private static partial Regex Version();
}
