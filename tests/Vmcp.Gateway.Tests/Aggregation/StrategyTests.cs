using System.Text.Json;

using Vmcp.Config.Reading;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Aggregation;

/// <summary>How the tools of several backends become one list.</summary>
public sealed class StrategyTests
{
    [Theory]
    [MemberData(nameof(Eras.Fronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "AGG-01")]
    public async Task Prefixed_tools_reach_their_own_backend_under_the_original_name(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("github", s => s.Tool("create_issue", Handlers.Text("github made it")).Tool("list_repos", Handlers.Text("repos")))
            .Backend("jira", s => s.Tool("create_issue", Handlers.Text("jira made it")))
            .Block(Prefix));
        Front client = await world.ConnectAsync(revision);
        (await client.ToolsAsync()).Order(StringComparer.Ordinal).ShouldBe(["github_create_issue", "github_list_repos", "jira_create_issue"]);
        (await client.CallToolAsync("github_create_issue")).Text().ShouldBe("github made it");
        (await client.CallToolAsync("github_list_repos")).Text().ShouldBe("repos");
        (await client.CallToolAsync("jira_create_issue")).Text().ShouldBe("jira made it");
        CalledNames(world, "github").ShouldBe(["create_issue", "list_repos"]);
        CalledNames(world, "jira").ShouldBe(["create_issue"]);
        RpcAnswer bare = await client.CallToolAsync("create_issue");
        bare.ErrorCode.ShouldBe(-32602);
    }

