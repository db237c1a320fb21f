using System.Security.Cryptography;

using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Sessions;

/// <summary>The life of a Legacy session on the wire.</summary>
public sealed class SessionTests
{
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);

    [Theory]
    [MemberData(nameof(Eras.LegacyRevisions), MemberType = typeof(Eras))]
    [Trait("Scenario", "SESS-01")]
    public async Task Two_clients_have_two_sessions_and_the_same_tools(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient first = await world.LegacyAsync(revision);
        LegacyClient second = await world.LegacyAsync(revision);
        first.SessionId.ShouldNotBe(second.SessionId);
        (await first.ListToolNamesAsync()).ShouldBe(await second.ListToolNamesAsync());
        for (int i = 0; i < 50; i++)
            (await first.CallToolAsync("alpha_echo", $$"""{"input":"{{i}}"}""")).Text().ShouldBe($"{i}");
        world["alpha"].RequestsFor("tools/call").Select(r => r.SessionId).Distinct().Count().ShouldBe(1, "one backend session for all calls of a session");
        world["alpha"].RequestsFor("initialize").Count.ShouldBeLessThan(5);
    }

    [Fact]
    [Trait("Scenario", "SESS-02")]
    public async Task A_deleted_session_is_gone_for_good()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        ServerStream stream = await client.OpenStreamAsync();
        (await client.CallToolAsync("alpha_echo", """{"input":"x"}""")).Success();
        string used = world["alpha"].RequestsFor("tools/call").Single().SessionId!;
        (await client.DeleteAsync()).HttpStatus.ShouldBeOneOf(200, 204);
        await Eventually.BecomesAsync(() => stream.HasEnded, "the stream ended");
        (await client.CallAsync("tools/list")).HttpStatus.ShouldBe(404);
        (await client.CallAsync("ping")).HttpStatus.ShouldBe(404);
        (await client.NotifyAsync("notifications/roots/list_changed")).HttpStatus.ShouldBe(404);
        (await client.OpenStreamAsync()).HttpStatus.ShouldBe(404);
        (await client.DeleteAsync()).HttpStatus.ShouldBe(404);
        world.Gateway.Sessions.Count.ShouldBe(0);
        await Eventually.BecomesAsync(
            () => world["alpha"].Requests.Count(r => r.Verb == "DELETE" && r.SessionId == used) == 1, "the backend session was closed");
    }

    [Fact]
    public async Task Missing_unknown_and_foreign_ids_are_refused()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Options = o => o with { SessionSecret = Secret };
        });
        await using GatewayServer other = await world.StartGatewayAsync(o => o with { SessionSecret = Secret, Name = "another" });
        LegacyClient client = await world.LegacyAsync();
        string mine = client.SessionId!;
        LegacyClient theirs = await world.LegacyAsync(url: other.McpUrl);

        client.SessionId = null;
        (await client.CallAsync("tools/list")).HttpStatus.ShouldBe(400);
        foreach (string id in (string[])["nonsense", mine + "A", mine[..^4], theirs.SessionId!, new string('x', 10_000)])
        {
            client.SessionId = id;
            RpcAnswer answer = await client.CallAsync("tools/list");
            answer.HttpStatus.ShouldBe(404, id.Length > 100 ? id[..100] : id);
        }

        client.SessionId = mine;
        (await client.CallAsync("tools/list")).Success();
    }

    [Fact]
    public async Task An_id_is_good_at_every_replica_with_the_secret()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha", s => s.Tool("ask", Handlers.Ask("elicitation/create", """{"message":"m","requestedSchema":{"type":"object","properties":{}}}""")));
            w.Options = o => o with { SessionSecret = Secret };
        });
        await using GatewayServer replica = await world.StartGatewayAsync();
        LegacyClient client = await world.LegacyAsync(capabilities: """{"elicitation":{}}""");
        LegacyClient moved = world.Keep(LegacyClient.Unconnected(replica.McpUrl));
        (moved.SessionId, moved.ProtocolVersion) = (client.SessionId, client.ProtocolVersion);
        moved.OnRequest = (_, _) => """{"action":"accept","content":{}}""";
        (await moved.ListToolNamesAsync()).ShouldBe(["alpha_ask"]);
        (await moved.CallToolAsync("alpha_ask")).Text().ShouldContain("accept", customMessage: "what the client can do travels with the id");
        LegacyClient stranger = world.Keep(LegacyClient.Unconnected((await StartStrangerAsync(world)).McpUrl));
        (stranger.SessionId, stranger.ProtocolVersion) = (client.SessionId, client.ProtocolVersion);
        (await stranger.CallAsync("tools/list")).HttpStatus.ShouldBe(404);
    }

    [Fact]
    public async Task At_the_bound_idle_sessions_leave_memory_and_come_back_on_use()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Options = o => o with { MaxSessions = 5 };
        });
        List<LegacyClient> clients = [];
        for (int i = 0; i < 20; i++)
        {
            clients.Add(await world.LegacyAsync());
            world.Gateway.Sessions.Count.ShouldBeLessThanOrEqualTo(5);
        }

        foreach (LegacyClient client in clients)
        {
            (await client.CallToolAsync("alpha_echo", """{"input":"back"}""")).Text().ShouldBe("back");
            world.Gateway.Sessions.Count.ShouldBeLessThanOrEqualTo(5);
        }
    }

    [Fact]
    public async Task A_wrong_version_header_is_refused_and_a_missing_one_is_not()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        client.ProtocolVersion = "2020-01-01";
        (await client.CallAsync("tools/list")).HttpStatus.ShouldBe(400);
        client.ProtocolVersion = null;
        (await client.CallAsync("tools/list")).Success();
    }

    [Fact]
    [Trait("Scenario", "LIVE-08")]
    public async Task One_dying_backend_costs_an_open_session_only_its_own_calls()
    {
        foreach (string back in Eras.AllBacks)
        {
            await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha").Backend("beta", s => { Eras.Apply(s, back); s.Tool("echo"); }));
            LegacyClient client = await world.LegacyAsync();
            (await client.CallToolAsync("beta_echo", """{"input":"1"}""")).Text().ShouldBe("1");
            string id = client.SessionId!;
            int port = world["beta"].Port;
            await world["beta"].StopAsync();
            RpcAnswer dead = await client.CallToolAsync("beta_echo", """{"input":"2"}""");
            dead.Success().GetProperty("isError").GetBoolean().ShouldBeTrue(back);
            dead.Text().ShouldContain("beta");
            dead.RawText.ShouldNotContain("127.0.0.1");
            dead.RawText.ShouldNotContain($"{port}");
            (await client.CallToolAsync("alpha_echo", """{"input":"3"}""")).Text().ShouldBe("3");
            await world["beta"].RestartAsync();
            await Eventually.BecomesAsync(
                async () => (await client.CallToolAsync("beta_echo", """{"input":"4"}""")) is { Result: not null } answer && answer.Text() == "4", "calls work again");
            client.SessionId.ShouldBe(id);
        }
    }

    [Theory]
    [InlineData("legacy")]
    [InlineData("legacy-sse")]
    public async Task A_backend_that_forgot_its_sessions_is_opened_anew_unseen(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back);
        LegacyClient legacy = await world.LegacyAsync();
        ModernClient modern = world.Modern();
        (await legacy.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        (await modern.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        world["alpha"].ForgetSessions();
        (await legacy.CallToolAsync("alpha_echo", """{"input":"2"}""")).Text().ShouldBe("2");
        (await modern.CallToolAsync("alpha_echo", """{"input":"2"}""")).Text().ShouldBe("2");
    }

    private static async Task<GatewayServer> StartStrangerAsync(TestWorld world) =>
        world.Keep(await world.StartGatewayAsync(o => o with { SessionSecret = RandomNumberGenerator.GetBytes(32) }));
}
