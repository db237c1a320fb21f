using Vmcp.Cli.Commands;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Commands;

/// <summary><c>vmcp completion</c>, and a real bash that completes with it.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("vmcp se", "serve")]
    [InlineData("vmcp plan --output ", "json yaml")]
    [InlineData("vmcp serve --log-format j", "json")]
    [InlineData("vmcp completion ", "bash fish powershell zsh")]
    [InlineData("vmcp status --j", "--json")]
    public async Task The_words_that_can_follow_are_offered(string line, string words)
    {
        Ran ran = await Vmcp.RunAsync(CompletionCommand.Callback, "--", line);

        ran.ExitCode.ShouldBe(0);
        string[] offered = ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        offered.Where(w => !w.StartsWith('-') || words.StartsWith('-')).ShouldBe(words.Split(' '));
    }

    [Fact]
    public async Task All_commands_but_the_hidden_one_are_offered()
    {
        Ran ran = await Vmcp.RunAsync(CompletionCommand.Callback, "--", "vmcp ");

        string[] offered = ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string command in (string[])["serve", "validate", "init", "status", "explain", "plan", "completion", "version", "--config"])
            offered.ShouldContain(command);
        offered.ShouldNotContain(CompletionCommand.Callback);
        offered.ShouldNotContain("-c");
        (await Vmcp.RunAsync("--help")).Out.ShouldNotContain(CompletionCommand.Callback);
    }

    [Fact]
    public async Task A_shell_nobody_wrote_a_script_for_is_an_error_that_names_the_others()
    {
        Ran ran = await Vmcp.RunAsync("completion", "tcsh");

        ran.ShouldFailSaying("tcsh", "bash", "zsh", "fish", "powershell");
    }

    [Theory]
    [InlineData("zsh", "#compdef vmcp\n", "-n")]
    [InlineData("fish", "# In this shell", "--no-execute")]
    [InlineData("powershell", "# In this shell", null)]
    public async Task The_scripts_of_other_shells_parse_where_the_shell_is_there(string shell, string begin, string? check)
    {
        Ran ran = await Vmcp.RunAsync("completion", shell);

        ran.ExitCode.ShouldBe(0);
        ran.Out.ShouldStartWith(begin);
        ran.Out.ShouldContain(CompletionCommand.Callback + " -- ");
        if (check is null || !File.Exists("/usr/bin/" + shell))
            return;
        using var folder = new TempFolder();
        await using TestProcess parser = TestProcess.Start("/usr/bin/" + shell, [check, folder.Write("script", ran.Out)]);
        (await parser.WaitForExitAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData("vmcp stat", 1, "status")]
    [InlineData("vmcp serve --log-format ", 3, "json text")]
    [InlineData("vmcp plan -f nowhere/", 3, "")]
    public async Task Bash_completes_with_the_script(string line, int word, string words)
    {
        if (!File.Exists("/bin/bash"))
            Assert.Skip("there is no bash");
        using var folder = new TempFolder();
        string program = folder.Write("vmcp", $"#!/bin/sh\nexec dotnet exec '{typeof(CommandLine).Assembly.Location}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        const string Ask = """
            source <(vmcp completion bash)
            complete -p vmcp
            COMP_LINE=$1 COMP_POINT=${#1} COMP_CWORD=$2
            read -ra COMP_WORDS <<< "$1"
            _vmcp
            echo "got: ${COMPREPLY[*]}"
            """;
        Dictionary<string, string?> path = new() { ["PATH"] = folder.Path + ":" + Environment.GetEnvironmentVariable("PATH") };

        await using TestProcess bash = TestProcess.Start("/bin/bash", ["-c", Ask, "bash", line, word.ToString(System.Globalization.CultureInfo.InvariantCulture)], path);
        int code = await bash.WaitForExitAsync(TimeSpan.FromMinutes(1));

        string output = string.Join('\n', bash.Lines);
        code.ShouldBe(0, output);
        bash.Lines.ShouldContain("complete -o default -F _vmcp vmcp");
        string[] got = bash.Lines.Single(l => l.StartsWith("got: ", StringComparison.Ordinal))["got: ".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        got.Where(w => !w.StartsWith('-')).ShouldBe(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
