using Microsoft.Extensions.Time.Testing;

namespace Vmcp.Discovery.Tests.Reporting;

/// <summary>A clock that goes on by hand and knows how many wait for their next look, which is a second after the last.</summary>
internal sealed class LookTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Look)
            return base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _waiting);
        Wait wait = new(this);
        wait.Inner = base.CreateTimer(
            s =>
            {
                wait.Over();
                callback(s);
            },
            state, dueTime, period);
        return wait;
    }

    private sealed class Wait(LookTime time) : ITimer
    {
        private int _over;

        public ITimer? Inner { get; set; }

        public void Over()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
                Interlocked.Decrement(ref time._waiting);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => Inner!.Change(dueTime, period);

        public void Dispose()
        {
            Over();
            Inner?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
