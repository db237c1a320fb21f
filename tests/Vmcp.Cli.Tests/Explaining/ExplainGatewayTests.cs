using System.Collections.Immutable;
using System.Text.Json;
using Vmcp.Config.Reading;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Explaining;

/// <summary><c>vmcp explain</c> of a running gateway.</summary>
public sealed class ExplainGatewayTests
{
    private const string Rules = """
        aggregation:
          conflictResolution: priority
          conflictResolutionConfig: {priorityOrder: [github, jira]}
          tools:
            - workload: jira
              filter: [create, find]
              overrides: {search: {name: find}}
        """;

    [Fact]
    public async Task A_visible_tool_is_found_by_each_of_its_names()
    {
        await using World world = await World.StartAsync(Rules, ("jira", ["create", "search", "delete"]), ("github", ["create"]));

        foreach (string name in (string[])["find", "search", "jira/search", "jira/find"])
        {
            Ran ran = await world.ExplainAsync(name);
            ran.ExitCode.ShouldBe(0, ran.Out + ran.Error);
            ran.Out.ShouldStartWith("VISIBLE as find: tool \"search\" of backend \"jira\"\n");
            Steps(ran.Out).ShouldBe(["backend ok", "auth ok", "health ok", "listed ok", "filter ok", "name ok", "conflict ok", "visible ok"]);
            ran.Out.ShouldContain("\"search\" becomes \"find\" (override)");
        }
    }

    [Fact]
    public async Task A_filtered_tool_ends_at_the_filter()
    {
        await using World world = await World.StartAsync(Rules, ("jira", ["create", "search", "delete"]), ("github", ["create"]));

        Ran ran = await world.ExplainAsync("delete");

        ran.ExitCode.ShouldBe(1);
        ran.Out.ShouldStartWith("NOT VISIBLE: tool \"delete\" of backend \"jira\" (filter: The filter in the aggregation.tools entry of \"jira\" does not name \"delete\".)\n");
        Steps(ran.Out).ShouldBe(["backend ok", "auth ok", "health ok", "listed ok", "filter NO", "name ok", "conflict ok"]);
    }

    [Fact]
    public async Task A_lost_conflict_ends_at_the_conflict_and_the_winner_is_shown_before_it()
    {
        await using World world = await World.StartAsync(Rules, ("jira", ["create", "search", "delete"]), ("github", ["create"]));

        Ran both = await world.ExplainAsync("create");
        Ran loser = await world.ExplainAsync("jira/create");

        both.ExitCode.ShouldBe(0);
        both.Out.IndexOf("VISIBLE as create: tool \"create\" of backend \"github\"", StringComparison.Ordinal).ShouldBe(0);
        both.Out.ShouldContain("\nNOT VISIBLE: tool \"create\" of backend \"jira\" (conflict: ");
        loser.ExitCode.ShouldBe(1);
        Steps(loser.Out).ShouldContain("conflict NO");
        loser.Out.ShouldContain("priorityOrder");
    }

    [Fact]
    public async Task A_tool_of_a_dead_backend_ends_at_its_health()
    {
        await using World world = await World.StartAsync("", ("jira", ["search"]));
        await world["jira"].StopAsync();

        Ran ran = await Eventually.ReadsAsync(() => world.ExplainAsync("jira_search"), r => r.ExitCode == 1, "search went away");

        Steps(ran.Out).ShouldBe(["backend ok", "auth ok", "health NO", "listed ok", "filter ok", "name ok", "conflict ok"]);
        ran.Out.ShouldContain("unhealthy: ");
    }

    [Fact]
    public async Task A_backend_that_never_answered_is_named_for_a_tool_that_looks_like_its_own()
    {
        using FreePort nobody = FreePort.Reserve();
        await using World world = await World.StartAsync(
            $"operational: {{failureHandling: {{unhealthyThreshold: 1}}}}", extra: $"  - {{name: ghost, url: \"http://127.0.0.1:{nobody.Number}/mcp\"}}", backends: ("jira", ["search"]));

        foreach (string name in (string[])["ghost_walk", "ghost/walk"])
        {
            Ran ran = await world.ExplainAsync(name);
            ran.ExitCode.ShouldBe(1, ran.Out);
            ran.Out.ShouldStartWith("NOT VISIBLE: tool \"walk\" of backend \"ghost\" (health: ");
            Steps(ran.Out).ShouldBe(["backend ok", "auth ok", "health NO", "listed ?"]);
        }

        Ran unknown = await world.ExplainAsync("something");
        unknown.ExitCode.ShouldBe(2);
        unknown.Out.ShouldContain("note: backend \"ghost\" could not be asked what it has");
    }

    [Fact]
    public async Task An_unknown_name_gets_near_ones()
    {
        await using World world = await World.StartAsync("", ("jira", ["search", "create_issue"]));

        Ran slip = await world.ExplainAsync("jira_serach");
        Ran half = await world.ExplainAsync("issue");
        Ran own = await world.ExplainAsync("jira/serach");

        slip.ExitCode.ShouldBe(2);
        slip.Out.ShouldContain("did you mean: jira_search");
        half.ExitCode.ShouldBe(2);
        half.Out.ShouldContain("jira_create_issue");
        own.ExitCode.ShouldBe(1, "the backend is known and has no such tool");
        own.Out.ShouldContain("the backend lists no tool \"serach\"; did you mean \"search\"?");
    }

