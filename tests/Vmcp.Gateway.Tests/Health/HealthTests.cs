using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Health;

/// <summary>Probes and what they mean for the lists.</summary>
public sealed class HealthTests
{
    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [Trait("Scenario", "HLTH-04")]
    public async Task A_refusal_is_an_answer_only_from_a_backend_with_a_credential(int status)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("a").Backend("b");
            w.Block("""
                outgoingAuth:
                  source: inline
                  backends:
                    a: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: v}}
                    b: {type: unauthenticated}
                """);
        });
        world["a"].Behaviour = Behaviour.Status(status);
        world["b"].Behaviour = Behaviour.Status(status);
        int before = world["a"].Requests.Count;
        await world.HealthBecomesAsync("b", "unauthenticated");
        await Eventually.BecomesAsync(() => world["a"].Requests.Count > before + 3, "a was probed again and again");
        TestWorld.BackendOf(await world.StatusAsync(), "a").GetProperty("health").GetString().ShouldBe("healthy");

        world["a"].Behaviour = Behaviour.Hang;
        await world["b"].StopAsync();
        JsonElement a = await world.HealthBecomesAsync("a", "unhealthy");
        a.GetProperty("last_error_category").GetString().ShouldBe("timeout");
        await world.HealthBecomesAsync("b", "unhealthy");
    }

    [Fact]
    public async Task Too_many_requests_is_an_answer_of_a_living_backend()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        world["alpha"].Behaviour = Behaviour.Status(429, headers: ("Retry-After", "1"));
        int before = world["alpha"].Requests.Count;
        await Eventually.BecomesAsync(() => world["alpha"].Requests.Count >= before + 3, "probed three times");
        (await world.StatusAsync()).GetProperty("backends")[0].GetProperty("health").GetString().ShouldBe("healthy");
    }

}

/// <summary>Which backends the lists show.</summary>
public sealed class ListedBackendTests
{
    [Fact]
    [Trait("Scenario", "HLTH-05")]
    public async Task Only_healthy_and_degraded_backends_are_listed()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Threshold = 3;
            w.Backend("good").Backend("sick").Backend("closed").Elsewhere("never", new Uri("http://127.0.0.1:9/mcp"));
            w.WaitForBackends = false;
        });
        await world.AreListedAsync("good", "sick", "closed");
        world["sick"].Behaviour = Behaviour.Status(500);
        world["closed"].Behaviour = Behaviour.Status(401);
        JsonElement first = TestWorld.BackendOf(await world.StatusAsync(), "never");
        first.GetProperty("listed").GetBoolean().ShouldBeFalse("unknown or unhealthy, it was never reached");
        await world.HealthBecomesAsync("sick", "unhealthy");
        await world.HealthBecomesAsync("closed", "unauthenticated");
        foreach (string revision in (string[])[Eras.Latest, Eras.Modern])
        {
            Front client = await world.ConnectAsync(revision);
            (await client.ToolsAsync()).ShouldBe(["good_echo"]);
            foreach (string name in (string[])["sick", "closed"])
            {
                RpcAnswer away = await client.CallToolAsync($"{name}_echo");
                away.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
                away.Text().ShouldBe($"Backend \"{name}\" is unavailable.");
                world[name].RequestsFor("tools/call").ShouldBeEmpty("it is not dialled");
            }
        }

        world["sick"].Behaviour = Behaviour.Normal;
        await world.AreListedAsync("sick");
        (await (await world.ConnectAsync(Eras.Latest)).ToolsAsync()).ShouldBe(["good_echo", "sick_echo"]);
    }

    [Fact]
    [Trait("Scenario", "HLTH-05")]
    public async Task Without_monitoring_a_reached_backend_stays_listed()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Options = o => o with { MonitorHealth = false };
        });
        LegacyClient client = await world.LegacyAsync();
        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);
    }

    [Fact]
    [Trait("Scenario", "HLTH-05")]
    public async Task A_single_failed_probe_hides_nothing()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Threshold = 50;
        });
        world["alpha"].Behaviour = Behaviour.Status(503);
        await Eventually.BecomesAsync(
            async () => (await world.StatusAsync()).GetProperty("backends")[0].GetProperty("consecutive_failures").GetInt32() >= 2, "two failures");
        JsonElement backend = (await world.StatusAsync()).GetProperty("backends")[0];
        backend.GetProperty("health").GetString().ShouldBe("healthy");
        (await (await world.LegacyAsync()).ListToolNamesAsync()).ShouldBe(["alpha_echo"]);
    }

    [Fact]
    [Trait("Scenario", "HLTH-06")]
    public async Task Probes_follow_the_configuration()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha").Backend("beta").Backend("moved"));
        await world["alpha"].StopAsync();
        await world.HealthBecomesAsync("alpha", "unhealthy");

        Uri newHome = world["moved"].Url;
        await world.EditAsync(w =>
        {
            w.Remove("beta");
            w.Remove("moved");
            w.Remove("alpha");
            w.Elsewhere("alpha", newHome);
        });

        JsonElement alpha = await world.HealthBecomesAsync("alpha", "healthy");
        alpha.GetProperty("consecutive_failures").GetInt32().ShouldBe(0);
        JsonElement health = await world.GetJsonAsync("/api/backends/health");
        health.GetProperty("backends").EnumerateObject().Select(p => p.Name).ShouldBe(["alpha"]);
        (await world.StatusAsync()).GetProperty("backends").GetArrayLength().ShouldBe(1);
        await Eventually.BecomesAsync(() => world["beta"].InFlight == 0 && world["beta"].OpenStreams == 0, "beta was left alone");
        int beta = world["beta"].Requests.Count;
        int moved = world["moved"].Requests.Count;
        await Eventually.BecomesAsync(() => world["moved"].Requests.Count >= moved + 3, "the new home is probed");
        world["beta"].Requests.Count.ShouldBe(beta);
    }
}

/// <summary>The way back to health.</summary>
public sealed class RecoveryTests
{
    [Fact]
    [Trait("Scenario", "HLTH-07")]
    public async Task Recovery_shows_as_degraded_for_one_round()
    {
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("beta"));
        world["beta"].Behaviour = Behaviour.Status(500);
        await world.HealthBecomesAsync("beta", "unhealthy");
        world["beta"].Behaviour = Behaviour.Normal;
        JsonElement first = await Eventually.ReadsAsync(
            async () => (await world.StatusAsync()).GetProperty("backends")[0], b => b.GetProperty("health").GetString() != "unhealthy", "recovering");
        first.GetProperty("health").GetString().ShouldBe("degraded");
        first.GetProperty("consecutive_failures").GetInt32().ShouldBe(0);
        first.GetProperty("listed").GetBoolean().ShouldBeTrue();
        await world.HealthBecomesAsync("beta", "healthy");
    }
}

/// <summary>A backend that works, but slowly.</summary>
public sealed class SlowBackendTests
{
    [Fact]
    [Trait("Scenario", "HLTH-07")]
    public async Task A_check_over_five_seconds_is_degraded()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = Behaviour.Slow(TimeSpan.FromSeconds(5.1)).For("tools/list");
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = (9, 8);
            w.Backend("quick").Elsewhere("slow", backend.Url);
        });
        JsonElement slow = await world.HealthBecomesAsync("slow", "degraded");
        slow.GetProperty("consecutive_failures").GetInt32().ShouldBe(0);
        slow.GetProperty("listed").GetBoolean().ShouldBeTrue();
        TestWorld.BackendOf(await world.StatusAsync(), "quick").GetProperty("health").GetString().ShouldBe("healthy");
    }
}
