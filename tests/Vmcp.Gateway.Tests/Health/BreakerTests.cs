using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Health;

/// <summary>The circuit breaker over probes and real calls.</summary>
public sealed class BreakerTests
{
    [Fact]
    [Trait("Scenario", "HLTH-01")]
    [Trait("Scenario", "HLTH-02")]
    public async Task The_breaker_opens_tests_recovery_and_closes()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha").Backend("beta");
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 3, timeout: 2s}");
        });
        await world["beta"].StopAsync();
        JsonElement beta = await Eventually.ReadsAsync(
            () => HealthOfAsync(world, "beta"), b => b.GetProperty("CircuitState").GetString() == "open" && b.GetProperty("ConsecutiveFailures").GetInt32() >= 3, "open");
        beta.GetProperty("Status").GetString().ShouldBe("unhealthy");
        JsonElement alpha = await HealthOfAsync(world, "alpha");
        alpha.GetProperty("Status").GetString().ShouldBe("healthy");
        alpha.GetProperty("CircuitState").GetString().ShouldBe("closed");
        LegacyClient client = await world.LegacyAsync();
        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);

        world["beta"].Behaviour = Behaviour.Slow(TimeSpan.FromMilliseconds(80));
        await world["beta"].RestartAsync();
        List<string> seen = [];
        await Eventually.BecomesAsync(
            async () =>
            {
                string state = (await HealthOfAsync(world, "beta")).GetProperty("CircuitState").GetString()!;
                if (seen.Count == 0 || seen[^1] != state)
                    seen.Add(state);
                return state == "closed";
            },
            "closed");
        seen.ShouldBe(["open", "half-open", "closed"]);
        world["beta"].Behaviour = Behaviour.Normal;
        await world.HealthBecomesAsync("beta", "healthy");
        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo", "beta_echo"]);
    }

    [Fact]
    [Trait("Scenario", "HLTH-03")]
    public async Task A_success_below_the_threshold_starts_the_count_anew()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("beta");
            w.Threshold = 3;
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 3, timeout: 60s}");
        });
        for (int round = 0; round < 2; round++)
        {
            world["beta"].Behaviour = Behaviour.Status(500);
            await BetaAsync(world, 2);
            world["beta"].Behaviour = Behaviour.Normal;
            JsonElement beta = await BetaAsync(world, 0);
            beta.GetProperty("CircuitState").GetString().ShouldBe("closed");
            beta.GetProperty("Status").GetString().ShouldNotBe("unhealthy");
        }
    }

    [Fact]
    public async Task Failing_calls_open_the_breaker_and_later_calls_fail_at_once()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = (60, 10);
            w.Backend("alpha").Backend("beta");
            w.Timeouts = "{default: 10s, perWorkload: {beta: 200ms}}";
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 3, timeout: 60s}");
        });
        LegacyClient client = await world.LegacyAsync();
        world["beta"].Behaviour = Behaviour.Hang.For("tools/call");
        for (int i = 0; i < 3; i++)
            (await client.CallToolAsync("beta_echo", """{"input":"x"}""")).Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        (await HealthOfAsync(world, "beta")).GetProperty("CircuitState").GetString().ShouldBe("open");

        int reached = world["beta"].Requests.Count;
        RpcAnswer refused = await client.CallToolAsync("beta_echo", """{"input":"x"}""");
        refused.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        refused.Text().ShouldContain("beta");
        world["beta"].Requests.Count.ShouldBe(reached, "an open breaker keeps calls away");
        (await client.CallToolAsync("alpha_echo", """{"input":"fine"}""")).Text().ShouldBe("fine");
    }

    [Fact]
    public async Task Calls_that_get_a_server_error_open_the_breaker_although_probes_succeed()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = (60, 10);
            w.Backend("beta");
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 3, timeout: 60s}");
        });
        LegacyClient client = await world.LegacyAsync();
        world["beta"].Behaviour = Behaviour.Status(503).For("tools/call");
        for (int i = 0; i < 3; i++)
            (await client.CallToolAsync("beta_echo", """{"input":"x"}""")).Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        (await HealthOfAsync(world, "beta")).GetProperty("CircuitState").GetString().ShouldBe("open");
    }

    [Fact]
    public async Task An_error_of_a_tool_is_no_failure_of_its_backend()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = (60, 10);
            w.Backend("beta", s => s.Tool("bad", Handlers.Raw(Handlers.ErrorResult("no"))).Tool("worse", _ => throw new RpcErrorException(-32000, "boom")));
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 2, timeout: 60s}");
        });
        LegacyClient client = await world.LegacyAsync();
        for (int i = 0; i < 4; i++)
        {
            (await client.CallToolAsync("beta_bad")).Text().ShouldBe("no");
            (await client.CallToolAsync("beta_worse")).Error!.Value.GetProperty("message").GetString().ShouldBe("boom");
        }

        (await HealthOfAsync(world, "beta")).GetProperty("CircuitState").GetString().ShouldBe("closed");
    }

    private static async Task<JsonElement> HealthOfAsync(TestWorld world, string name) =>
        (await world.GetJsonAsync("/api/backends/health")).GetProperty("backends").GetProperty(name);

    private static Task<JsonElement> BetaAsync(TestWorld world, int failures) => Eventually.ReadsAsync(
        () => HealthOfAsync(world, "beta"), b => b.GetProperty("ConsecutiveFailures").GetInt32() == failures, $"{failures} failures");
}
