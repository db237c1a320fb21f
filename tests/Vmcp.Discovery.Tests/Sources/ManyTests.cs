using System.Diagnostics;
using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Sources;

public sealed class ManyTests
{
    private const int Members = 500;

    /// <summary>A fifth with a credential, a fifth entries; two of a hundred cannot be served.</summary>
    private static async Task ManyAsync(Cluster cluster)
    {
        for (int i = 0; i < 10; i++)
        {
            await cluster.SecretAsync($"key{i}", "jam");
            await cluster.AuthAsync($"key{i}", "X-Key");
        }

        for (int i = 0; i < Members; i++)
        {
            if (i % 5 == 0)
                await cluster.EntryAsync($"s{i:000}", $"https://s{i}.example.com/mcp", "headerForward: {addPlaintextHeaders: {X-Tenant: acme}}");
            else
                await cluster.ServerAsync($"s{i:000}", new Uri($"http://s{i}.demo/mcp"), i % 50 == 7 ? "nowhere" : i % 5 == 1 ? $"key{i % 10}" : null);
        }
    }

    [Fact]
    public async Task One_change_among_five_hundred_members_touches_one_backend_and_costs_little()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(ManyAsync);
        world.Source.Current.Backends.Backends.Length.ShouldBe(Members - 10);
        world.Source.Current.Unserved.Length.ShouldBe(10);
        world.Cluster.Api.ForgetRequests();
        List<double> times = [];
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        for (int i = 0; i < 20; i++)
        {
            var before = world.Source.Current.Backends.Backends;
            long begun = Stopwatch.GetTimestamp();
            await world.Cluster.ServerAsync("s001", new Uri($"http://moved.demo/{i}"), "key1");
            await world.Time.UntilAsync(() => world.Backend("s001").Url.AbsolutePath == $"/{i}", "the edit is taken");
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            world.Source.Current.Backends.Backends.Except(before).ShouldHaveSingleItem().Name.ShouldBe("s001");
        }

        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        TestContext.Current.TestOutputHelper!.WriteLine($"one change among {Members}: p50 {times.Order().ElementAt(10):0.0} ms, {cpu.TotalMilliseconds / 20:0.0} ms CPU of this process");
        // Nothing is listed anew for a change; only what is missing is asked for, the Secrets in use when their time comes.
        world.Cluster.Api.Requests.Where(r => !r.IsWrite).ShouldAllBe(r => r.Verb == "get");

        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "s002");
        await world.Time.UntilAsync(() => world.Source.Current.Backends.Backends.Length == Members - 11, "one left");
    }

    [Fact]
    public async Task A_thousand_changes_at_once_are_few_sets()
    {
        await using SourceWorld world = await SourceWorld.StartAsync();
        int changes = world.Changes;

        await ManyAsync(world.Cluster);
        await world.Time.UntilAsync(() => world.Source.Current.Backends.Backends.Length == Members - 10, "all are there");

        (world.Changes - changes).ShouldBeLessThan(Members / 2);
    }
}
