using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Reload;

/// <summary>A changed file while the gateway runs.</summary>
public sealed class ReloadTests
{
    [Fact]
    public async Task Backends_come_and_go_and_sessions_stay()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        ServerStream stream = await client.OpenStreamAsync();
        await using ListenStream listen = await world.Modern().ListenAsync("""{"toolsListChanged":true,"resourcesListChanged":true,"promptsListChanged":true}""");
        (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");

        await world.EditAndApplyAsync(w => w.Backend("beta", s => s.Tool("echo").Resource("file:///b").Prompt("p")));
        foreach (string part in (string[])["tools", "resources", "prompts"])
        {
            await stream.NextAsync($"notifications/{part}/list_changed");
            await listen.NextAsync($"notifications/{part}/list_changed");
        }

        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo", "beta_echo"]);
        (await client.CallToolAsync("beta_echo", """{"input":"2"}""")).Text().ShouldBe("2");

        await world.EditAndApplyAsync(w => w.Remove("beta"));
        foreach (string part in (string[])["tools", "resources", "prompts"])
        {
            await stream.NextAsync($"notifications/{part}/list_changed");
            await listen.NextAsync($"notifications/{part}/list_changed");
        }

        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);
        (await client.CallToolAsync("beta_echo")).ErrorCode.ShouldBe(-32602);
        (await client.CallToolAsync("alpha_echo", """{"input":"3"}""")).Text().ShouldBe("3");
        stream.HasEnded.ShouldBeFalse();
    }

    [Fact]
    public async Task A_removed_backend_is_left_alone()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha").Backend("beta"));
        LegacyClient client = await world.LegacyAsync();
        await using ServerStream stream = await client.OpenStreamAsync();
        (await client.CallToolAsync("beta_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        (await world.Modern("""{"sampling":{}}""").CallToolAsync("beta_echo", """{"input":"2"}""")).Text().ShouldBe("2");
        ScriptedBackend beta = world["beta"];

        await world.EditAndApplyAsync(w => w.Remove("beta"));
        await Eventually.BecomesAsync(() => beta.OpenSessions == 0 && beta.OpenStreams == 0, "every session with the removed backend is closed");
    }

    [Fact]
    public async Task A_bad_edit_changes_nothing_and_shows_in_status()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        string good = await File.ReadAllTextAsync(world.ConfigPath);
        await world.WriteFileAsync(good + "\nnoSuchKey: 1\n");
        JsonElement status = await Eventually.ReadsAsync(
            world.StatusAsync, s => s.GetProperty("config").TryGetProperty("last_reload_error", out _), "the refusal shows");
        status.GetProperty("config").GetProperty("last_reload_error").GetString()!.ShouldContain("noSuchKey");
        await Eventually.BecomesAsync(() => world.Logs.All.Any(l => l.Contains("noSuchKey", StringComparison.Ordinal)), "the refusal is logged");
        (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);

        await world.WriteFileAsync(good + "\naggregation: {excludeAllTools: true}\n");
        await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Count == 0, "the next good edit is taken");
        (await world.StatusAsync()).GetProperty("config").TryGetProperty("last_reload_error", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("outgoingAuth: {source: discovered}\n")]
    [InlineData("")]
    public async Task An_edit_that_leaves_the_backends_to_discovery_takes_none_away(string source)
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();

        await File.WriteAllTextAsync(world.ConfigPath, $"name: vmcp\ngroupRef: demo/team\nincomingAuth: {{type: anonymous}}\n{source}", TestContext.Current.CancellationToken);

        JsonElement config = await Eventually.ReadsAsync(
            async () => (await world.StatusAsync()).GetProperty("config"), c => c.TryGetProperty("last_reload_error", out _), "the edit is refused");
        config.GetProperty("last_reload_error").GetString()!.ShouldContain("outgoingAuth.source: cannot change while the gateway runs");
        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);
    }

    [Fact]
    public async Task An_edit_of_the_aggregation_is_applied_to_open_sessions()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo").Tool("other")));
        LegacyClient client = await world.LegacyAsync();
        ServerStream stream = await client.OpenStreamAsync();
        await world.EditAndApplyAsync(w => w.Block("""
            aggregation:
              conflictResolution: prefix
              conflictResolutionConfig: {prefixFormat: "{workload}-"}
              tools: [{workload: alpha, filter: [echo]}]
            """));
        await stream.NextAsync("notifications/tools/list_changed");
        (await client.ListToolNamesAsync()).ShouldBe(["alpha-echo"]);
    }

    [Fact]
    public async Task A_call_in_flight_to_an_unchanged_backend_survives_an_edit()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("wait", async call =>
        {
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("still here");
        })));
        LegacyClient client = await world.LegacyAsync();
        Task<RpcAnswer> call = client.CallToolAsync("alpha_wait");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "running");
        await world.EditAndApplyAsync(w => w.Backend("beta"));
        await world.AreListedAsync("beta");
        go.SetResult();
        (await call).Text().ShouldBe("still here");
    }

    [Theory]
    [InlineData("legacy", "modern")]
    [InlineData("modern", "legacy")]
    public async Task A_backend_may_come_back_in_another_era(string before, string after)
    {
        await using TestWorld world = await TestWorld.OneAsync(before);
        Front[] clients = [await world.ConnectAsync(Eras.Latest), await world.ConnectAsync(Eras.Modern)];
        foreach (Front client in clients)
            (await client.EchoAsync("alpha_echo", "1")).ShouldBe("1");

        // The same port and path serve another era from one moment to the next, as after an upgrade of the image.
        await using ScriptedBackend next = await ScriptedBackend.StartAsync(s =>
        {
            Eras.Apply(s, after);
            s.Path = world["alpha"].Url.AbsolutePath;
            s.Tool("echo").Tool("fresh");
        });
        await using PortForward forward = new(next.Port);
        await world["alpha"].DisposeAsync();
        await forward.ListenAsync(world["alpha"].Port);
        foreach (Front client in clients)
        {
            await Eventually.BecomesAsync(
                async () => await client.CallToolAsync("alpha_echo", """{"input":"2"}""") is { Result: not null } answer && answer.Text() == "2", "calls work");
            await Eventually.BecomesAsync(async () => (await client.ToolsAsync()).Contains("alpha_fresh"), "the new list");
        }

        await Eventually.BecomesAsync(
            async () => (await world.StatusAsync()).GetProperty("backends")[0].GetProperty("mcp_revision").GetString() == Eras.RevisionOf(after), "revision");
    }
}
