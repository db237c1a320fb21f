namespace Vmcp.Allocations.Tests;

/// <summary>
/// Time for the gateway to begin its wait. An answer that is there before somebody waits for it saves the memory of the wait (up to 2 KB a call), so
/// without a pause the count is that of a race. A sleep and not a spin: the gateway needs the processor.
/// </summary>
internal static class Pause
{
    public static void Take() => Thread.Sleep(1);
}
