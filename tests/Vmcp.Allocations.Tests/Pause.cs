using System.Diagnostics;

namespace Vmcp.Allocations.Tests;

/// <summary>
/// Time for the gateway to begin its wait. An answer that is there before somebody waits for it saves the memory of the wait (up to 2 KB a call), so
/// without a pause the count is that of a race.
/// </summary>
internal static class Pause
{
    private static readonly long Length = Stopwatch.Frequency / 1_000_000 * 200;

    public static void Take()
    {
        long end = Stopwatch.GetTimestamp() + Length;
        while (Stopwatch.GetTimestamp() < end)
            Thread.Yield();
    }
}
