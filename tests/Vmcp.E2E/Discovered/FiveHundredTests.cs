using System.Diagnostics;
using Vmcp.E2E.Soak;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.TestKit;

namespace Vmcp.E2E.Discovered;

/// <summary>A large group. Its members are MCPServers: an MCPServerEntry must not point to this machine.</summary>
public sealed class FiveHundredTests(SharedCluster shared)
{
    private const int Count = 500;
    private const int Hanging = 5;
    private const double MemoryLimitMb = 512;

    [Fact]
    [Trait("Scenario", "NEW-LIVE-02")]
    public async Task Five_hundred_backends_are_listed_followed_and_told_while_five_of_them_hang()
    {
        await using ManyServers backends = await ManyServers.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.GroupAsync("team");
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count).Select(n => n < Hanging ? $"hang{n}" : $"server{n}"),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (name, _) => await space.MemberAsync("team", name, backends.UrlOf(name)));

        await space.ServerAsync("hub", "team", "discovered", "replicas: 1");
        await space.PodsReadyAsync("hub", 1);
        PodView pod = space.PodOf("hub");

        await using LegacyClient client = await LegacyClient.ConnectAsync(Space.At(pod));
        await using ServerStream stream = await client.OpenStreamAsync();
        int tools = (Count - Hanging) * ManyServers.ToolsEach;
        await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Distinct().Count() == tools, $"{tools} tools are listed", Space.Limit);
        (await client.CallToolAsync("server77_tool3")).Text().ShouldBe("done");
        await space.ServerBecomesAsync("hub", s => s.Status.DiscoveredBackends.Count == Count && s.Status.BackendCount == Count - Hanging, "the resource names all");

        TimeSpan added = await ToldAsync(
            () => space.MemberAsync("team", "late", backends.UrlOf("late")), async () => (await client.ListToolNamesAsync()).Contains("late_tool0"));
        TimeSpan removed = await ToldAsync(
            () => space.RemoveAsync("server77"), async () => !(await client.ListToolNamesAsync()).Contains("server77_tool0"));
        double resident = ProcessSample.Of(pod.ProcessId!.Value, 0).ResidentMb;

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Count} backends: one more is told after {added.TotalMilliseconds:0} ms, one less after {removed.TotalMilliseconds:0} ms; {resident:0} MB resident");
        resident.ShouldBeLessThan(MemoryLimitMb);
        space.PodOf("hub").Uid.ShouldBe(pod.Uid);
        space.PodOf("hub").Restarts.ShouldBe(0);

        async Task<TimeSpan> ToldAsync(Func<Task> change, Func<Task<bool>> holds)
        {
            long begun = Stopwatch.GetTimestamp();
            await change();
            do
            {
                await stream.NextAsync("notifications/tools/list_changed", Space.Limit);
            }
            while (!await holds());
            return Stopwatch.GetElapsedTime(begun);
        }
    }
}
