using System.Security.Cryptography;
using System.Text;

using Vmcp.Auth.Incoming;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>Somebody with a token of their own who learned the session id of somebody else, or brings an id from another gateway.</summary>
[Trait("Threat", "8.3 Session hijack and cross-route sessions")]
public sealed class SessionHijackTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    [Theory]
    [MemberData(nameof(Eras.LegacyRevisions), MemberType = typeof(Eras))]
    [Trait("Scenario", "SESS-03")]
    public async Task Another_users_session_is_like_an_unknown_one_for_every_verb_at_every_replica_and_lives_on(string revision)
    {
        await using TestWorld world = await TwoUsersAsync();
        await using GatewayServer replica = await world.StartGatewayAsync();
        LegacyClient ada = await world.LegacyAsync(revision, headers: NamedDoor.As("ada.1"));
        ServerStream stream = await ada.OpenStreamAsync();
        (await ada.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        int calls = world["alpha"].RequestsFor("tools/call").Count;
        foreach (Uri url in (Uri[])[world.Url, replica.McpUrl])
        {
            LegacyClient eve = world.Keep(LegacyClient.Unconnected(url, NamedDoor.As("eve.1")));
            foreach ((string what, Func<LegacyClient, Task<Seen>> request) in EveryVerb)
            {
                (eve.SessionId, eve.ProtocolVersion) = (ada.SessionId, ada.ProtocolVersion);
                Seen stolen = await request(eve);
                eve.SessionId = "nobody-ever-had-this-id";
                Seen unknown = await request(eve);
                stolen.Status.ShouldBe(404, what);
                stolen.ShouldBe(unknown, $"{what}: nothing may tell that the id exists");
            }
        }

        world["alpha"].RequestsFor("tools/call").Count.ShouldBe(calls);
        stream.HasEnded.ShouldBeFalse("the owner's stream stays open");
        (await ada.CallToolAsync("alpha_echo", """{"input":"2"}""")).Text().ShouldBe("2");
    }

    [Fact]
    public async Task A_refreshed_token_keeps_the_session_at_every_replica()
    {
        await using TestWorld world = await TwoUsersAsync();
        await using GatewayServer replica = await world.StartGatewayAsync();
        LegacyClient ada = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
        foreach (Uri url in (Uri[])[world.Url, replica.McpUrl])
        {
            LegacyClient refreshed = world.Keep(LegacyClient.Unconnected(url, NamedDoor.As("ada.2")));
            (refreshed.SessionId, refreshed.ProtocolVersion) = (ada.SessionId, ada.ProtocolVersion);
            (await refreshed.CallToolAsync("alpha_echo", """{"input":"still me"}""")).Text().ShouldBe("still me");
        }
    }

    [Fact]
    public async Task A_session_id_alone_opens_nothing()
    {
        await using TestWorld world = await TwoUsersAsync();
        LegacyClient ada = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
        LegacyClient nobody = world.Keep(LegacyClient.Unconnected(world.Url));
        (nobody.SessionId, nobody.ProtocolVersion) = (ada.SessionId, ada.ProtocolVersion);
        foreach ((string what, Func<LegacyClient, Task<Seen>> request) in EveryVerb)
            (await request(nobody)).Status.ShouldBe(401, what);
        (await ada.CallAsync("ping")).Success();
    }

    [Theory]
    [InlineData("ada.1", "the same user")]
    [InlineData("eve.1", "another user")]
    public async Task A_session_of_one_gateway_is_unknown_to_another_with_the_same_key(string token, string who)
    {
        await using TestWorld world = await TwoUsersAsync();
        await using GatewayServer other = await world.StartGatewayAsync(o => o with { SessionSecret = Key, Name = "another" });
        LegacyClient ada = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
        LegacyClient there = world.Keep(LegacyClient.Unconnected(other.McpUrl, NamedDoor.As(token)));
        (there.SessionId, there.ProtocolVersion) = (ada.SessionId, ada.ProtocolVersion);
        foreach ((string what, Func<LegacyClient, Task<Seen>> request) in EveryVerb)
            (await request(there)).Status.ShouldBe(404, $"{what} as {who}");
        (await ada.CallAsync("ping")).Success();
    }

    [Fact]
    public async Task A_session_opened_without_proof_cannot_be_taken_over_by_somebody_with_a_token()
    {
        await using TestWorld open = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = OpenDoor.Anonymous;
            w.Options = o => o with { SessionSecret = Key };
        });
        await using TestWorld closed = await TwoUsersAsync();
        LegacyClient anybody = await open.LegacyAsync();
        LegacyClient eve = closed.Keep(LegacyClient.Unconnected(closed.Url, NamedDoor.As("eve.1")));
        (eve.SessionId, eve.ProtocolVersion) = (anybody.SessionId, anybody.ProtocolVersion);
        foreach ((string what, Func<LegacyClient, Task<Seen>> request) in EveryVerb)
            (await request(eve)).Status.ShouldBe(404, what);
    }

    [Theory]
    [InlineData("legacy")]
    [InlineData("legacy-sse")]
    [InlineData("http-sse")]
    public async Task Two_users_never_share_a_session_with_a_backend(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, more: WithDoor);
        List<string?> ids = [];
        foreach (string token in (string[])["ada.1", "eve.1"])
        {
            foreach (string revision in (string[])[Eras.Latest, Eras.Modern])
            {
                Front client = await world.ConnectAsync(revision, headers: NamedDoor.As(token));
                (await client.EchoAsync("alpha_echo", token + revision)).ShouldBe(token + revision);
                RecordedRequest call = world["alpha"].RequestsFor("tools/call").Single(r => r.BodyText.Contains(token + revision, StringComparison.Ordinal));
                ids.Add(back == "http-sse" ? call.Path : call.SessionId);
            }
        }

        ids.ShouldNotContain((string?)null);
        ids.Take(2).Intersect(ids.Skip(2)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Cancelling_with_the_request_id_of_another_user_cancels_nothing()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TwoUsersAsync(s => s.Tool("work", async call =>
        {
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("done");
        }));
        LegacyClient ada = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
        LegacyClient eve = await world.LegacyAsync(headers: NamedDoor.As("eve.1"));
        Task<RpcAnswer> call = ada.CallToolAsync("alpha_work", id: "77");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "the call runs");
        await eve.CancelAsync("77");
        (await eve.CallAsync("ping")).Success();
        world["alpha"].RunningCalls.ShouldBe(1);
        world["alpha"].CancelledIds.ShouldBeEmpty();
        go.SetResult();
        (await call).Text().ShouldBe("done");
    }

    [Fact]
    public async Task A_question_to_one_user_cannot_be_answered_by_another()
    {
        await using TestWorld world = await TwoUsersAsync(s => s.Tool(
            "ask", Handlers.Ask("elicitation/create", """{"message":"m","requestedSchema":{"type":"object","properties":{}}}""")));
        const string Asks = """{"elicitation":{}}""";
        LegacyClient ada = await world.LegacyAsync(capabilities: Asks, headers: NamedDoor.As("ada.1"));
        LegacyClient eve = await world.LegacyAsync(capabilities: Asks, headers: NamedDoor.As("eve.1"));
        ada.OnRequest = (_, _) =>
        {
            string id = ada.ReceivedRequests[^1].IdRaw;
            RpcAnswer forged = eve.SendRawAsync(Encoding.UTF8.GetBytes($$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"result":{"action":"accept","content":{"by":"eve"}}}"""))
                .GetAwaiter().GetResult();
            forged.HttpStatus.ShouldBeInRange(200, 404);
            return """{"action":"accept","content":{"by":"ada"}}""";
        };
        string heard = (await ada.CallToolAsync("alpha_ask")).Text();
        heard.ShouldContain("ada");
        heard.ShouldNotContain("eve");
    }

    [Fact]
    public async Task Event_ids_of_another_users_stream_replay_nothing()
    {
        await using TestWorld world = await TwoUsersAsync(s => s.Tool("work", async call =>
        {
            await call.ProgressAsync(1);
            return Handlers.TextResult("for ada alone");
        }));
        LegacyClient ada = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
        LegacyClient eve = await world.LegacyAsync(headers: NamedDoor.As("eve.1"));
        RpcAnswer answer = await ada.CallToolAsync("alpha_work", metaJson: """{"progressToken":1}""");
        string[] ids = [.. answer.Events.Select(e => e.Id).OfType<string>().Distinct()];
        ids.ShouldNotBeEmpty();
        foreach (string id in ids)
        {
            ServerStream stolen = await eve.OpenStreamAsync(id);
            (await eve.CallAsync("ping")).Success();
            stolen.Messages.ShouldBeEmpty(id);
            await stolen.DisposeAsync();
        }
    }

    private static readonly (string What, Func<LegacyClient, Task<Seen>> Request)[] EveryVerb =
    [
        ("POST tools/list", async c => Seen.Of(await c.CallAsync("tools/list", id: "5"))),
        ("POST tools/call", async c => Seen.Of(await c.CallToolAsync("alpha_echo", """{"input":"stolen"}""", id: "6"))),
        ("POST ping", async c => Seen.Of(await c.CallAsync("ping", id: "7"))),
        ("POST notification", async c => Seen.Of(await c.NotifyAsync("notifications/roots/list_changed"))),
        ("POST response", async c => Seen.Of(await c.SendRawAsync("""{"jsonrpc":"2.0","id":1,"result":{}}"""u8.ToArray()))),
        ("GET", c => GetAsync(c, null)),
        ("GET with an event id", c => GetAsync(c, "1-1")),
        ("DELETE", async c => Seen.Of(await c.DeleteAsync())),
    ];

    private static async Task<Seen> GetAsync(LegacyClient client, string? eventId)
    {
        await using ServerStream stream = await client.OpenStreamAsync(eventId);
        return new Seen(stream.HttpStatus, stream.RefusalText);
    }

    private static Task<TestWorld> TwoUsersAsync(Action<BackendScript>? script = null) => TestWorld.OneAsync("legacy", script, WithDoor);

    private static void WithDoor(WorldScript world)
    {
        world.Incoming = new NamedDoor();
        world.Options = o => o with { SessionSecret = Key };
    }

    /// <summary>All that a client sees of a refusal.</summary>
    private sealed record Seen(int Status, string Body)
    {
        public static Seen Of(RpcAnswer answer) => new(answer.HttpStatus, answer.RawText);
    }
}
