using Microsoft.AspNetCore.Server.Kestrel.Core;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>A backend behind TLS is spoken to as it offers: HTTP/2 where it can, HTTP/1.1 where not.</summary>
public sealed class HttpVersionTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    public async Task Calls_use_the_best_version_the_backend_offers(HttpProtocols offered, string expected)
    {
        await using TestWorld world = await WorldAsync();
        await using HttpsFront front = await HttpsFront.StartAsync(world["alpha"].Port, offered);
        LegacyClient client = await ThroughAsync(world, front);

        front.Posts.Clear();
        for (int i = 0; i < 3; i++)
            (await client.CallToolAsync("alpha_echo", $$"""{"input":"{{i}}"}""")).Text().ShouldBe($"{i}");

        front.Posts.Select(p => p.Protocol).Distinct().ShouldBe([expected]);
    }

    [Fact]
    public async Task A_call_that_is_given_up_takes_no_other_call_of_its_connection_along()
    {
        await using TestWorld world = await WorldAsync();
        await using HttpsFront front = await HttpsFront.StartAsync(world["alpha"].Port, HttpProtocols.Http1AndHttp2);
        LegacyClient client = await ThroughAsync(world, front);
        front.Posts.Clear();
        Task<RpcAnswer> stays = client.CallToolAsync("alpha_wait", """{"input":"stays"}""");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "the first call runs");
        // A client that leaves before anything of its answer came takes its call with it.
        using CancellationTokenSource leave = new();
        Task<RpcAnswer> leaves = client.CallToolAsync("alpha_wait", """{"input":"leaves"}""", cancellationToken: leave.Token);
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 2, "the second call runs");

        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leaves);
        await Eventually.BecomesAsync(() => front.Aborted == 1, "the backend is told");
        _go.SetResult();

        (await stays).Text().ShouldBe("stays");
        front.Posts.Select(p => p.Connection).Distinct().ShouldHaveSingleItem();
    }

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<TestWorld> WorldAsync() => TestWorld.LiveAsync(w =>
    {
        (w.Interval, w.Timeout) = (11, 10);
        w.Backend("alpha", s => s.Tool("echo").Tool("wait", async call =>
        {
            await _go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult(call.Text("input"));
        }));
    });

    private static async Task<LegacyClient> ThroughAsync(TestWorld world, HttpsFront front)
    {
        world.Source.Edit("alpha", b => b with { Url = front.Url, CaBundlePem = front.Pem });
        LegacyClient client = await world.LegacyAsync();
        await Eventually.BecomesAsync(() => world.Gateway.Fleet.Current.Backends["alpha"].Handle.Backend.Url == front.Url, "calls go through the front");
        await Eventually.BecomesAsync(async () => (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text() == "1", "the way with TLS");
        return client;
    }
}
