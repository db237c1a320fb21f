using System.Text.Json;

using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>Backends that a live source adds and takes away while clients work.</summary>
public sealed class ComeAndGoTests
{
    [Fact]
    public async Task An_observer_that_fails_does_not_end_the_publishing()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha"));
        int failed = 0;
        world.Gateway.Fleet.Published += (_, _) =>
        {
            if (Interlocked.Increment(ref failed) == 1)
                throw new InvalidOperationException("a bug");
        };
        LegacyClient client = await world.LegacyAsync();
        await Eventually.BecomesAsync(() => failed > 0, "it failed once");

        world["alpha"].AddTool("later");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);

        await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Contains("alpha_later"), "the change is published");
    }

    private const string Everything = """{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true}""";
    private static readonly string[] Parts = ["tools", "resources", "prompts"];

    [Theory]
    [MemberData(nameof(Eras.Backs), MemberType = typeof(Eras))]
    [Trait("Scenario", "NEW-LIVE-01")]
    [Trait("Scenario", "LIVE-01")]
    [Trait("Scenario", "LIVE-02")]
    public async Task Added_and_removed_backends_reach_every_open_session_and_stream(string back)
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha"));
        LegacyClient[] legacy = [await world.LegacyAsync(), await world.LegacyAsync("2025-03-26")];
        ServerStream[] streams = [await legacy[0].OpenStreamAsync(), await legacy[1].OpenStreamAsync()];
        ModernClient modern = world.Modern();
        await using ListenStream listen = await modern.ListenAsync(Everything);
        string[] ids = [.. legacy.Select(c => c.SessionId!)];

        await world.AddAsync("gamma", s =>
        {
            Eras.Apply(s, back);
            s.Tool("echo").Resource("file:///g").Prompt("p");
        });
        await ToldAsync();
        foreach (LegacyClient client in legacy)
        {
            (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo", "gamma_echo"]);
            (await client.CallToolAsync("gamma_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        }

        (await modern.CallToolAsync("gamma_echo", """{"input":"2"}""")).Text().ShouldBe("2");

        world.Source.Remove("gamma");
        await ToldAsync();
        foreach (LegacyClient client in legacy)
            (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo"]);
        (await world.StatusAsync()).GetProperty("backends").GetArrayLength().ShouldBe(1);
        legacy.Select(c => c.SessionId!).ShouldBe(ids);
        streams.ShouldAllBe(s => !s.HasEnded);

        async Task ToldAsync()
        {
            foreach (string part in Parts)
            {
                foreach (ServerStream stream in streams)
                    await stream.NextAsync($"notifications/{part}/list_changed");
                await listen.NextAsync($"notifications/{part}/list_changed");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_call_on_a_removed_backend_finishes_with_its_progress(string revision, string back)
    {
        TaskCompletionSource removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha").Backend("beta", s =>
        {
            Eras.Apply(s, back);
            s.Tool("work", async call =>
            {
                await call.ProgressAsync(1);
                await removed.Task.WaitAsync(call.CancellationToken);
                for (int i = 2; i <= 20; i++)
                    await call.ProgressAsync(i);
                return Handlers.TextResult("finished");
            });
        }));
        Front client = await world.ConnectAsync(revision);
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        client.OnNotification = _ => started.TrySetResult();
        Task<RpcAnswer> call = client.CallToolAsync("beta_work", metaJson: """{"progressToken":7}""");
        await started.Task.WaitAsync(Eventually.DefaultLimit);

        world.Source.Remove("beta");
        await Eventually.BecomesAsync(async () => (await client.ToolsAsync()).SequenceEqual(["alpha_echo"]), "beta is gone from the list");
        removed.SetResult();

        RpcAnswer answer = await call;
        answer.Text().ShouldBe("finished");
        answer.Progress().ShouldBe(Enumerable.Range(1, 20).Select(i => (double)i));
        await Eventually.BecomesAsync(() => world["beta"].InFlight == 0 && world["beta"].OpenSessions == 0, "the backend is let go");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task What_a_removed_backend_offered_is_answered_with_the_reason(string revision)
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha").Backend("beta", s => s.Tool("echo").Prompt("p").Resource("file:///b")));
        Front client = await world.ConnectAsync(revision);
        (await client.EchoAsync("beta_echo", "1")).ShouldBe("1");
        int port = world["beta"].Port;

        world.Source.Remove("beta");
        await Eventually.BecomesAsync(async () => (await client.ToolsAsync()).SequenceEqual(["alpha_echo"]), "beta is gone from the list");
        foreach ((string method, string parameters) in ((string, string)[])
            [("tools/call", """{"name":"beta_echo","arguments":{}}"""), ("prompts/get", """{"name":"beta_p"}"""), ("resources/read", """{"uri":"file:///b"}""")])
        {
            RpcAnswer answer = await client.CallAsync(method, parameters);
            JsonElement error = answer.Error.ShouldNotBeNull(method);
            error.GetProperty("message").GetString()!.ShouldContain("backend \"beta\" has left");
            answer.RawText.ShouldNotContain("127.0.0.1");
            answer.RawText.ShouldNotContain($"{port}");
        }

        (await client.CallToolAsync("beta_never")).Error!.Value.GetProperty("message").GetString()!.ShouldNotContain("has left");
        world.Source.Put(new() { Name = "beta", Url = world["beta"].Url });
        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("beta_echo", """{"input":"2"}""")) is { Result: not null } again && again.Text() == "2", "it is back");
    }

    [Fact]
    public async Task The_same_backends_handed_over_again_touch_nobody()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha").Backend("beta", s =>
        {
            s.Era = BackendEra.Modern;
            s.Tool("echo");
        }));
        world.Source.Edit("alpha", b => b with { Strategy = new Core.Backends.HeaderInjectionStrategy("X-Key", new Core.Backends.Secret("k")) });
        await Eventually.BecomesAsync(
            () => world["alpha"].RequestsFor("initialize").Any(r => r.Header("X-Key") == "k")
                && world.Gateway.Fleet.Current.Backends["alpha"].Handle.Backend.Strategy is Core.Backends.HeaderInjectionStrategy,
            "the edit");
        LegacyClient client = await world.LegacyAsync();
        ServerStream stream = await client.OpenStreamAsync();
        foreach (string name in (string[])["alpha", "beta"])
            (await client.CallToolAsync($"{name}_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        await Eventually.BecomesAsync(() => world["alpha"].OpenStreams >= 2, "the session and the gateway listen");
        int[] handshakes = Handshakes();
        await Eventually.BecomesAsync(
            async () =>
            {
                int[] before = handshakes;
                await Task.Delay(TimeSpan.FromSeconds(1));
                return before.SequenceEqual(handshakes = Handshakes());
            },
            "what the edit caused is over");

        for (int i = 0; i < 50; i++)
            world.Source.Repeat();
        await world.AddAsync("gamma"); // whatever the repetitions caused has happened when this is listed
        await stream.NextAsync("notifications/tools/list_changed");

        Handshakes().ShouldBe(handshakes);
        stream.Count("notifications/tools/list_changed").ShouldBe(1);

        int[] Handshakes() => [world["alpha"].RequestsFor("initialize").Count, world["alpha"].DeletesSeen, world["beta"].RequestsFor("subscriptions/listen").Count];
    }

    [Fact]
    public async Task Newcomers_that_say_nothing_do_not_hold_up_the_news_of_others()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha"));
        ModernClient client = world.Modern();
        await using ScriptedBackend silent = await ScriptedBackend.StartAsync();
        silent.Behaviour = Behaviour.Hang;
        using CancellationTokenSource stop = new();
        Task coming = ComeAsync();

        world.Source.Remove("alpha");

        await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Count == 0, "alpha left the lists while others came");
        coming.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
        await coming;

        // Sooner one after the other than a newcomer is waited for.
        async Task ComeAsync()
        {
            for (int n = 0; !stop.IsCancellationRequested; n = (n + 1) % 20)
            {
                world.Source.Remove($"late{n}");
                world.Source.Put(new Backend { Name = $"late{n}", Url = silent.Url });
                await Task.Delay(20, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
