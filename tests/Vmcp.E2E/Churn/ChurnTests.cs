using System.Diagnostics;
using System.Globalization;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Churn;

public sealed class ChurnTests(SharedCluster shared)
{
    private const int Backends = 12;
    private const int Operations = 100;
    private const string SeedVariable = "VMCP_E2E_SEED";

    [Fact]
    [Trait("Acceptance", "operator.md 10.1")]
    public async Task A_hundred_changes_of_members_reach_working_clients_and_touch_neither_pod_nor_template()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"churn with {SeedVariable}={seed}");
        List<ScriptedBackend> backends = [];
        try
        {
            for (int n = 0; n < Backends; n++)
            {
                string tool = $"t{n}";
                backends.Add(await ScriptedBackend.StartAsync(b => b.Tool(tool)));
            }

            await using Space space = await shared.Cluster.SpaceAsync();
            await ChurnAsync(space, backends, new Random(seed));
        }
        finally
        {
            foreach (ScriptedBackend backend in backends)
                await backend.DisposeAsync();
        }
    }

    private static async Task ChurnAsync(Space space, List<ScriptedBackend> backends, Random random)
    {
        await space.GroupAsync("team");
        await space.GroupAsync("other");
        await space.SecretAsync("secret", "planted-churn-value");
        await space.HeaderAsync("key", "X-Key", "secret");
        await space.BundleAsync("bundle");
        Roster roster = new(space, backends, random);
        string[] stays = [.. Enumerable.Range(0, 10).Select(n => $"stay{n}")];
        string[] changes = [.. Enumerable.Range(0, 20).Select(n => $"change{n}")];
        foreach ((int n, string member) in stays.Concat(changes).Index())
            await roster.JoinAsync(member, n % backends.Count);
        await space.ServerAsync("hub", "team", "discovered", Space.Calm);
        await space.PodsReadyAsync("hub", 1);
        PodView pod = space.PodOf("hub");
        await using ModernClient reader = new(Space.At(pod));
        await SameAsync(space, reader, roster, "the start");
        KubeObject before = (await space.FindAsync(BuiltIn.Deployment, "hub"))!;
        string[] tools = [.. stays.Select((member, n) => Roster.Tool(member, n % backends.Count))];
        await using Visitors visitors = await Visitors.StartAsync(Space.At(pod), 5, tools);

        List<TimeSpan> delays = [];
        for (int n = 0; n < Operations; n++)
        {
            string what = await roster.ChangeAsync(changes);
            delays.Add(await SameAsync(space, reader, roster, what));
        }

        await visitors.EndAsync();
        visitors.Failures.ShouldBeEmpty(space.Diagnose());
        visitors.Streams.Told.ShouldBe(visitors.Streams.Of);
        space.PodOf("hub").Uid.ShouldBe(pod.Uid);
        space.PodOf("hub").Restarts.ShouldBe(0);
        KubeObject after = (await space.FindAsync(BuiltIn.Deployment, "hub"))!;
        after.Meta.Generation.ShouldBe(before.Meta.Generation);
        after.At("spec", "template")!.Value.GetRawText().ShouldBe(before.At("spec", "template")!.Value.GetRawText());
        await space.IsNowhereAsync("planted-churn-value");
        delays.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Operations} changes: tools are true after {delays[Operations / 2].TotalMilliseconds:0} ms (median), {delays[^1].TotalMilliseconds:0} ms (max); {visitors.Calls} calls beside");
    }

    /// <summary>Waits until the tools are those of the roster; how long that took.</summary>
    private static async Task<TimeSpan> SameAsync(Space space, ModernClient reader, Roster roster, string after)
    {
        long begun = Stopwatch.GetTimestamp();
        IReadOnlyList<string> tools = [];
        try
        {
            await Eventually.BecomesAsync(
                async () => (tools = [.. (await reader.ListToolNamesAsync()).Order(StringComparer.Ordinal)]).SequenceEqual(roster.Tools), $"the tools are true after: {after}", Space.Limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(
                $"{e.Message} too many: {string.Join(", ", tools.Except(roster.Tools))}; missing: {string.Join(", ", roster.Tools.Except(tools))}\n{space.Diagnose()}", e);
        }

        return Stopwatch.GetElapsedTime(begun);
    }
}
