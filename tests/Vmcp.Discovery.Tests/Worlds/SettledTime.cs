using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Vmcp.TestKit;

namespace Vmcp.Discovery.Tests.Worlds;

/// <summary>A clock that stands still, and knows who waits for it: so a test can let all that is due happen before it moves on.</summary>
internal sealed class SettledTime : FakeTimeProvider
{
    private int _waiting;

    /// <summary>How many wait when nobody has anything to do.</summary>
    public int AtRest { get; set; }

    /// <summary>Lets time pass in steps, and after each lets happen what it brought.</summary>
    public async Task PassAsync(TimeSpan span, TimeSpan? step = null)
    {
        TimeSpan one = step ?? TimeSpan.FromMilliseconds(250);
        for (TimeSpan left = span; left > TimeSpan.Zero; left -= one)
        {
            Advance(one < left ? one : left);
            await SettleAsync();
        }
    }

    /// <summary>Lets time pass until something is so; returns how much passed.</summary>
    public async Task<TimeSpan> UntilAsync(Func<bool> condition, string what, TimeSpan? step = null)
    {
        long begun = Stopwatch.GetTimestamp();
        DateTimeOffset from = GetUtcNow();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > Eventually.DefaultLimit)
                throw new TimeoutException($"{GetUtcNow() - from} passed on the test's clock without: {what}");
            Advance(step ?? TimeSpan.FromMilliseconds(50));
            await SettleAsync();
            await Task.Delay(1);
        }

        return GetUtcNow() - from;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
            return base.CreateTimer(callback, state, dueTime, period);
        Waiter waiter = new(this, callback);
        waiter.Timer = base.CreateTimer(s => waiter.Ring(s), state, dueTime, period);
        return waiter;
    }

    private async Task SettleAsync()
    {
        long begun = Stopwatch.GetTimestamp();
        await Task.Yield();
        while (Volatile.Read(ref _waiting) < AtRest && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(2))
            await Task.Delay(1);
    }

    private sealed class Waiter : ITimer
    {
        private readonly SettledTime _time;
        private readonly TimerCallback _callback;
        private int _over;

        public Waiter(SettledTime time, TimerCallback callback)
        {
            (_time, _callback) = (time, callback);
            Interlocked.Increment(ref time._waiting);
        }

        public ITimer Timer { get; set; } = null!;

        public void Ring(object? state)
        {
            End();
            _callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => Timer.Change(dueTime, period);

        public void Dispose()
        {
            End();
            Timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            End();
            return Timer.DisposeAsync();
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
                Interlocked.Decrement(ref _time._waiting);
        }
    }
}
