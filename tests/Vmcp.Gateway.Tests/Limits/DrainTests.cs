using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Limits;

/// <summary>What a graceful stop does to calls that run.</summary>
public sealed class DrainTests
{
    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_call_that_runs_at_the_stop_finishes_within_the_limit(string revision)
    {
        TaskCompletionSource finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await StartAsync(TimeSpan.FromSeconds(60), finish);
        Front client = await world.ConnectAsync(revision);
        Task<RpcAnswer> call = client.CallToolAsync("alpha_slow");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "the call runs");

        Task stop = world.StopGatewayAsync();
        stop.IsCompleted.ShouldBeFalse();
        finish.SetResult();

        (await call).Text().ShouldBe("made it");
        await stop;
    }

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task A_call_beyond_the_limit_is_cut(string revision)
    {
        TaskCompletionSource never = new();
        await using TestWorld world = await StartAsync(TimeSpan.FromMilliseconds(200), never);
        Front client = await world.ConnectAsync(revision);
        Task<RpcAnswer> call = client.CallToolAsync("alpha_slow");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "the call runs");

        await world.StopGatewayAsync().WaitAsync(TimeSpan.FromSeconds(8));

        await Should.ThrowAsync<Exception>(call);
    }

    private static Task<TestWorld> StartAsync(TimeSpan limit, TaskCompletionSource finish) => TestWorld.StartAsync(w =>
    {
        w.Options = o => o with { DrainLimit = limit };
        w.Backend("alpha", s => s.Tool("slow", async call =>
        {
            await finish.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("made it");
        }));
    });
}
