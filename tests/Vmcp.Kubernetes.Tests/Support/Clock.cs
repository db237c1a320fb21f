using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Support;

/// <summary>Moves a clock that stands still.</summary>
internal static class Clock
{
    /// <summary>Advances in steps, giving tasks time to run after each, until the condition holds; returns how far.</summary>
    public static async Task<TimeSpan> AdvanceUntilAsync(this FakeTimeProvider time, TimeSpan step, Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan moved = TimeSpan.Zero;
        await SettleAsync();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Eventually.DefaultLimit)
                throw new TimeoutException($"Advanced {moved} for: {what}");
            time.Advance(step);
            moved += step;
            await SettleAsync();
        }

        return moved;
    }

    /// <summary>Lets tasks that can run, run; on a busy machine not all do, so upper bounds of waits must be generous.</summary>
    public static async Task SettleAsync()
    {
        for (int i = 0; i < 3; i++)
            await Task.Delay(1);
    }
}
