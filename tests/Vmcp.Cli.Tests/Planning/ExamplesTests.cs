using System.Text.RegularExpressions;
using Vmcp.Cli.Tests.Front;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Cli.Tests.Planning;

/// <summary>What a reader copies first must work as it stands.</summary>
public sealed class ExamplesTests
{
    private static readonly string Folder = Path.Combine(ReadmeTests.Root, "examples");

    /// <summary>The folders with a gateway; <c>demo-servers</c> holds what they call.</summary>
    public static TheoryData<string> Gateways =>
        [.. Directory.EnumerateDirectories(Folder).Select(f => Path.GetFileName(f)!).Where(name => name != "demo-servers").Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task The_plan_of_an_example_serves_both_of_its_backends(string example)
    {
        Ran ran = await Vmcp.RunAsync("plan", "-n", "tools", "-f", Path.Combine(Folder, example));

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Error.ShouldContain("2 backends served");
        ran.Error.ShouldContain("served: calc, notes");
        ran.Error.ShouldContain(Mode(example) + " mode");
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task Only_a_discovered_example_gets_rights(string example)
    {
        Ran ran = await Vmcp.RunAsync("plan", "-n", "tools", "-f", Path.Combine(Folder, example));

        bool rights = KubeYaml.ReadAll(ran.Out, "plan").Any(d => d.Body["kind"]!.GetValue<string>() is "Role" or "RoleBinding");
        rights.ShouldBe(Mode(example) == "discovered");
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public void An_example_calls_the_demo_servers_by_their_services(string example)
    {
        string[] services = [.. Documents("demo-servers").Where(d => d.Body["kind"]!.GetValue<string>() == "Service").Select(d => d.Body["metadata"]!["name"]!.GetValue<string>())];
        YamlDocument[] members = [.. Documents(example).Where(d => d.Body["kind"]!.GetValue<string>() == "MCPServerEntry")];

        services.ShouldBe(["calc", "notes"]);
        members.Select(m => new Uri(m.Body["spec"]!["remoteUrl"]!.GetValue<string>()).Host).ShouldBe(services);
    }

    [Fact]
    public void The_page_names_every_example()
    {
        string page = File.ReadAllText(Path.Combine(Folder, "README.md"));

        foreach (string folder in Directory.EnumerateDirectories(Folder).Select(f => Path.GetFileName(f)!))
            page.ShouldContain($"| [{folder}]({folder}) |");
        foreach (Match use in Regex.Matches(page, "examples/([a-z-]+)"))
            Directory.Exists(Path.Combine(Folder, use.Groups[1].Value)).ShouldBeTrue(use.Value);
    }

    private static IEnumerable<YamlDocument> Documents(string example) =>
        Directory.EnumerateFiles(Path.Combine(Folder, example), "*.yaml").SelectMany(file => KubeYaml.ReadAll(File.ReadAllText(file), Path.GetFileName(file)));

    private static string Mode(string example) =>
        Documents(example).Single(d => d.Body["kind"]!.GetValue<string>() == "VirtualMCPServer").Body["spec"]!["outgoingAuth"]!["source"]!.GetValue<string>();
}
