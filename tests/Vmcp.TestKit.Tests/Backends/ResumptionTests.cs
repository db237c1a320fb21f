namespace Vmcp.TestKit.Tests.Backends;

public sealed class ResumptionTests
{
    [Fact]
    public async Task A_reopened_stream_continues_behind_the_last_event()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.EventIds = true;
            s.Tool("echo");
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);
        ServerStream first = await client.OpenStreamAsync();
        await backend.NotifyListChangedAsync(ItemKind.Tools);
        await first.NextAsync("notifications/tools/list_changed");
        string last = first.LastEventId.ShouldNotBeNull();
        await first.DisposeAsync();
        await Eventually.BecomesAsync(() => backend.OpenStreams == 0, "the stream is closed");

        (await backend.NotifyListChangedAsync(ItemKind.Prompts)).ShouldBe(0);
        ServerStream second = await client.OpenStreamAsync(last);

        await second.NextAsync("notifications/prompts/list_changed");
        second.Messages.Count.ShouldBe(1);
        (await client.OpenStreamAsync("99-0")).HttpStatus.ShouldBe(400);
    }

    [Fact]
    public async Task A_polled_answer_is_primed_closed_and_fetched_by_get()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.Answers = AnswerAs.Sse;
            s.EventIds = true;
            s.PollRetryMilliseconds = 5;
            s.Tool("count", Handlers.Progress(3));
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        RpcAnswer primed = await client.CallToolAsync("count", metaJson: """{"progressToken":1}""", id: "77");
        primed.Message.ShouldBeNull();
        SseEvent start = primed.Events.ShouldHaveSingleItem();
        (start.RetryMilliseconds, start.Data).ShouldBe((5, ""));
        ServerStream rest = await client.OpenStreamAsync(start.Id);

        for (int i = 1; i <= 3; i++)
            (await rest.NextAsync("notifications/progress")).GetProperty("params").GetProperty("progress").GetInt32().ShouldBe(i);
        (await rest.NextAsync()).GetProperty("id").GetInt32().ShouldBe(77);
        await Eventually.BecomesAsync(() => rest.HasEnded, "the stream ends after the answer");
    }

    [Fact]
    public async Task Without_a_get_stream_the_answer_is_405()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.HasGetStream = false;
            s.Tool("echo");
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        (await client.OpenStreamAsync()).HttpStatus.ShouldBe(405);
    }

    [Fact]
    public async Task A_lost_connection_does_not_cancel_a_legacy_call()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s => s.Tool("never", Handlers.Never));
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);
        using var leave = new CancellationTokenSource();
        Task<RpcAnswer> call = client.CallToolAsync("never", cancellationToken: leave.Token);
        await Eventually.BecomesAsync(() => backend.RunningCalls == 1, "the call runs");

        await leave.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Eventually.BecomesAsync(() => backend.InFlight == 0, "the connection is gone");
        backend.RunningCalls.ShouldBe(1);
    }

    [Fact]
    public async Task A_stateless_legacy_server_issues_and_wants_no_session()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.IssuesSessions = false;
            s.Tool("echo");
        });
        await using LegacyClient client = await LegacyClient.ConnectAsync(backend.Url);

        client.SessionId.ShouldBeNull();
        (await client.CallToolAsync("echo", """{"input":"x"}""")).Text().ShouldBe("x");
        backend.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_2025_03_26_takes_a_batch()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        byte[] batch = """[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/list"}]"""u8.ToArray();
        await using LegacyClient old = await LegacyClient.ConnectAsync(backend.Url, "2025-03-26");
        await using LegacyClient young = await LegacyClient.ConnectAsync(backend.Url);

        (await old.SendRawAsync(batch)).RawText.ShouldStartWith("[{");
        (await young.SendRawAsync(batch)).HttpStatus.ShouldBe(400);
    }
}