    [Fact]
    [Trait("Scenario", "AGG-02")]
    public async Task Priority_gives_the_bare_name_to_the_first_in_order()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("github", s => s.Tool("create_issue", Handlers.Text("github")))
            .Backend("jira", s => s.Tool("create_issue", Handlers.Text("jira")))
            .Backend("slack", s => s.Tool("send", Handlers.Text("slack")).Tool("post", Handlers.Text("posted")))
            .Backend("teams", s => s.Tool("send", Handlers.Text("teams")))
            .Block("""
                aggregation:
                  conflictResolution: priority
                  conflictResolutionConfig: {priorityOrder: [github, jira]}
                """));
        Front client = await world.ConnectAsync(Eras.Latest);
        (await client.ToolsAsync()).Order(StringComparer.Ordinal).ShouldBe(["create_issue", "post", "slack_send", "teams_send"]);
        (await client.CallToolAsync("create_issue")).Text().ShouldBe("github");
        (await client.CallToolAsync("post")).Text().ShouldBe("posted");
        (await client.CallToolAsync("teams_send")).Text().ShouldBe("teams");
        JsonElement conflict = Conflicts(await world.StatusAsync()).Single(c => c.GetProperty("name").GetString() == "create_issue");
        conflict.GetProperty("winner").GetString().ShouldBe("github");
        conflict.GetProperty("losers").EnumerateArray().Select(l => l.GetString()).ShouldBe(["jira"]);
    }

    [Fact]
    [Trait("Scenario", "AGG-02")]
    public void An_empty_priority_order_is_an_error_at_start() =>
        TestWorld.Problems(w => w.Elsewhere("a", new Uri("http://a/mcp")).Block("""
            aggregation:
              conflictResolution: priority
              conflictResolutionConfig: {priorityOrder: []}
            """)).ShouldContain(p => p.Severity == Severity.Error && p.ToString().Contains("priorityOrder", StringComparison.Ordinal));

    [Fact]
    [Trait("Scenario", "AGG-03")]
    public async Task Manual_names_come_from_overrides_and_an_unresolved_one_costs_only_itself()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("github", s => s.Tool("create_issue", Handlers.Text("github")).Tool("other"))
            .Backend("jira", s => s.Tool("create_issue", Handlers.Text("jira")))
            .Block(Manual(", {workload: jira, overrides: {create_issue: {name: jira_create_issue}}}")));
        Front client = await world.ConnectAsync(Eras.Latest);
        (await client.ToolsAsync()).Order(StringComparer.Ordinal).ShouldBe(["gh_create_issue", "jira_create_issue", "other"]);
        (await client.CallToolAsync("gh_create_issue")).Text().ShouldBe("github");
        (await client.CallToolAsync("jira_create_issue")).Text().ShouldBe("jira");

        // Upstream lets the whole aggregation fail; here the contested tool alone is left out, and reported (vmcp-runtime 5.4).
        await world.EditAndApplyAsync(w =>
        {
            w.Blocks.Clear();
            w.Block("""
                aggregation:
                  conflictResolution: manual
                  conflictResolutionConfig: {}
                  tools: [{workload: github, overrides: {other: {description: "Another tool"} } }]
                """);
        });
        await Eventually.BecomesAsync(async () => (await client.ToolsAsync()).SequenceEqual(["other"]), "only the uncontested tool is left");
        JsonElement conflict = Conflicts(await world.StatusAsync()).Single(c => c.GetProperty("name").GetString() == "create_issue");
        conflict.GetProperty("losers").EnumerateArray().Select(l => l.GetString()).ShouldBe(["github", "jira"]);
        conflict.TryGetProperty("winner", out _).ShouldBeFalse();
        (await client.CallToolAsync("create_issue")).ErrorCode.ShouldBe(-32602);
    }

    [Fact]
    [Trait("Scenario", "NEW-AGG-01")]
    public async Task A_collision_after_prefixing_ends_the_same_way_everywhere()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w
            .Backend("a", s => s.Tool("b_x", Handlers.Text("a")))
            .Backend("a_b", s => s.Tool("x", Handlers.Text("a_b"))));
        HashSet<string> outcomes = [];
        for (int replica = 0; replica < 3; replica++)
        {
            await using GatewayServer server = await world.StartGatewayAsync();
            await Eventually.BecomesAsync(() => server.Fleet.Current.Backends.Values.All(v => v.Listed), "both listed");
            LegacyClient client = await world.LegacyAsync(url: server.McpUrl);
            for (int i = 0; i < 7; i++)
            {
                IReadOnlyList<string> names = await client.ListToolNamesAsync();
                RpcAnswer answer = await client.CallToolAsync("a_b_x");
                outcomes.Add(string.Join(',', names) + " -> " + (answer.Result is null ? "none" : answer.Text()));
            }
        }

        outcomes.Count.ShouldBe(1, string.Join(" | ", outcomes));
        outcomes.Single().ShouldBeOneOf("a_b_x -> a", "a_b_x -> a_b", " -> none");
        JsonElement conflict = Conflicts(await world.StatusAsync()).Single();
        conflict.GetRawText().ShouldContain("\"a\"");
        conflict.GetRawText().ShouldContain("\"a_b\"");
        world.Logs.All.ShouldContain(l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("a_b_x", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_long_name_is_listed_in_a_short_form_that_can_be_called(string revision)
    {
        string tool = new('t', 80);
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool(tool).Tool(tool + "2")));
        Front client = await world.ConnectAsync(revision);
        IReadOnlyList<string> names = await client.ToolsAsync();
        names.Count.ShouldBe(2);
        names.Distinct().Count().ShouldBe(2);
        names.ShouldAllBe(n => n.Length <= 64);
        foreach (string name in names)
            (await client.EchoAsync(name, "hello")).ShouldBe("hello");
        CalledNames(world, "alpha").Order(StringComparer.Ordinal).ShouldBe([tool, tool + "2"]);
    }

    internal const string Prefix = """
        aggregation:
          conflictResolution: prefix
          conflictResolutionConfig: {prefixFormat: "{workload}_"}
        """;

    private static string Manual(string more) => $$$"""
        aggregation:
          conflictResolution: manual
          conflictResolutionConfig: {}
          tools: [{workload: github, overrides: {create_issue: {name: gh_create_issue} } }{{{more}}}]
        """;

    private static JsonElement[] Conflicts(JsonElement status) => [.. status.GetProperty("catalog").GetProperty("conflicts").EnumerateArray()];

    private static IEnumerable<string?> CalledNames(TestWorld world, string backend) =>
        world[backend].RequestsFor("tools/call").Select(r => r.Params.GetProperty("name").GetString());
}
