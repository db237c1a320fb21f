using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Outgoing.Caching;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Outgoing;

public sealed class EndpointGatesTests
{
    private static readonly Uri Endpoint = new("https://idp.test/token");
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EndpointGates _gates;
    private int _running;
    private int _most;

    public EndpointGatesTests() => _gates = new EndpointGates(new CredentialLimits { InFlight = 4, Waiting = 10, WaitLimit = TimeSpan.FromSeconds(10) }, _time);

    [Fact]
    public async Task So_many_run_the_next_wait_and_the_rest_are_told_so_at_once()
    {
        Task<string>[] first = [.. Enumerable.Range(0, 14).Select(_ => RunAsync(Endpoint))];
        await Eventually.BecomesAsync(() => _running == 4, "four run");

        string refused = await RunAsync(Endpoint);

        refused.ShouldBe("cannot be called now: too many sign-ins wait for its token endpoint; try again in a few seconds");
        _go.SetResult();
        (await Task.WhenAll(first)).ShouldAllBe(r => r == "done");
        _most.ShouldBe(4);
        (await RunAsync(Endpoint)).ShouldBe("done");
    }

    [Fact]
    public async Task A_wait_that_takes_too_long_ends_with_a_reason()
    {
        Task<string>[] running = [.. Enumerable.Range(0, 4).Select(_ => RunAsync(Endpoint))];
        Task<string> waiting = RunAsync(Endpoint);
        waiting.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(10));

        (await waiting).ShouldBe("cannot be called now: its token endpoint is too slow for the number of sign-ins that wait; try again in a few seconds");
        _go.SetResult();
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task A_slow_endpoint_keeps_nobody_from_another_one()
    {
        Task<string>[] slow = [.. Enumerable.Range(0, 14).Select(_ => RunAsync(Endpoint))];

        (await _gates.RunAsync(new Uri("https://other.test/token"), static _ => Task.FromResult("at once"), static busy => busy.Reason, CancellationToken.None))
            .ShouldBe("at once");

        _go.SetResult();
        await Task.WhenAll(slow);
    }

    [Fact]
    public async Task Who_gives_up_while_waiting_leaves_the_place_to_the_next()
    {
        Task<string>[] running = [.. Enumerable.Range(0, 4).Select(_ => RunAsync(Endpoint))];
        using CancellationTokenSource impatience = new();
        Task<string>[] leaving = [.. Enumerable.Range(0, 10).Select(_ => RunAsync(Endpoint, impatience.Token))];

        await impatience.CancelAsync();

        foreach (Task<string> left in leaving)
            await Should.ThrowAsync<OperationCanceledException>(left);
        Task<string> next = RunAsync(Endpoint);
        _go.SetResult();
        (await next).ShouldBe("done");
        await Task.WhenAll(running);
    }

    private Task<string> RunAsync(Uri endpoint, CancellationToken cancellationToken = default) => _gates.RunAsync(
        endpoint,
        async _ =>
        {
            int now = Interlocked.Increment(ref _running);
            InterlockedMax(now);
            await _go.Task;
            Interlocked.Decrement(ref _running);
            return "done";
        },
        static busy => busy.Reason,
        cancellationToken);

    private void InterlockedMax(int now)
    {
        lock (_gates)
            _most = Math.Max(_most, now);
    }
}
