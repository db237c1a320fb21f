using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Limits;

/// <summary>How long a call may take.</summary>
public sealed class TimeoutTests
{
    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Progress_keeps_a_long_call_alive_and_silence_ends_it(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(
            back,
            s => s.Tool("quiet", Handlers.Never).Tool("busy", async call =>
            {
                for (int i = 1; i <= 7; i++)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(300), call.CancellationToken);
                    await call.ProgressAsync(i);
                }

                return Handlers.TextResult("done");
            }),
            w => w.Timeouts = "{default: 1s}");
        Front client = await world.ConnectAsync(revision);
        Task<RpcAnswer> busy = client.CallToolAsync("alpha_busy", metaJson: """{"progressToken":"p"}""");
        RpcAnswer quiet = await client.CallToolAsync("alpha_quiet", metaJson: """{"progressToken":"q"}""");
        string text = quiet.RawText;
        text.ShouldContain("alpha");
        text.ShouldContain("1 s", customMessage: "the limit is named");
        bool failed = quiet.Error is not null || quiet.Success().GetProperty("isError").GetBoolean();
        failed.ShouldBeTrue();
        (await busy).Text().ShouldBe("done");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 0, "the backend was told to stop");
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_workload_may_have_its_own_limit(string revision)
    {
        CallHandler slow = async call =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(900), call.CancellationToken);
            return Handlers.TextResult("made it");
        };
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("patient", s => s.Tool("slow", slow)).Backend("hasty", s => s.Tool("slow", slow));
            w.Timeouts = "{default: 300ms, perWorkload: {patient: 10s}}";
        });
        Front client = await world.ConnectAsync(revision);
        Task<RpcAnswer> patient = client.CallToolAsync("patient_slow");
        RpcAnswer hasty = await client.CallToolAsync("hasty_slow");
        (hasty.Error is not null || hasty.Success().TryGetProperty("isError", out JsonElement _)).ShouldBeTrue(hasty.ToString());
        hasty.RawText.ShouldContain("hasty");
        (await patient).Text().ShouldBe("made it");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task A_user_may_think_longer_than_a_backend_may_be_silent(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(
            back,
            s => s.Tool("ask", Handlers.Ask("elicitation/create", """{"message":"m","requestedSchema":{"type":"object","properties":{}}}""")),
            w => w.Timeouts = "{default: 1500ms}");
        Front client = await world.ConnectAsync(revision, """{"elicitation":{}}""");
        client.OnRequest = (_, _) =>
        {
            Thread.Sleep(2500); // the user thinks
            return """{"action":"accept","content":{}}""";
        };
        (await client.CallToolAsync("alpha_ask")).Text().ShouldContain("accept");
    }
}
