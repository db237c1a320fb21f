namespace Vmcp.Allocations.Tests;

/// <summary>What a Legacy client's session keeps in memory between requests, its id, its table and its link to a backend included.</summary>
public sealed class IdleSessionTests(ITestOutputHelper output)
{
    // The count repeats to some ten bytes. Resident memory grows by about half as much again: the collector leaves room.
    private const int Budget = 3_000, Sessions = 1_000;

    [Fact]
    public async Task A_session_that_was_called_in_keeps_no_more_than_its_budget()
    {
        await using QuietWorld world = await QuietWorld.StartAsync(withUsers: false);
        Open(world, 300); // what the first sessions make for all of them

        long before = Kept();
        Open(world, Sessions);
        long each = (Kept() - before) / Sessions;

        output.WriteLine($"{each} bytes a session");
        each.ShouldBeLessThanOrEqualTo(Budget);
        each.ShouldBeGreaterThan((long)(Budget / Budgets.Room), "somebody made it smaller: lower the budget, so that it stays so");
    }

    private static void Open(QuietWorld world, int sessions)
    {
        for (int i = 0; i < sessions; i++)
            world.Send(world.Legacy("tools/call", "\"name\":\"legacy_echo\",\"arguments\":{\"message\":\"hello world\"}"), "hello world"u8);
    }

    private static long Kept()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
