using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>What the pictures of the gateway say of backends whose lists depend on the user: their health, and nothing of users.</summary>
public sealed class OwnStatusTests
{
    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [Trait("Scenario", "HLTH-04")]
    [Trait("Scenario", "OAUTH-06")]
    public async Task Who_only_wants_users_is_healthy_listed_and_counted_as_reached(int status)
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.FailureHandling.Add("partialFailureMode: fail");
            w.PerUser("own", s => s.Tool("secret-tool"));
        });
        world["own"].Behaviour = Behaviour.Choose(r => r.Headers.ContainsKey(Users.Header) ? Behaviour.Normal : Behaviour.Status(status));
        await world["own"].RestartAsync();
        await Eventually.BecomesAsync(() => world.Logs.All.Any(l => l.Contains("Backend own is reachable and lists to each user what is theirs", StringComparison.Ordinal)), "the log tells it");
        int probes = world["own"].Requests.Count;
        await Eventually.BecomesAsync(() => world["own"].Requests.Count > probes + 2, "some rounds pass");
        JsonElement own = await world.HealthBecomesAsync("own", "healthy");
        own.GetProperty("listed").GetBoolean().ShouldBeTrue();
        own.GetProperty("per_user").GetBoolean().ShouldBeTrue();
        (await world.GetJsonAsync("/readyz")).GetProperty("status").GetString().ShouldBe("ready");

        Front alice = await world.UserAsync("alice", Eras.Latest);
        (await alice.ToolsAsync()).ShouldBe(["own_secret-tool"]);
        foreach (string path in new[] { "/status", "/api/catalog", "/api/backends/health" })
        {
            string text = (await world.GetJsonAsync(path)).GetRawText();
            text.ShouldNotContain("secret-tool");
            text.ShouldNotContain("alice");
        }

        world.Logs.All.ShouldNotContain(l => l.Contains("secret-tool", StringComparison.Ordinal) || l.Contains("alice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ready_and_reached_from_the_start_where_only_users_are_let_in()
    {
        await using ScriptedBackend own = await ScriptedBackend.StartAsync(s => s.Tool("echo"));
        own.Behaviour = Users.OnlyForUsers;
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.WaitForBackends = false;
            w.FailureHandling.Add("partialFailureMode: fail");
            w.Source!.Put(new Core.Backends.Backend { Name = "own", Url = own.Url, Strategy = Users.Strategy });
        });
        await Eventually.BecomesAsync(async () => (await world.GetJsonAsync("/readyz")).GetProperty("status").GetString() == "ready", "ready");
        JsonElement status = await world.HealthBecomesAsync("own", "healthy");
        status.GetProperty("tools").ValueKind.ShouldBe(JsonValueKind.Null);
        Front alice = await world.UserAsync("alice", Eras.Modern);
        (await alice.EchoAsync("own_echo", "at once")).ShouldContain("at once");
        (await alice.ToolsAsync()).ShouldBe(["own_echo"]);
    }

    [Fact]
    [Trait("Scenario", "HLTH-05")]
    public async Task With_checks_off_a_backend_that_wants_users_is_asked_once_and_serves_them()
    {
        await using ScriptedBackend own = await ScriptedBackend.StartAsync(s => s.Tool("echo"));
        own.Behaviour = Users.OnlyForUsers;
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.WaitForBackends = false;
            w.Options = o => o with { MonitorHealth = false };
            w.Source!.Put(new Core.Backends.Backend { Name = "own", Url = own.Url, Strategy = Users.Strategy });
        });
        Front alice = await world.UserAsync("alice", Eras.Latest);
        (await alice.EchoAsync("own_echo", "hello")).ShouldContain("hello");
        own.Requests.Count(r => !r.Headers.ContainsKey(Users.Header)).ShouldBeLessThanOrEqualTo(2, "the first look, and one when a user taught how it speaks");
    }
}
