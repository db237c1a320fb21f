using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Sessions;

/// <summary>Taking up a stream where it broke.</summary>
public sealed class ResumptionTests
{
    [Theory]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task The_answer_of_a_broken_POST_stream_can_be_fetched(string revision)
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("work", async call =>
        {
            await call.ProgressAsync(1);
            await go.Task.WaitAsync(call.CancellationToken);
            await call.ProgressAsync(2);
            return Handlers.TextResult("late result");
        })));
        LegacyClient client = await world.LegacyAsync(revision);
        string eventId = await BreakAsync(world, client);
        ServerStream resumed = await client.OpenStreamAsync(eventId);
        resumed.HttpStatus.ShouldBe(200);
        go.SetResult();
        JsonElement progress = await resumed.NextAsync("notifications/progress");
        progress.GetProperty("params").GetProperty("progress").GetInt32().ShouldBe(2);
        await Eventually.BecomesAsync(() => resumed.Messages.Any(m => m.TryGetProperty("result", out _)), "the result");
        JsonElement result = resumed.Messages.Single(m => m.TryGetProperty("result", out _));
        result.GetProperty("id").GetRawText().ShouldBe("\"call-1\"");
        result.GetRawText().ShouldContain("late result");
        resumed.Count("notifications/progress").ShouldBe(1, "what was seen is not sent again");
        await Eventually.BecomesAsync(() => resumed.HasEnded, "the stream of an answered call ends");
    }

    [Fact]
    public async Task An_answer_sent_into_a_dead_connection_can_still_be_fetched()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("work", async call =>
        {
            await call.ProgressAsync(1);
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("late result");
        })));
        LegacyClient client = await world.LegacyAsync();
        string eventId = await BreakAsync(world, client);
        go.SetResult();
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 0, "the call ended while nobody listened");
        ServerStream resumed = await client.OpenStreamAsync(eventId);
        await Eventually.BecomesAsync(() => resumed.Messages.Any(m => m.TryGetProperty("result", out _)), "the result");
    }

    [Fact]
    public async Task A_GET_stream_resumes_behind_its_last_event()
    {
        await using TestWorld world = await TestWorld.StartAsync();
        LegacyClient client = await world.LegacyAsync();
        ServerStream stream = await client.OpenStreamAsync();
        await Eventually.BecomesAsync(() => world["alpha"].OpenStreams > 0, "the gateway listens to the backend");
        world["alpha"].AddTool("one");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await stream.NextAsync("notifications/tools/list_changed");
        string last = stream.LastEventId.ShouldNotBeNull();
        await stream.DisposeAsync();
        world["alpha"].AddTool("two");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Count == 3, "the catalog changed while nobody listened");
        ServerStream resumed = await client.OpenStreamAsync(last);
        await resumed.NextAsync("notifications/tools/list_changed");
        resumed.Count("notifications/tools/list_changed").ShouldBe(1);
    }

    [Fact]
    public async Task Event_ids_of_another_session_give_nothing_of_it()
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("work", async call =>
        {
            await call.ProgressAsync(1);
            await go.Task.WaitAsync(call.CancellationToken);
            return Handlers.TextResult("private result");
        })));
        LegacyClient owner = await world.LegacyAsync();
        string eventId = await BreakAsync(world, owner);
        LegacyClient other = await world.LegacyAsync();
        ServerStream stream = await other.OpenStreamAsync(eventId);
        go.SetResult();
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 0, "the call ended");
        (await other.CallAsync("ping")).Success();
        stream.Messages.ShouldBeEmpty();
    }

    /// <summary>Starts a call and leaves after its first event; the id of that event.</summary>
    private static async Task<string> BreakAsync(TestWorld world, LegacyClient client)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, world.Url)
        {
            Content = new StringContent(
                """{"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":{"name":"alpha_work","arguments":{},"_meta":{"progressToken":"p"}}}"""),
        };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("Mcp-Session-Id", client.SessionId);
        request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", client.ProtocolVersion);
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        SseReader reader = new(await response.Content.ReadAsStreamAsync());
        string? id = null;
        while (await reader.ReadAsync(CancellationToken.None) is { } received)
        {
            id = received.Id ?? id;
            if (received.HasData && received.Data.Contains("progress", StringComparison.Ordinal))
                break;
        }

        return id.ShouldNotBeNull("events of a POST stream carry ids");
    }
}
