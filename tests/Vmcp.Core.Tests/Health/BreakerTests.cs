using Microsoft.Extensions.Time.Testing;
using Vmcp.Core.Health;

namespace Vmcp.Core.Tests.Health;

public sealed class BreakerTests
{
    private static readonly BreakerPolicy Policy = new() { Enabled = true, FailureThreshold = 3, OpenTimeout = TimeSpan.FromSeconds(20) };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 7, 28, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    [Trait("Scenario", "HLTH-03")]
    public void Below_the_threshold_nothing_trips()
    {
        BreakerGate gate = Gate();

        Fail(gate, 2);
        Enter(gate).Success();
        Fail(gate, 2);

        gate.State.Status.ShouldBe(BreakerStatus.Closed);
        gate.State.Failures.ShouldBe(2);
        gate.State.LastChanged.ShouldBeNull();
    }

    [Fact]
    public void A_good_call_of_a_quiet_breaker_allocates_nothing()
    {
        BreakerGate gate = Gate();
        Enter(gate).Success();
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++)
        {
            if (gate.TryEnter(out BreakerLease lease))
                lease.Success();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Threshold_opens_and_refuses_until_the_timeout()
    {
        BreakerGate gate = Open();

        gate.State.Status.ShouldBe(BreakerStatus.Open);
        gate.State.LastChanged.ShouldBe(_time.GetUtcNow());
        gate.TryEnter(out _).ShouldBeFalse();
        gate.RetryAfter.ShouldBe(TimeSpan.FromSeconds(20));
        _time.Advance(TimeSpan.FromSeconds(19.9));
        gate.TryEnter(out _).ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        gate.RetryAfter.ShouldBe(TimeSpan.Zero);
        gate.TryEnter(out _).ShouldBeTrue();
        gate.State.Status.ShouldBe(BreakerStatus.HalfOpen);
    }

    [Fact]
    public void Half_open_lets_one_probe_through_and_its_success_closes()
    {
        BreakerGate gate = HalfOpen(out BreakerLease probe);

        gate.TryEnter(out _).ShouldBeFalse();
        probe.IsProbe.ShouldBeTrue();
        probe.Success();

        gate.State.Status.ShouldBe(BreakerStatus.Closed);
        gate.State.Failures.ShouldBe(0);
        Enter(gate).IsProbe.ShouldBeFalse();
    }

    [Fact]
    public void Failed_probe_opens_again_and_the_timer_restarts()
    {
        BreakerGate gate = HalfOpen(out BreakerLease probe);

        _time.Advance(TimeSpan.FromSeconds(5));
        probe.Failure();

        gate.State.Status.ShouldBe(BreakerStatus.Open);
        gate.RetryAfter.ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Probe_given_back_lets_the_next_one_through_at_once()
    {
        BreakerGate gate = HalfOpen(out BreakerLease probe);

        probe.GiveBack();

        gate.State.Status.ShouldBe(BreakerStatus.HalfOpen);
        Enter(gate).IsProbe.ShouldBeTrue();
        gate.TryEnter(out _).ShouldBeFalse();
    }

    [Fact]
    public void Probe_that_never_came_back_is_replaced_after_the_timeout_and_counts_no_more()
    {
        BreakerGate gate = HalfOpen(out BreakerLease lost);

        _time.Advance(TimeSpan.FromSeconds(20));
        BreakerLease second = Enter(gate);
        lost.Failure();
        gate.State.Status.ShouldBe(BreakerStatus.HalfOpen);
        lost.GiveBack();
        gate.TryEnter(out _).ShouldBeFalse();
        second.Success();

        gate.State.Status.ShouldBe(BreakerStatus.Closed);
    }

    [Fact]
    public void Calls_that_left_before_it_opened_decide_nothing()
    {
        BreakerGate gate = Gate();
        BreakerLease early = Enter(gate);
        Fail(gate, 3);
        DateTimeOffset opened = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(10));

        early.Failure();
        early.Success();
        gate.State.LastChanged.ShouldBe(opened);
        gate.State.Status.ShouldBe(BreakerStatus.Open);
        _time.Advance(TimeSpan.FromSeconds(10));
        Enter(gate);
        early.Success();

        gate.State.Status.ShouldBe(BreakerStatus.HalfOpen);
    }

    [Fact]
    public void Disabled_breaker_is_always_closed()
    {
        BreakerGate gate = new(Policy with { Enabled = false }, _time);

        Fail(gate, 100);

        gate.State.ShouldBe(BreakerState.Initial);
        gate.TryEnter(out _).ShouldBeTrue();
        CircuitBreaker.Allows(new BreakerState { Status = BreakerStatus.Open }, new BreakerPolicy(), _time.GetUtcNow()).ShouldBeTrue();
    }

    [Fact]
    public void Threshold_is_a_setting()
    {
        BreakerGate gate = new(Policy with { FailureThreshold = 1 }, _time);

        Fail(gate, 1);

        gate.State.Status.ShouldBe(BreakerStatus.Open);
    }

    [Fact]
    public void Many_threads_get_exactly_one_probe()
    {
        BreakerGate gate = Open();
        _time.Advance(TimeSpan.FromSeconds(20));
        int probes = 0;

        Parallel.For(0, 1000, _ =>
        {
            if (gate.TryEnter(out BreakerLease lease) && lease.IsProbe)
                Interlocked.Increment(ref probes);
        });

        probes.ShouldBe(1);
    }

    [Fact]
    public void Failures_of_many_threads_are_all_counted()
    {
        BreakerGate gate = new(Policy with { FailureThreshold = 5000 }, _time);

        Parallel.For(0, 4999, _ => Enter(gate).Failure());

        gate.State.Status.ShouldBe(BreakerStatus.Closed);
        gate.State.Failures.ShouldBe(4999);
    }

    private BreakerGate Gate() => new(Policy, _time);

    private BreakerGate Open()
    {
        BreakerGate gate = Gate();
        Fail(gate, 3);
        return gate;
    }

    private BreakerGate HalfOpen(out BreakerLease probe)
    {
        BreakerGate gate = Open();
        _time.Advance(TimeSpan.FromSeconds(20));
        probe = Enter(gate);
        return gate;
    }

    private static BreakerLease Enter(BreakerGate gate)
    {
        gate.TryEnter(out BreakerLease lease).ShouldBeTrue();
        return lease;
    }

    private static void Fail(BreakerGate gate, int times)
    {
        for (int i = 0; i < times; i++)
            Enter(gate).Failure();
    }
}
