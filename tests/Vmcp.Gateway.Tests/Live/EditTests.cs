using System.Text.Json;

using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>A backend that a live source describes anew while clients work.</summary>
public sealed class EditTests
{
    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "LIVE-05")]
    public async Task A_new_credential_is_used_by_the_next_call_and_nobody_else_is_reconnected(string revision, string back)
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha").Backend("beta", s =>
        {
            Eras.Apply(s, back);
            s.Tool("who", call => Task.FromResult(Handlers.TextResult($"{call.Headers.GetValueOrDefault("X-Old")}|{call.Headers.GetValueOrDefault("X-New")}")));
        }));
        world.Source.Edit("beta", b => b with { Strategy = new HeaderInjectionStrategy("X-Old", new Secret("1")) });
        Front client = await world.ConnectAsync(revision);
        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("beta_who")) is { Result: not null } a && a.Text() == "1|", "the first credential");
        (await client.EchoAsync("alpha_echo", "1")).ShouldBe("1");
        int alpha = world["alpha"].RequestsFor("initialize").Count;

        world.Source.Edit("beta", b => b with { Strategy = new HeaderInjectionStrategy("X-New", new Secret("2")) });
        await Eventually.BecomesAsync(async () =>
        {
            RpcAnswer answer = await client.CallToolAsync("beta_who");
            return answer.Text() == "|2"; // a call in between is answered too, with the credential before
        }, "the second credential");
        (await client.EchoAsync("alpha_echo", "2")).ShouldBe("2");
        world["alpha"].RequestsFor("initialize").Count.ShouldBe(alpha);
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "LIVE-04")]
    public async Task A_backend_that_moved_is_one_entry_at_its_new_home(string revision)
    {
        foreach (string back in Eras.AllBacks)
        {
            await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha", s => s.Tool("where", Handlers.Text("u1"))));
            ScriptedBackend home = await world.StartAsideAsync("home", s =>
            {
                Eras.Apply(s, back);
                s.Tool("where", Handlers.Text("u2")).Tool("more");
            });
            Front client = await world.ConnectAsync(revision);
            (await client.CallToolAsync("alpha_where")).Text().ShouldBe("u1");

            world.Source.Edit("alpha", b => b with
            {
                Url = home.Url,
                Transport = back == "http-sse" ? BackendTransport.Sse : BackendTransport.StreamableHttp,
            });
            await Eventually.BecomesAsync(async () => (await client.CallToolAsync("alpha_where")).Text() == "u2", "calls go to the new home");
            await Eventually.BecomesAsync(async () => (await client.ToolsAsync()).SequenceEqual(["alpha_more", "alpha_where"]), "the list of the new home");
            (await world.StatusAsync()).GetProperty("backends").GetArrayLength().ShouldBe(1);
            await Eventually.BecomesAsync(() => world["alpha"].OpenSessions == 0 && world["alpha"].InFlight == 0, "the old home is let go");
        }
    }

    [Fact]
    public async Task A_rotated_credential_changes_no_list_while_the_backend_thinks()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Timeout, w.Threshold) = (31, 30, 2);
            w.Backend("alpha");
            w.Backend("beta");
        });
        LegacyClient client = await world.LegacyAsync();
        ServerStream stream = await client.OpenStreamAsync();
        world["beta"].Behaviour = Behaviour.Hang.For("initialize", "server/discover");

        world.Source.Edit("beta", b => b with { Strategy = new HeaderInjectionStrategy("X-Key", new Secret("new")) });
        await Eventually.BecomesAsync(() => world["beta"].Requests.Any(r => r.Header("X-Key") == "new"), "the new credential is tried");
        await world.AddAsync("gamma"); // published long after the edit, while beta still thinks
        await stream.NextAsync("notifications/tools/list_changed");

        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo", "beta_echo", "gamma_echo"]);
        TestWorld.BackendOf(await world.StatusAsync(), "beta").GetProperty("health").GetString().ShouldBe("healthy");
        world["beta"].Behaviour = Behaviour.Normal;
        stream.Count("notifications/tools/list_changed").ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "HLTH-06")]
    public async Task A_backend_that_moved_to_a_dead_address_leaves_the_lists_by_the_health_rules()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            w.Threshold = 2;
            w.Backend("alpha").Backend("beta");
        });
        LegacyClient client = await world.LegacyAsync();
        ServerStream stream = await client.OpenStreamAsync();
        using FreePort dead = FreePort.Reserve();

        world.Source.Edit("beta", b => b with { Url = new Uri($"http://127.0.0.1:{dead.Number}/mcp") });
        JsonElement first = await Eventually.ReadsAsync(
            async () => TestWorld.BackendOf(await world.StatusAsync(), "beta"), b => b.GetProperty("health").GetString() != "healthy", "health begins anew");
        first.GetProperty("health").GetString().ShouldBe("unknown", "before the threshold");
        first.GetProperty("listed").GetBoolean().ShouldBeTrue();
        RpcAnswer call = await client.CallToolAsync("beta_echo");
        call.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        call.Text().ShouldBe("Backend \"beta\" was changed and has not answered since; try again in a moment.");

        await stream.NextAsync("notifications/tools/list_changed");
        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);
        TestWorld.BackendOf(await world.StatusAsync(), "beta").GetProperty("health").GetString().ShouldBe("unhealthy");
        world.Source.Edit("beta", b => b with { Url = world["beta"].Url });
        await stream.NextAsync("notifications/tools/list_changed");
        (await client.CallToolAsync("beta_echo", """{"input":"1"}""")).Text().ShouldBe("1");
    }

    [Fact]
    public async Task A_call_to_a_backend_that_moved_waits_until_its_new_home_was_reached()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Timeout) = (21, 20);
            w.Backend("alpha", s => s.Tool("where", Handlers.Text("u1")));
        });
        ScriptedBackend home = await world.StartAsideAsync("home", s =>
        {
            s.Era = BackendEra.Modern;
            s.Tool("where", Handlers.Text("u2"));
        });
        home.Behaviour = Behaviour.Slow(TimeSpan.FromSeconds(1.5)).For("server/discover");
        Front[] clients = [await world.ConnectAsync(Eras.Latest), await world.ConnectAsync(Eras.Modern)];

        world.Source.Edit("alpha", b => b with { Url = home.Url });
        await Eventually.BecomesAsync(() => world.Gateway.Fleet.Current.Backends["alpha"].Handle.Backend.Url == home.Url, "published");
        Task<RpcAnswer>[] calls = [.. clients.Select(c => c.CallToolAsync("alpha_where"))];
        foreach (Task<RpcAnswer> call in calls)
            (await call).Text().ShouldBe("u2");
    }

    [Fact]
    public async Task A_breaker_that_stays_open_over_an_edit_does_not_let_calls_wait()
    {
        using var nobody = FreePort.Reserve();
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            w.Backend("alpha").Threshold = 20;
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 1, timeout: 600s}");
        });
        Front client = await world.ConnectAsync(Eras.Latest);
        Vmcp.Gateway.Backends.BackendView Alpha() => world.Gateway.Fleet.Current.Backends["alpha"];
        world.Source.Edit("alpha", b => b with { Url = new Uri($"http://127.0.0.1:{nobody.Number}/mcp") });
        await Eventually.BecomesAsync(() => Alpha().Handle.Gate.State.Status == Vmcp.Core.Health.BreakerStatus.Open, "the new address is dead");

        world.Source.Edit("alpha", b => b with { Timeout = TimeSpan.FromSeconds(7) });
        await Eventually.BecomesAsync(() => Alpha().Handle.Backend.Timeout == TimeSpan.FromSeconds(7), "edited");
        Alpha().Listed.ShouldBeTrue();

        RpcAnswer answer = await client.CallToolAsync("alpha_echo").WaitAsync(TimeSpan.FromMinutes(1));
        answer.Text().ShouldContain("has not answered since");
    }

    [Fact]
    public async Task An_open_breaker_stays_open_for_a_new_timeout_and_not_for_a_new_credential()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Threshold) = (60, 50);
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 2, timeout: 600s}");
            w.Backend("alpha");
        });
        LegacyClient client = await world.LegacyAsync();
        world["alpha"].Behaviour = Behaviour.Status(500).For("tools/call", "initialize");
        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("alpha_echo")).Text().Contains("circuit breaker open", StringComparison.Ordinal), "open");

        Gateway.Backends.BackendHandle before = HandleOf(world);
        world.Source.Edit("alpha", b => b with { Timeout = TimeSpan.FromSeconds(7) });
        await Eventually.BecomesAsync(() => !ReferenceEquals(HandleOf(world), before), "the edit is in force");
        (await client.CallToolAsync("alpha_echo")).Text().ShouldContain("circuit breaker open");

        world["alpha"].Behaviour = Behaviour.Normal;
        world.Source.Edit("alpha", b => b with { Strategy = new HeaderInjectionStrategy("X-Key", new Secret("good")) });
        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text() == "1", "calls work with the new credential");
    }

    private static Gateway.Backends.BackendHandle HandleOf(TestWorld world) => world.Gateway.Fleet.Current.Backends["alpha"].Handle;
}
