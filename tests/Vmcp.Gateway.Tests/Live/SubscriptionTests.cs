using System.Text.Json;

using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>Subscriptions to resources of backends that leave, change and return.</summary>
public sealed class SubscriptionTests
{
    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_subscription_outlives_its_backend(string revision, string back)
    {
        await using TestWorld world = await StartAsync(back);
        Subscriber client = await SubscribeAsync(world, revision);
        await client.HearsAsync(world["beta"]);

        Backend beta = world.Source.Current.Backends.Backends.Single(b => b.Name == "beta");
        world.Source.Remove("beta");
        await Eventually.BecomesAsync(() => world["beta"].OpenStreams == 0 && world["beta"].OpenSessions == 0, "nobody listens to a removed backend");
        int requests = world["beta"].Requests.Count;
        world["alpha"].AddTool("later");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await Eventually.BecomesAsync(async () => (await client.Front.ToolsAsync()).Contains("alpha_later"), "time has passed");
        world["beta"].Requests.Count.ShouldBe(requests, "and nobody tries to");

        world.Source.Put(beta);
        await client.HearsAsync(world["beta"]);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_subscription_moves_to_the_new_credential(string revision, string back)
    {
        await using TestWorld world = await StartAsync(back);
        Subscriber client = await SubscribeAsync(world, revision);
        await client.HearsAsync(world["beta"]);
        world.Source.Edit("beta", b => b with { Strategy = new HeaderInjectionStrategy("X-Key", new Secret("2")) });
        await Eventually.BecomesAsync(
            () => world["beta"].Requests.Any(r => r.Header("X-Key") == "2" && r.Method is "resources/subscribe" || (r.Method is "subscriptions/listen" && r.BodyText.Contains("file:///b", StringComparison.Ordinal))),
            "subscribed anew");
        await client.HearsAsync(world["beta"]);
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_subscription_survives_a_restart_of_its_backend_that_no_call_notices(string revision, string back)
    {
        await using TestWorld world = await StartAsync(back);
        Subscriber client = await SubscribeAsync(world, revision);
        await client.HearsAsync(world["beta"]);
        await world["beta"].RestartAsync();
        await client.HearsAsync(world["beta"]);
    }

    [Fact]
    public async Task A_backend_that_knows_no_standalone_stream_is_not_opened_again_and_again()
    {
        await using TestWorld world = await StartAsync("legacy");
        world["beta"].Behaviour = Behaviour.Status(404).For("GET");
        await SubscribeAsync(world, Eras.Latest);
        await Eventually.BecomesAsync(() => world["beta"].RequestsFor("resources/subscribe").Count > 0, "subscribed");
        for (int i = 0; i < 3; i++)
        {
            int n = i;
            world["alpha"].AddTool($"later{n}");
            await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
            await Eventually.BecomesAsync(() => world.Gateway.Fleet.Current.Catalog.ToolRoutes.ContainsKey($"alpha_later{n}"), "time has passed");
        }

        world["beta"].RequestsFor("resources/subscribe").Count.ShouldBeLessThanOrEqualTo(2, "as its link was opened, and as it was asked for; not on another link");
    }

    [Fact]
    public async Task A_session_that_closed_its_stream_is_listened_for_no_more()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha").Backend("beta"));
        LegacyClient client = await world.LegacyAsync();
        (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        int quiet = world["alpha"].OpenStreams;
        ServerStream stream = await client.OpenStreamAsync();
        await Eventually.BecomesAsync(() => world["alpha"].OpenStreams == quiet + 1, "with a stream, links are listened on");
        Vmcp.Gateway.Sessions.SessionListeners listeners = world.Gateway.Sessions.All.Single().Listeners!;
        listeners.HasStream.ShouldBeTrue();

        await stream.DisposeAsync();
        await Eventually.BecomesAsync(() => !listeners.HasStream, "the stream is closed");
        int before = world["beta"].OpenStreams;
        (await client.CallToolAsync("beta_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        world["beta"].OpenStreams.ShouldBe(before, "nobody would hear it");
    }

    private static Task<TestWorld> StartAsync(string back) => TestWorld.LiveAsync(w => w.Backend("alpha").Backend("beta", s =>
    {
        Eras.Apply(s, back);
        s.Tool("echo").Resource("file:///b");
    }));

    private static async Task<Subscriber> SubscribeAsync(TestWorld world, string revision)
    {
        Front client = await world.ConnectAsync(revision);
        if (client.IsModern)
        {
            ListenStream listen = world.Keep(await client.Modern!.ListenAsync("""{"resourceSubscriptions":["file:///b"]}"""));
            return new Subscriber(client, m => listen.NextAsync(m), listen.Count);
        }

        ServerStream stream = await client.Legacy!.OpenStreamAsync();
        (await client.CallAsync("resources/subscribe", """{"uri":"file:///b"}""")).Success();
        return new Subscriber(client, m => stream.NextAsync(m), stream.Count);
    }

    private sealed record Subscriber(Front Front, Func<string, Task<JsonElement>> Next, Func<string, int> Count)
    {
        private const string Updated = "notifications/resources/updated";

        /// <summary>Updates reach the client, from now or soon on.</summary>
        public async Task HearsAsync(ScriptedBackend backend)
        {
            int before = Count(Updated);
            await Eventually.BecomesAsync(
                async () =>
                {
                    await backend.NotifyResourceUpdatedAsync("file:///b");
                    return Count(Updated) > before;
                },
                "an update arrives");
        }
    }
}