    [Fact]
    public async Task The_setting_that_chose_the_credential_is_told_and_the_credential_is_not()
    {
        await using World world = await World.StartAsync(
            "", auth: ", default: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: hidden-value}}", backends: ("jira", ["search"]));

        Ran ran = await world.ExplainAsync("jira_search");

        ran.Out.ShouldContain("header_injection, chosen by outgoingAuth.default");
        ran.Out.ShouldNotContain("hidden-value");
        ran.Out.ShouldNotContain("127.0.0.1");
    }

    [Fact]
    public async Task Json_has_the_same_chain()
    {
        await using World world = await World.StartAsync(Rules, ("jira", ["create", "search", "delete"]), ("github", ["create"]));

        Ran ran = await world.ExplainAsync("jira/delete", "--output", "json");

        ran.ExitCode.ShouldBe(1);
        using JsonDocument json = JsonDocument.Parse(ran.Out);
        json.RootElement.GetProperty("answer").GetString().ShouldBe("not_visible");
        JsonElement match = json.RootElement.GetProperty("matches")[0];
        match.GetProperty("visible").GetBoolean().ShouldBeFalse();
        match.GetProperty("exposed_name").GetString().ShouldBe("delete");
        match.GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("state").GetString() == "failed").GetProperty("step").GetString().ShouldBe("filter");
    }

    [Fact]
    public async Task A_gateway_that_does_not_show_its_catalog_still_tells_of_its_backends()
    {
        await using World world = await World.StartAsync("", ("jira", ["search"]));
        await using HidingFront front = await HidingFront.StartAsync(world.Port);
        Ran hidden = await Vmcp.RunAsync("explain", "jira/search", "--server", front.Address);

        hidden.ExitCode.ShouldBe(2, hidden.Out + hidden.Error);
        hidden.Out.ShouldStartWith("NOT KNOWN: tool \"search\" of backend \"jira\"\n");
        Steps(hidden.Out).ShouldBe(["backend ok", "auth ok", "health ok", "listed ?"]);
        hidden.Out.ShouldContain("kubectl port-forward");
    }

    [Fact]
    public async Task Nobody_there_and_a_wrong_command_line_have_exit_code_2()
    {
        using FreePort nobody = FreePort.Reserve();
        Ran away = await Vmcp.RunAsync("explain", "x", "--server", $"http://127.0.0.1:{nobody.Number}");
        away.ExitCode.ShouldBe(2);
        away.Error.ShouldContain("does not answer");
        (await Vmcp.RunAsync("explain")).ExitCode.ShouldBe(2);
        (await Vmcp.RunAsync("explain", "x", "--output", "xml")).ExitCode.ShouldBe(2);
        (await Vmcp.RunAsync("explain", "x", "--server", "ftp://x")).ExitCode.ShouldBe(2);
    }

    private static string[] Steps(string text) =>
    [
        .. text.Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal))
            .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2))),
    ];

    /// <summary>A gateway over scripted backends.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly Dictionary<string, ScriptedBackend> _backends = [];
        private GatewayServer _gateway = null!;

        public ScriptedBackend this[string name] => _backends[name];

        public int Port => _gateway.BaseUrl.Port;

        public static Task<World> StartAsync(string rules, params (string Name, string[] Tools)[] backends) => StartAsync(rules, "", "", backends);

        public static async Task<World> StartAsync(string rules, string extra = "", string auth = "", params (string Name, string[] Tools)[] backends)
        {
            World world = new();
            List<string> lines = ["backends:"];
            foreach ((string name, string[] tools) in backends)
            {
                world._backends[name] = await ScriptedBackend.StartAsync(s =>
                {
                    foreach (string tool in tools)
                        s.Tool(tool);
                });
                lines.Add($"  - {{name: {name}, url: \"{world._backends[name].Url}\"}}");
            }

            string yaml = string.Join('\n', [.. lines, extra, $"outgoingAuth: {{source: inline{auth}}}", rules]);
            LoadedConfig? config = LoadedConfig.Load(yaml, "vmcp.yaml", _ => null, 1, out ImmutableArray<ConfigProblem> problems);
            config.ShouldNotBeNull(string.Join('\n', problems));
            world._gateway = await GatewayServer.StartAsync(new GatewayStart { Config = config, Port = 0 }, CancellationToken.None);
            await Eventually.BecomesAsync(
                () => backends.All(b => world._gateway.Fleet.Current.Backends.TryGetValue(b.Name, out var view) && view.Listed), "all are listed");
            return world;
        }

        public Task<Ran> ExplainAsync(string tool, params string[] more) => Vmcp.RunAsync(["explain", tool, "--server", _gateway.BaseUrl.ToString(), .. more]);

        public async ValueTask DisposeAsync()
        {
            await _gateway.DisposeAsync();
            foreach (ScriptedBackend backend in _backends.Values)
                await backend.DisposeAsync();
        }
    }
}
