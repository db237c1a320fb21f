using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Front;

/// <summary>docs/modes.md is the page the project exists for: what it names exists, and what it shows works.</summary>
public sealed partial class ModesPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(ReadmeTests.Root, "docs", "modes.md"));

    /// <summary>Command lines of the page that need no cluster and no running gateway.</summary>
    public static TheoryData<string> OfflineCommands =>
        [.. Command().Matches(Page).Select(m => m.Groups[1].Value.Trim()).Where(c => c.Contains("examples/", StringComparison.Ordinal)).Distinct()];

    [Theory]
    [MemberData(nameof(OfflineCommands))]
    public async Task A_command_over_an_example_answers(string command)
    {
        string[] words = [.. command.Split(' ').Select(w => w.StartsWith("examples/", StringComparison.Ordinal) ? Path.Combine(ReadmeTests.Root, w) : w)];

        Ran ran = await Vmcp.RunAsync(words);

        // 1: there is a difference to show, or nobody asked the backend yet what it lists. 2 would be a mistake in the command.
        ran.ExitCode.ShouldBeLessThan(2, $"{command}: {ran.Error}");
        (ran.Out + ran.Error).ShouldNotBeEmpty();
    }

    [Fact]
    public void There_are_commands_to_run()
    {
        OfflineCommands.Count.ShouldBeGreaterThan(2);
        foreach (Match apply in Regex.Matches(Page, @"kubectl apply -n tools -f (\S+)"))
            Directory.Exists(Path.Combine(ReadmeTests.Root, apply.Groups[1].Value)).ShouldBeTrue(apply.Value);
    }

    [Fact]
    public async Task The_list_of_backends_by_hand_is_planned_as_written()
    {
        using TempFolder folder = new();
        string server = MarkdownPage.Read(Path.Combine(ReadmeTests.Root, "docs", "modes.md")).Blocks
            .Single(b => b.Language == "yaml" && b.Text.Contains("kind: VirtualMCPServer", StringComparison.Ordinal)).Text;
        const string Group = "apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPGroup\nmetadata: {name: team, namespace: tools}\nspec: {}\n---\n";

        Ran inline = await Vmcp.RunAsync("plan", "-f", folder.Write("inline.yaml", Group + server));
        Ran discovered = await Vmcp.RunAsync(
            "plan", "-f", folder.Write("discovered.yaml", Group + server.Replace("source: inline", "source: discovered", StringComparison.Ordinal)));

        inline.ExitCode.ShouldBe(0, inline.Error);
        inline.Error.ShouldContain("served: search");
        discovered.ExitCode.ShouldBe(1, discovered.Error);
        discovered.Error.ShouldContain("spec.config.backends");
    }

    [Fact]
    public async Task The_objects_of_each_mode_are_those_of_the_table()
    {
        foreach (string mode in (string[])["inline", "discovered"])
        {
            Ran plan = await Vmcp.RunAsync("plan", "-n", "tools", "-f", Path.Combine(ReadmeTests.Root, "examples", $"{mode}-minimal"));
            foreach (YamlDocument made in KubeYaml.ReadAll(plan.Out, "plan"))
            {
                string kind = made.Body["kind"]!.GetValue<string>(), name = made.Body["metadata"]!["name"]!.GetValue<string>();
                Page.ShouldMatch($@"{kind}\b.*`{name}`", customMessage: $"{mode}: {kind} {name}");
            }
        }
    }

    [Fact]
    public void The_fields_of_the_resource_exist()
    {
        string[] fields = [.. Regex.Matches(Page, @"`status\.(\w+)").Select(m => m.Groups[1].Value).Distinct()];

        fields.Length.ShouldBeGreaterThan(5);
        foreach (string field in fields)
            typeof(VirtualMCPServerStatus).GetProperties().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)).ShouldContain(field);
        foreach (Match field in Regex.Matches(Page, @"`….(\w+)`"))
            typeof(DiscoveredBackend).GetProperties().Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)).ShouldContain(field.Groups[1].Value);
    }

    [GeneratedRegex(@"(?:^|`)vmcp ((?:plan|explain) [^\n`#]+)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
