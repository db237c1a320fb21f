namespace Vmcp.Allocations.Tests;

/// <summary>
/// What one warm request makes the garbage collector work for, in bytes: all of Kestrel, the gateway and its HTTP client, for a call of 11 bytes.
/// </summary>
public sealed class AllocationTests(ITestOutputHelper output)
{
    // Bytes are counted several times and the least counts: timers of the process now and then add some, and a busy machine adds waits. A count within
    // the budget needs a few rounds, one beyond it is given many: what is truly too much stays so.
    private const int FewRounds = 4, ManyRounds = 30, Requests = 100, WarmUp = 100;

    [Theory]
    [MemberData(nameof(Budgets.All), MemberType = typeof(Budgets))]
    public async Task A_warm_request_allocates_no_more_than_its_budget(string name, int budget)
    {
        (bool withUsers, string client, string backend) = Budgets.Read(name);
        await using QuietWorld world = await QuietWorld.StartAsync(withUsers);
        byte[] request = Request(world, client, backend);

        (long least, long most) = Measure(world, request, budget, backend.Length == 0 ? "legacy_echo"u8.ToArray() : "hello world"u8.ToArray());

        output.WriteLine($"{name}: {least} to {most} bytes");
        least.ShouldBeLessThanOrEqualTo(budget);
        most.ShouldBeGreaterThan((long)(budget / Budgets.Room), $"somebody made it cheaper: lower the budget to {(least / 100 * 100) + 300}, so that it stays so");
    }

    private static byte[] Request(QuietWorld world, string client, string backend)
    {
        string tool = backend + "_echo", call = "\"name\":\"" + tool + "\",\"arguments\":{\"message\":\"hello world\"}";
        return (client, backend) switch
        {
            ("legacy", "") => world.Legacy("tools/list", ""),
            ("modern", "") => world.Modern("tools/list", "", null),
            ("legacy", _) => world.Legacy("tools/call", call),
            _ => world.Modern("tools/call", call, tool),
        };
    }

    private static (long Least, long Most) Measure(QuietWorld world, byte[] request, int budget, byte[] expected)
    {
        Send(WarmUp);
        long least = long.MaxValue, most = 0;
        for (int round = 0; round < (least > budget ? ManyRounds : FewRounds); round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Send(Requests);
            long each = (GC.GetTotalAllocatedBytes(precise: true) - before) / Requests;
            (least, most) = (Math.Min(least, each), Math.Max(most, each));
        }

        return (least, most);

        void Send(int times)
        {
            for (int i = 0; i < times; i++)
                world.Send(request, expected);
        }
    }
}
