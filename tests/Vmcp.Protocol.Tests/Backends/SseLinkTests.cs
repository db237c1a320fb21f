using System.Text;
using Vmcp.Core.Backends;
using Vmcp.Protocol.Backends;
using Vmcp.TestKit;

namespace Vmcp.Protocol.Tests.Backends;

public sealed class SseLinkTests : IDisposable
{
    private readonly Wire _wire = new();

    public void Dispose() => _wire.Dispose();

    [Theory]
    [InlineData("http://127.0.0.1:1/message")]
    [InlineData("//evil.example/message")]
    [InlineData("https://127.0.0.1/message")]
    [InlineData("file:///etc/passwd")]
    public async Task An_endpoint_of_another_origin_is_refused(string endpoint)
    {
        await using ScriptedBackend backend = await StartAsync(s => s.EndpointData = _ => endpoint);

        LinkOutcome outcome = await _wire.OpenAsync(backend, transport: BackendTransport.Sse);

        outcome.Link.ShouldBeNull();
        outcome.Failure.ShouldNotBeNull();
        backend.Requests.ShouldAllBe(r => r.Verb == "GET");
        await Eventually.BecomesAsync(() => backend.InFlight == 0, "the stream is closed");
    }

    [Fact]
    public async Task A_full_endpoint_URL_of_the_same_origin_is_taken()
    {
        ScriptedBackend? started = null;
        await using ScriptedBackend backend = await StartAsync(s => s.EndpointData = id => new Uri(started!.Url, $"/message?sessionId={id}").ToString());
        started = backend;

        await using BackendLink link = await OpenAsync(backend);

        link.Revision.ShouldBe("2024-11-05");
    }

    [Fact]
    public async Task Answers_that_overtake_each_other_reach_their_own_calls()
    {
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedBackend backend = await StartAsync(s => s
            .Tool("slow", async call =>
            {
                await second.Task.WaitAsync(call.CancellationToken);
                await call.ProgressAsync(1);
                return Handlers.TextResult("slow");
            })
            .Tool("quick", async call =>
            {
                await call.ProgressAsync(2);
                return Handlers.TextResult("quick");
            }));
        await using BackendLink link = await OpenAsync(backend);

        // Both callers chose the id 1.
        await using Exchange slow = await link.SendAsync(Call("slow", "\"s\""), CancellationToken.None);
        await using Exchange quick = await link.SendAsync(Call("quick", "\"q\""), CancellationToken.None);
        List<string> quickEvents = await DrainAsync(quick);
        second.SetResult();
        List<string> slowEvents = await DrainAsync(slow);

        quickEvents.Count.ShouldBe(2);
        quickEvents[0].ShouldContain("\"q\"");
        quickEvents[1].ShouldContain("quick");
        slowEvents.Count.ShouldBe(2);
        slowEvents[0].ShouldContain("\"s\"");
        slowEvents[1].ShouldContain("\"text\":\"slow\"");
        slowEvents.Concat(quickEvents).Where(e => e.Contains("\"result\"", StringComparison.Ordinal)).ShouldAllBe(e => e.Contains("\"id\":1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_death_of_the_stream_fails_what_is_open_and_what_comes_later()
    {
        await using ScriptedBackend backend = await StartAsync(s => s.Tool("never", Handlers.Never));
        await using BackendLink link = await OpenAsync(backend);
        await using Exchange open = await link.SendAsync(Call("never", "1"), CancellationToken.None);
        await Eventually.BecomesAsync(() => backend.RunningCalls == 1, "the call runs");

        await backend.StopAsync();

        BackendEvent last = await open.NextAsync(CancellationToken.None);
        last.Failure!.SessionLost.ShouldBeTrue();
        await Eventually.BecomesAsync(() => !link.IsAlive, "the link knows that it is dead");
        await using Exchange later = await link.SendAsync(Call("never", "2"), CancellationToken.None);
        (await later.NextAsync(CancellationToken.None)).Failure.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_call_that_was_given_up_leaves_the_stream_to_the_others()
    {
        await using ScriptedBackend backend = await StartAsync(s => s.Tool("burst", Handlers.Progress(500)).Tool("echo"));
        await using BackendLink link = await OpenAsync(backend);
        Exchange given = await link.SendAsync(Call("burst", "1"), CancellationToken.None);
        await given.DisposeAsync();

        await using Exchange other = await link.SendAsync(Call("echo", "2"), CancellationToken.None);
        using CancellationTokenSource limit = new(Eventually.DefaultLimit);
        BackendEvent next;
        do
            next = await other.NextAsync(limit.Token);
        while (!next.IsLast);

        next.Message.ShouldNotBeNull().Result.IsEmpty.ShouldBeFalse();
    }

    private static Task<ScriptedBackend> StartAsync(Action<BackendScript> script) => ScriptedBackend.StartAsync(s =>
    {
        s.Era = BackendEra.HttpSse;
        script(s);
    });

    private static OutgoingRequest Call(string tool, string token) => new(
        "tools/call",
        "1"u8.ToArray(),
        Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\",\"arguments\":{},\"_meta\":{\"progressToken\":" + token + "}}}"))
    {
        ProgressToken = Encoding.UTF8.GetBytes(token),
    };

    private static async Task<List<string>> DrainAsync(Exchange exchange)
    {
        using CancellationTokenSource limit = new(Eventually.DefaultLimit);
        List<string> events = [];
        while (true)
        {
            BackendEvent next = await exchange.NextAsync(limit.Token);
            next.Failure.ShouldBeNull();
            events.Add(Encoding.UTF8.GetString(next.Message!.Json.Span));
            if (next.IsLast)
                return events;
        }
    }

    private async Task<BackendLink> OpenAsync(ScriptedBackend backend)
    {
        LinkOutcome outcome = await _wire.OpenAsync(backend, transport: BackendTransport.Sse);
        return outcome.Link.ShouldNotBeNull(outcome.Failure?.Reason);
    }
}
