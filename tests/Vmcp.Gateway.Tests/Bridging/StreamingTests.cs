using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Bridging;

/// <summary>What a backend sends while a call runs, and how a call is taken back.</summary>
public sealed class StreamingTests
{
    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-03")]
    public async Task Progress_arrives_complete_and_in_order(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("work", Handlers.Progress(200)));
        Front client = await world.ConnectAsync(revision);
        foreach (string token in (string[])["\"tok\u00e9n\"", "4711"])
        {
            RpcAnswer answer = await client.CallToolAsync("alpha_work", metaJson: $$"""{"progressToken":{{token}}}""");
            answer.Text().ShouldBe("200 steps");
            answer.Progress().ShouldBe(Enumerable.Range(1, 200).Select(i => (double)i));
            foreach (JsonElement notification in answer.Notifications)
            {
                JsonElement parameters = notification.GetProperty("params");
                JsonElement seen = parameters.GetProperty("progressToken");
                seen.ValueKind.ShouldBe(token[0] == '"' ? JsonValueKind.String : JsonValueKind.Number);
                seen.ToString().ShouldBe(token.Trim('"'));
                parameters.GetProperty("total").GetInt32().ShouldBe(200);
                parameters.GetProperty("message").GetString().ShouldStartWith("step ");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    public async Task Progress_arrives_while_the_call_runs(string revision, string back)
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("work", async call =>
        {
            await call.ProgressAsync(1);
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("done");
        }));
        Front client = await world.ConnectAsync(revision);
        client.OnNotification = _ => go.TrySetResult();
        (await client.CallToolAsync("alpha_work", metaJson: """{"progressToken":1}""").WaitAsync(Eventually.DefaultLimit)).Text().ShouldBe("done");
    }

    [Theory]
    [MemberData(nameof(Eras.Quadrants), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-03")]
    public async Task Log_messages_of_the_wanted_level_arrive(string revision, string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("log", async call =>
        {
            await call.LogAsync("debug", "\"too fine\"");
            await call.LogAsync("info", """{"n":1.0}""");
            await call.LogAsync("error", "\"bad\"");
            return Handlers.TextResult("done");
        }));
        Front client = await world.ConnectAsync(revision);
        if (client.IsModern)
            client.Modern!.LogLevel = "info";
        else
            (await client.CallAsync("logging/setLevel", """{"level":"info"}""")).Success();
        RpcAnswer answer = await client.CallToolAsync("alpha_log");
        answer.Text().ShouldBe("done");
        JsonElement[] logs = [.. answer.Notifications.Where(n => n.GetProperty("method").GetString() == "notifications/message")];
        logs.Select(l => l.GetProperty("params").GetProperty("level").GetString()).ShouldBe(["info", "error"]);
        logs[0].GetProperty("params").GetProperty("data").GetRawText().ShouldBe("""{"n":1.0}""");
    }

    [Theory]
    [MemberData(nameof(Eras.Backs), MemberType = typeof(Eras))]
    [Trait("Scenario", "FWD-03")]
    public async Task A_modern_client_without_a_log_level_gets_no_log_messages(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("log", async call =>
        {
            await call.LogAsync("error", "\"bad\"");
            return Handlers.TextResult("done");
        }));
        RpcAnswer answer = await world.Modern().CallToolAsync("alpha_log");
        answer.Text().ShouldBe("done");
        answer.Notifications.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_log_level_is_refused()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        (await client.CallAsync("logging/setLevel", """{"level":"loud"}""")).ErrorCode.ShouldBe(-32602);
    }

    [Theory]
    [MemberData(nameof(Eras.Backs), MemberType = typeof(Eras))]
    public async Task A_cancelled_call_is_cancelled_at_the_backend_under_its_own_id(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("never", Handlers.Never).Tool("echo"));
        LegacyClient client = await world.LegacyAsync();
        using CancellationTokenSource stop = new();
        Task<RpcAnswer> call = client.CallToolAsync("alpha_never", id: "\"mine-77\"", cancellationToken: stop.Token);
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "the call runs");
        (await client.CancelAsync("\"mine-77\"")).HttpStatus.ShouldBe(202);
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 0, "the backend stopped");
        world["alpha"].CancelledIds.ShouldBe([world["alpha"].RequestsFor("tools/call").Single().IdRaw!]);
        RpcAnswer ended = await call.WaitAsync(Eventually.DefaultLimit);
        ended.Result.ShouldBeNull();
        (await client.CallToolAsync("alpha_echo", """{"input":"on"}""")).Text().ShouldBe("on");
    }

    [Theory]
    [MemberData(nameof(Eras.Backs), MemberType = typeof(Eras))]
    public async Task A_modern_client_that_leaves_cancels_the_call(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("never", Handlers.Never).Tool("echo"));
        ModernClient client = world.Modern();
        using CancellationTokenSource leave = new();
        Task<RpcAnswer> call = client.CallToolAsync("alpha_never", cancellationToken: leave.Token);
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "the call runs");
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 0, "the backend stopped");
        world["alpha"].CancelledIds.ShouldBe([world["alpha"].RequestsFor("tools/call").Single().IdRaw!]);
        (await client.CallToolAsync("alpha_echo", """{"input":"on"}""")).Text().ShouldBe("on");
    }

    [Theory]
    [MemberData(nameof(Eras.Backs), MemberType = typeof(Eras))]
    public async Task A_legacy_client_that_loses_its_connection_cancels_nothing(string back)
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("wait", async call =>
        {
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("late");
        }));
        LegacyClient client = await world.LegacyAsync();
        using CancellationTokenSource leave = new();
        Task<RpcAnswer> call = client.CallToolAsync("alpha_wait", cancellationToken: leave.Token);
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "the call runs");
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call);
        (await client.CallAsync("ping")).Success();
        world["alpha"].CancelledIds.ShouldBeEmpty();
        world["alpha"].RunningCalls.ShouldBe(1);
        go.SetResult();
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 0, "the call ended by itself");
        world["alpha"].CancelledIds.ShouldBeEmpty();
    }
}
