using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Manifests;

/// <summary><c>vmcp serve --manifests</c>: what it refuses, and the real program.</summary>
public sealed class ManifestCommandTests
{
    [Fact]
    public async Task A_directory_that_is_not_there_is_an_error() =>
        (await Vmcp.RunAsync("serve", "--manifests", "/nowhere/at/all")).ShouldFailSaying("--manifests /nowhere/at/all", "cannot be read");

    [Fact]
    public async Task Options_that_exclude_each_other_are_all_named()
    {
        (await Vmcp.RunAsync("serve", "--manifests", "x", "--backend", "a=http://127.0.0.1:9/mcp")).ShouldFailSaying("--backend and --manifests exclude each other", "status.url");
        (await Vmcp.RunAsync("serve", "--manifests", "x", "--config", "y", "--group", "z")).ShouldFailSaying("--group and --config exclude each other", "groupRef");
        (await Vmcp.RunAsync("serve", "--backend", "a=http://127.0.0.1:9/mcp", "--namespace", "x")).ShouldFailSaying("--namespace needs --manifests");
    }

    [Fact]
    public async Task Without_a_file_it_listens_on_loopback_only() =>
        (await Vmcp.RunAsync("serve", "--manifests", "x", "--host", "0.0.0.0")).ShouldFailSaying("not loopback", "incomingAuth: {type: anonymous}");

    [Fact]
    public async Task No_group_and_too_many_groups_are_errors_that_name_them()
    {
        using TempFolder folder = new();
        (await Vmcp.RunAsync("serve", "--manifests", folder.Path)).ShouldFailSaying("the manifests have no MCPGroup", "--group");

        folder.Write("a.yaml", Yaml.Documents(Yaml.Group, Yaml.Group.Replace("team", "other", StringComparison.Ordinal)));
        (await Vmcp.RunAsync("serve", "--manifests", folder.Path)).ShouldFailSaying("2 MCPGroups: default/other, default/team", "--group");
    }

    [Fact]
    public async Task What_hides_the_group_is_told_with_it()
    {
        using TempFolder folder = new();
        folder.Write("a.yaml", Yaml.Group + "spec: [");

        (await Vmcp.RunAsync("serve", "--manifests", folder.Path)).ShouldFailSaying("the manifests have no MCPGroup", "a.yaml:");
    }

    [Theory]
    [InlineData("backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]", "backends: with --manifests they come from the directory")]
    [InlineData("outgoingAuth: {source: inline}", "outgoingAuth.source: is inline")]
    [InlineData("outgoingAuth: {source: discovered, default: {type: unauthenticated}}", "credentials come from the directory")]
    public async Task What_would_have_no_effect_in_a_file_is_refused(string config, string problem)
    {
        using TempFolder folder = new(), elsewhere = new();
        folder.Write("group.yaml", Yaml.Group);
        string file = elsewhere.Write("vmcp.yaml", $"groupRef: team\n{config}\n");

        (await Vmcp.RunAsync("serve", "--manifests", folder.Path, "--config", file)).ShouldFailSaying(problem);
    }

    [Fact]
    public async Task A_server_that_the_operator_would_refuse_is_refused_with_its_words()
    {
        using TempFolder folder = new();
        folder.Write("a.yaml", Yaml.Documents(Yaml.Group, """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: front}
            spec: {groupRef: {name: team}, incomingAuth: {type: anonymous}, config: {aggregatoin: {}}}
            """));

        (await Vmcp.RunAsync("serve", "--manifests", folder.Path)).ShouldFailSaying("VirtualMCPServer \"default/front\" cannot be served", "aggregatoin");
    }

    [Fact]
    public async Task What_this_version_cannot_do_is_not_done_without()
    {
        using TempFolder folder = new();
        folder.Write("a.yaml", Yaml.Documents(Yaml.Group, """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: front}
            spec: {groupRef: {name: team}, incomingAuth: {type: anonymous}, config: {codeMode: {enabled: true}}}
            """));

        (await Vmcp.RunAsync("serve", "--manifests", folder.Path)).ShouldFailSaying("VirtualMCPServer \"front\"", "not supported yet", "codeMode");
    }

    [Fact]
    [Trait("Scenario", "NEW-LIVE-01")]
    public async Task The_program_serves_a_directory_follows_it_and_says_what_is_wrong_with_it()
    {
        using TempFolder folder = new(), elsewhere = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(), dice = await ScriptedBackend.StartAsync(b => b.Tool("roll"));
        folder.Write("notes.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("notes", notes.Url)));
        folder.Write("broken.yaml", "kind: [");
        await using TestProcess vmcp = Vmcp.Start(elsewhere["log"], "serve", "--manifests", folder.Path, "--port", "0");
        string line = await vmcp.WaitForLineAsync("serving");
        line.ShouldContain("mode discovered");
        await using LegacyClient client = await LegacyClient.ConnectAsync(Vmcp.EndpointOf(line));
        await using ServerStream stream = await client.OpenStreamAsync();
        await Eventually.BecomesAsync(async () => await client.ListToolNamesAsync() is ["notes_echo"], "the first tool is there");

        folder.Write("dice.yaml", Yaml.Documents(Yaml.Secret("unused", "password", "s3cr3t"), Yaml.Server("dice", dice.Url)));
        await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Contains("dice_roll"), "the second tool is there");
        await stream.NextAsync("notifications/tools/list_changed");

        string log = await File.ReadAllTextAsync(elsewhere["log"]);
        log.ShouldContain("Manifests: broken.yaml:");
        log.ShouldContain("added Secret default/unused, added MCPServer default/dice");
        log.ShouldNotContain("s3cr3t");
        using HttpClient http = new();
        string status = await http.GetStringAsync(new Uri(Vmcp.EndpointOf(line), "/status"));
        status.ShouldContain("\"kind\":\"manifests\"");
        status.ShouldContain("broken.yaml:");
        await vmcp.SignalAsync(15);
        (await vmcp.WaitForExitAsync()).ShouldBe(0, log);
    }

    [Fact]
    public async Task The_page_shows_what_works()
    {
        string page = await File.ReadAllTextAsync(Path.Combine(Front.ReadmeTests.Root, "docs", "manifests.md"));
        string manifests = page.Split("<<'EOF'\n")[1].Split("EOF\n")[0];
        using TempFolder folder = new();
        folder.Write("team.yaml", manifests);

        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);

        gateway.Server.Status.Backends.ShouldHaveSingleItem().Name.ShouldBe("notes");
        gateway.Server.Status.Source!.Trouble.ShouldBeNull();
    }
}
