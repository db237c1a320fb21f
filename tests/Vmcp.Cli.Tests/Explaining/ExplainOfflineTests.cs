using Vmcp.Cli.Tests.Manifests;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Explaining;

/// <summary><c>vmcp explain -f PATH</c>: no gateway runs.</summary>
public sealed class ExplainOfflineTests
{
    [Fact]
    public async Task A_directory_of_manifests_is_explained_without_a_gateway()
    {
        await using ScriptedBackend jira = await ScriptedBackend.StartAsync(s => s.Tool("search"));
        using TempFolder folder = new();
        folder.Write("all.yaml", Yaml.Documents(
            Yaml.Group,
            Yaml.Server("jira", jira.Url, ", externalAuthConfigRef: {name: key}"),
            Yaml.HeaderAuth("key", "jira-secret", "token"),
            Yaml.Secret("jira-secret", "token", "hidden-value"),
            Yaml.Server("lost", jira.Url, ", externalAuthConfigRef: {name: nobody}")));

        Ran visible = await Vmcp.RunAsync("explain", "jira_search", "-f", folder.Path);
        Ran lost = await Vmcp.RunAsync("explain", "lost/search", "-f", folder.Path);

        visible.ExitCode.ShouldBe(0, visible.Out + visible.Error);
        visible.Out.ShouldContain("found in the manifests");
        visible.Out.ShouldContain("header_injection, chosen by the workload's own externalAuthConfigRef");
        visible.Out.ShouldNotContain("hidden-value");
        lost.ExitCode.ShouldBe(1, lost.Out + lost.Error);
        lost.Out.ShouldContain("auth      NO  ConfigNotFound: ");
    }

    [Fact]
    public async Task A_configuration_file_is_explained_without_a_gateway()
    {
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(s => s.Tool("add"));
        using FreePort nobody = FreePort.Reserve();
        using TempFolder folder = new();
        string file = folder.Write("vmcp.yaml", $$"""
            backends:
              - {name: notes, url: "{{notes.Url}}"}
              - {name: ghost, url: "http://127.0.0.1:{{nobody.Number}}/mcp"}
            aggregation: {excludeAllTools: true}
            """);

        Ran hidden = await Vmcp.RunAsync("explain", "add", "-f", file);
        Ran ghost = await Vmcp.RunAsync("explain", "ghost_x", "-f", file);

        hidden.ExitCode.ShouldBe(1, hidden.Out + hidden.Error);
        hidden.Out.ShouldContain("filter    NO  aggregation.excludeAllTools hides the tools of all backends.");
        ghost.ExitCode.ShouldBe(1);
        ghost.Out.ShouldContain("health    NO  not reached yet: connection failed");
    }

    [Fact]
    public async Task What_cannot_be_read_and_what_contradicts_itself_has_exit_code_2()
    {
        using TempFolder folder = new();
        string broken = folder.Write("vmcp.yaml", "backends: 7\n");
        (await Vmcp.RunAsync("explain", "x", "-f", broken)).ShouldSatisfyAllConditions(
            r => r.ExitCode.ShouldBe(2), r => r.Error.ShouldContain("backends"));
        (await Vmcp.RunAsync("explain", "x", "-f", broken, "--server", "http://127.0.0.1:1")).ShouldSatisfyAllConditions(
            r => r.ExitCode.ShouldBe(2), r => r.Error.ShouldContain("exclude each other"));
        (await Vmcp.RunAsync("explain", "x", "-n", "demo")).ShouldSatisfyAllConditions(
            r => r.ExitCode.ShouldBe(2), r => r.Error.ShouldContain("--namespace needs --name"));
        using TempFolder empty = new();
        (await Vmcp.RunAsync("explain", "x", "-f", empty.Path)).ShouldSatisfyAllConditions(
            r => r.ExitCode.ShouldBe(2), r => r.Error.ShouldContain("MCPGroup"));
    }

    [Fact]
    public async Task A_backend_that_is_called_as_each_user_says_that_its_lists_depend_on_the_user()
    {
        await using ScriptedBackend jira = await ScriptedBackend.StartAsync(s => s.Tool("search"));
        jira.Behaviour = Behaviour.Status(401);
        using TempFolder folder = new();
        string file = folder.Write("vmcp.yaml", $$"""
            backends:
              - {name: jira, url: "{{jira.Url}}"}
            outgoingAuth:
              source: inline
              backends:
                jira: {type: token_exchange, tokenExchange: {tokenUrl: "http://127.0.0.1:9/token"} }
            incomingAuth: {type: oidc, oidc: {issuer: "https://idp.example", audience: "https://gw.example/mcp"} }
            """);

        Ran ran = await Vmcp.RunAsync("explain", "jira_search", "-f", file);

        ran.ExitCode.ShouldBe(2, ran.Out + ran.Error);
        ran.Out.ShouldContain("health    ok  healthy");
        ran.Out.ShouldContain("listed    ?   depends on the user: it is called with each user's own credential");
    }
}
