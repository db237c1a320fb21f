using System.Diagnostics;

using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>Credentials and trusted roots that change while clients work.</summary>
public sealed class CredentialTests
{
    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_refused_credential_is_told_to_the_source_and_the_next_one_heals(string revision)
    {
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Timeout) = (600, 20); // only a new credential makes it look again so soon
            w.Backend("alpha");
        });
        world.Forgive("alpha");
        Front client = await world.ConnectAsync(revision);
        (await client.EchoAsync("alpha_echo", "1")).ShouldBe("1");
        ScriptedBackend alpha = world["alpha"];
        world.Source.Edit("alpha", b => b with { Strategy = new HeaderInjectionStrategy("X-Key", new Secret("old-secret")) });
        await Eventually.BecomesAsync(async () => await client.EchoAsync("alpha_echo", "2") == "2" && alpha.Requests.Any(r => r.Header("X-Key") == "old-secret"), "the first credential");

        alpha.Behaviour = Behaviour.Status(401);
        RpcAnswer refused = await client.CallToolAsync("alpha_echo", """{"input":"3"}""");
        refused.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
        refused.Text().ShouldBe("Backend \"alpha\" refused our credentials (HTTP 401).");
        refused.RawText.ShouldNotContain("old-secret");
        world.Source.Unauthorized.ShouldContain("alpha");
        (await client.ToolsAsync()).ShouldBe(["alpha_echo"]);

        alpha.Behaviour = Behaviour.Normal;
        world.Source.Edit("alpha", b => b with { Strategy = new HeaderInjectionStrategy("X-Key", new Secret("new-secret")) });
        await Eventually.BecomesAsync(() => alpha.Requests.Any(r => r.Header("X-Key") == "new-secret" && r.Method is "tools/list"), "probed with the new credential, though no probe was due");
        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("alpha_echo", """{"input":"4"}""")).Text() == "4", "calls work");
    }

    [Fact]
    public async Task A_flood_of_refusals_is_a_few_reports()
    {
        await using TestWorld world = await TestWorld.LiveAsync(w => w.Backend("alpha"));
        LegacyClient client = await world.LegacyAsync();
        (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        world["alpha"].Behaviour = Behaviour.Status(401).For("tools/call");
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.CallToolAsync("alpha_echo")));
        int seconds = (int)Stopwatch.GetElapsedTime(started).TotalSeconds;
        world.Source.Unauthorized.Count.ShouldBeInRange(1, seconds + 2);
    }

    [Fact]
    public async Task Rotating_bundles_do_not_pile_up_and_cut_no_call()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Timeout) = (11, 10); // twenty handshakes in a row may take their time
            w.Backend("alpha", s => s.Tool("echo").Tool("wait", async call =>
            {
                await call.ProgressAsync(1);
                await go.Task.WaitAsync(call.CancellationToken);
                return Handlers.TextResult("uncut");
            }));
        });
        await using TlsFront front = new(world["alpha"].Port);
        await using TlsFront stranger = new(world["alpha"].Port);
        world.Source.Edit("alpha", b => b with { Url = front.Url, CaBundlePem = front.Pem });
        LegacyClient client = await world.LegacyAsync();
        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text() == "1" && world.Gateway.Fleet.Pools == 2, "the way with TLS");
        Task<RpcAnswer> call = client.CallToolAsync("alpha_wait", metaJson: """{"progressToken":1}""");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "a call runs");

        for (int i = 1; i <= 20; i++)
        {
            string bundle = front.Pem + string.Concat(Enumerable.Repeat("\n", i)); // other text, the same roots
            world.Source.Edit("alpha", b => b with { CaBundlePem = bundle });
            world.Gateway.Fleet.Pools.ShouldBeLessThanOrEqualTo(2);
        }

        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("alpha_echo", """{"input":"2"}""")).Text() == "2", "calls go on");
        go.SetResult();
        (await call).Text().ShouldBe("uncut");

        world.Source.Edit("alpha", b => b with { CaBundlePem = stranger.Pem });
        await world.HealthBecomesAsync("alpha", "unhealthy");
        world.Source.Edit("alpha", b => b with { Url = world["alpha"].Url, CaBundlePem = null });
        await world.AreListedAsync("alpha");
        world.Gateway.Fleet.Pools.ShouldBe(1);
    }
}
