using System.Text.Json;

using Microsoft.Extensions.Time.Testing;

using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Front;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Incoming;

/// <summary>What a session and its streams have to do with the tokens they were opened with.</summary>
public sealed class ProofTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    [Trait("Scenario", "SESS-03")]
    public async Task A_stolen_session_id_is_worth_nothing_with_another_users_token_and_a_refreshed_token_keeps_the_session()
    {
        await using TokenWorld world = await TokenWorld.StartAsync();
        LegacyClient alice = await world.World.LegacyAsync(headers: TokenWorld.With(world.Token("alice")));
        int calls = world.World["alpha"].RequestsFor("tools/call").Count;

        (await As("bob").CallToolAsync("alpha_echo", """{"input":"x"}""")).HttpStatus.ShouldBe(404);
        world.World["alpha"].RequestsFor("tools/call").Count.ShouldBe(calls);

        LegacyClient refreshed = As("alice");
        (await refreshed.CallToolAsync("alpha_echo", """{"input":"y"}""")).Text().ShouldBe("y");
        (await alice.CallToolAsync("alpha_echo", """{"input":"z"}""")).Text().ShouldBe("z");

        LegacyClient As(string user)
        {
            LegacyClient client = world.World.Keep(LegacyClient.Unconnected(world.World.Url, TokenWorld.With(world.Token(user))));
            (client.SessionId, client.ProtocolVersion) = (alice.SessionId, alice.ProtocolVersion);
            return client;
        }
    }

    [Fact]
    public async Task Streams_end_with_the_token_they_were_opened_with()
    {
        await using TokenWorld world = await TokenWorld.StartAsync();
        Dictionary<string, string> ending = TokenWorld.With(world.Ending("alice", TimeSpan.FromSeconds(4)));
        LegacyClient legacy = await world.World.LegacyAsync(headers: TokenWorld.With(world.Token("alice")));
        LegacyClient bob = await world.World.LegacyAsync(headers: TokenWorld.With(world.Token("bob")));
        ServerStream lasting = await bob.OpenStreamAsync();
        LegacyClient short1 = await world.World.LegacyAsync(headers: ending);

        ServerStream stream = await short1.OpenStreamAsync();
        ListenStream listen = await world.World.Modern(headers: ending).ListenAsync("""{"toolsListChanged":true}""");

        await Eventually.BecomesAsync(() => stream.HasEnded, "the stream has ended with its token");
        await Eventually.BecomesAsync(() => listen.HasEnded, "the subscription has ended with its token");
        lasting.HasEnded.ShouldBeFalse();
        (await short1.CallAsync("ping")).HttpStatus.ShouldBe(401);
        (await legacy.CallAsync("ping")).Success();
    }

    [Fact]
    public void A_stream_of_a_session_goes_on_when_its_owner_shows_a_newer_token()
    {
        FakeTimeProvider time = new(Start);
        Caller first = Until(Start.AddMinutes(5)), newest = first;
        using ProofLimit limit = new(first, () => newest, time, CancellationToken.None);

        time.Advance(TimeSpan.FromMinutes(5));
        limit.Ended.IsCancellationRequested.ShouldBeFalse();
        newest = Until(Start.AddMinutes(10));
        time.Advance(TimeSpan.FromSeconds(60));
        limit.Ended.IsCancellationRequested.ShouldBeFalse();
        newest = first; // an older proof seen later takes nothing away
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        limit.Ended.IsCancellationRequested.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        limit.Ended.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public void Without_a_token_a_stream_has_no_end()
    {
        FakeTimeProvider time = new(Start);
        using ProofLimit nobody = new(Caller.Anonymous, () => Caller.Anonymous, time, CancellationToken.None);
        using ProofLimit lasting = new(Until(Start.AddYears(50)), () => Caller.Anonymous, time, CancellationToken.None);

        time.Advance(TimeSpan.FromDays(400));

        nobody.Ended.IsCancellationRequested.ShouldBeFalse();
        lasting.Ended.IsCancellationRequested.ShouldBeFalse();
    }

    private static Caller Until(DateTimeOffset end) =>
        new(new Principal("i", "s"), new SubjectToken(new Secret("t"), JsonSerializer.SerializeToElement(new Dictionary<string, string>()), end));
}
