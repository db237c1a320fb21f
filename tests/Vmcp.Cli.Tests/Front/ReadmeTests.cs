using System.Text.RegularExpressions;
using Vmcp.Cli.Commands;
using Vmcp.Config.Reading;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Front;

/// <summary>The README is the first thing a reader tries; what it says must be true.</summary>
public sealed partial class ReadmeTests
{
    internal static readonly string Root = FindRoot();
    private static readonly string Readme = File.ReadAllText(Path.Combine(Root, "README.md"));

    [Fact]
    public void The_first_two_commands_are_the_quickstart_and_the_tests()
    {
        string[] commands = [.. Blocks("sh").SelectMany(b => b.Split('\n')).Select(l => l.Split('#')[0].Trim()).Where(l => l.Length > 0).Take(2)];

        commands.ShouldBe(["dotnet run --project samples/Quickstart", "dotnet test"]);
    }

    [Fact]
    public async Task The_quickstart_shows_endpoint_tools_and_a_call_and_ends()
    {
        // No compiler server may outlive the command: it would hold our pipe.
        Dictionary<string, string?> environment = new() { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false", ["NO_COLOR"] = "1" };
        await using TestProcess quickstart = TestProcess.Start(
            "dotnet", ["run", "--project", "samples/Quickstart", "--", "--once"], environment, Root);

        int code = await quickstart.WaitForExitAsync(TimeSpan.FromMinutes(4));

        string output = string.Join('\n', quickstart.Lines);
        code.ShouldBe(0, output);
        output.ShouldMatch(@"Endpoint: http://127\.0\.0\.1:\d+/mcp");
        foreach (string tool in (string[])["dice_roll", "notes_add", "notes_list"])
            output.ShouldContain(tool);
        output.ShouldContain("Called notes_add(text: buy milk): Noted \"buy milk\", note 1.");
        output.ShouldMatch(@"Called dice_roll\(sides: 20\): \d+");
    }

    [Fact]
    public async Task The_quickstart_shows_a_tool_come_and_go_in_an_open_session()
    {
        Readme.ShouldContain("dotnet run --project samples/Quickstart -- --mode discovered");
        string program = Path.Combine(Root, "samples/Quickstart/bin", Configuration(), "net10.0/Quickstart.dll");
        await using TestProcess quickstart = TestProcess.Start(
            "dotnet", ["exec", program, "--mode", "discovered", "--once", "--port", "0"], workingDirectory: Root);

        int code = await quickstart.WaitForExitAsync(TimeSpan.FromMinutes(4));

        string output = string.Join('\n', quickstart.Lines);
        code.ShouldBe(0, output);
        string[] steps =
        [
            "A session is open. Its tools:", "Dropping ", "list_changed. Now:", "dice_roll ", "Called dice_roll(sides: 20): ",
            "Removing ", "list_changed. Now:", "Same gateway, same session, nothing restarted.",
        ];
        int at = 0;
        foreach (string step in steps)
        {
            at = output.IndexOf(step, at, StringComparison.Ordinal);
            at.ShouldBeGreaterThan(0, $"{step}: {output}");
            at += step.Length;
        }
    }

    [Fact]
    public async Task The_quickstart_stays_until_it_is_told_to_stop()
    {
        string program = Path.Combine(Root, "samples/Quickstart/bin", Configuration(), "net10.0/Quickstart.dll");
        await using TestProcess quickstart = TestProcess.Start("dotnet", ["exec", program, "--port", "0"], workingDirectory: Root);
        await quickstart.WaitForLineAsync("Ctrl-C stops everything.");
        string endpoint = (await quickstart.WaitForLineAsync("Endpoint: "))["Endpoint: ".Length..];

        (await Vmcp.RunAsync("status", endpoint)).ExitCode.ShouldBe(0);
        await quickstart.SignalAsync(2);

        (await quickstart.WaitForExitAsync()).ShouldBe(0, string.Join('\n', quickstart.Lines));
    }

    [Fact]
    public void Dotnet_test_runs_every_test_project()
    {
        string solution = File.ReadAllText(Path.Combine(Root, "Vmcp.slnx"));
        string[] projects = [.. Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.csproj", SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(Root, p).Replace('\\', '/'))];

        projects.Length.ShouldBeGreaterThan(5);
        foreach (string project in projects)
            solution.ShouldContain($"\"{project}\"");
    }

    [Fact]
    public void The_configuration_examples_are_valid()
    {
        string[] examples = [.. Blocks("yaml")];

        examples.ShouldNotBeEmpty();
        foreach (string example in examples)
            ConfigFile.Load(example, "README.md", name => name == "GITHUB_AUTH" ? "Bearer t" : null).Problems.ShouldBeEmpty(example);
    }

    [Fact]
    public async Task The_commands_and_options_exist()
    {
        string[] uses = [.. CommandUse().Matches(Readme).Select(m => m.Groups[1].Value).Distinct()];

        uses.Length.ShouldBeGreaterThan(3);
        foreach (string command in uses)
        {
            string help = (await Vmcp.RunAsync(command, "--help")).Out;
            help.ShouldContain($"vmcp {command}");
            foreach (Match line in Regex.Matches(Readme, $@"vmcp {command}\b[^\n`#]*"))
            {
                foreach (Match option in OptionUse().Matches(line.Value))
                    help.ShouldContain(option.Value, customMessage: line.Value);
            }
        }
    }

    [Fact]
    public void The_links_lead_somewhere()
    {
        foreach (Match link in Link().Matches(Readme))
            Path.Exists(Path.Combine(Root, link.Groups[1].Value)).ShouldBeTrue(link.Value);
    }

    private static IEnumerable<string> Blocks(string language) =>
        Regex.Matches(Readme, $@"^```{language}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Select(m => m.Groups[1].Value);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Vmcp.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("the tests do not run inside the repository");
    }

    /// <summary>Debug or Release, whichever this test was built as.</summary>
    private static string Configuration() => typeof(CommandLine).Assembly.Location.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    [GeneratedRegex(@"\bvmcp (serve|validate|init|status|plan|version)\b")]
    private static partial Regex CommandUse();

    [GeneratedRegex(@"--[a-z][a-z-]+")]
    private static partial Regex OptionUse();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)#]+)")]
    private static partial Regex Link();
}
