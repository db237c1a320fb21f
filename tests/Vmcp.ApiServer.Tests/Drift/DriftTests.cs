using System.Text.Json.Nodes;
using Vmcp.ApiServer.Tests.Contract;
using Vmcp.KubeKit.Contract;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.ApiServer.Tests.Drift;

/// <summary>The same requests by chance to both clusters; after each one the answers and what is stored must be the same.</summary>
public sealed class DriftTests(ContractServer server) : IClassFixture<ContractServer>
{
    private const int Steps = 60;
    private const int Lines = 30;

    /// <summary>Few by default; <c>VMCP_DRIFT_RUNS</c> asks for more of each kind.</summary>
    public static TheoryData<string, int> Runs
    {
        get
        {
            var runs = new TheoryData<string, int>();
            foreach (string kind in (string[])["Widget", "ConfigMap", "Deployment"])
            {
                for (int seed = 1; seed <= int.Parse(Environment.GetEnvironmentVariable("VMCP_DRIFT_RUNS") ?? "6", null); seed++)
                    runs.Add(kind, seed);
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Both_clusters_answer_and_store_the_same(string kind, int seed)
    {
        (ICluster real, string space) = await server.OpenAsync();
        var memory = new InMemoryCluster(TimeProvider.System);
        memory.Register(Samples.WidgetDefinition);
        (ResourceType type, Func<Random, JsonObject> spec) = kind switch
        {
            "Widget" => (Samples.Widget, RandomBodies.Widget),
            "ConfigMap" => (BuiltIn.ConfigMap, RandomBodies.ConfigMap),
            _ => (BuiltIn.Deployment, (Func<Random, JsonObject>)RandomBodies.Deployment),
        };
        var random = new Random(seed);
        var told = new List<string>();
        for (int i = 0; i < Steps; i++)
        {
            RandomStep step = RandomStep.Next(type, spec, random);
            told.Add(step.Text);

            string wanted = await OutcomeAsync(step, real, type, space, m => told.Add($"  the server said: {m}"));
            string got = await OutcomeAsync(step, memory, type, space, m => told.Add($"  the in-memory cluster said: {m}"));

            if (got != wanted)
                Assert.Fail($"step {i}: the server has (-), the in-memory cluster has (+):\n{Difference(wanted, got)}\n\nafter\n{string.Join('\n', told)}");
        }
    }

    /// <summary>The lines around which the two texts differ.</summary>
    private static string Difference(string wanted, string got)
    {
        string[] one = wanted.Split('\n');
        string[] two = got.Split('\n');
        int same = one.Zip(two).TakeWhile(l => l.First == l.Second).Count();
        int tail = one.Reverse().Zip(two.Reverse()).TakeWhile(l => l.First == l.Second).Count();
        return string.Join('\n',
        [
            .. one.Take(same).TakeLast(6).Select(l => "  " + l),
            .. one.Skip(same).Take(Math.Max(0, Math.Min(one.Length, two.Length) - same - tail) + Math.Max(0, one.Length - two.Length)).Take(Lines).Select(l => "- " + l),
            .. two.Skip(same).Take(Math.Max(0, Math.Min(one.Length, two.Length) - same - tail) + Math.Max(0, two.Length - one.Length)).Take(Lines).Select(l => "+ " + l),
        ]);
    }

    private static async Task<string> OutcomeAsync(RandomStep step, ICluster cluster, ResourceType type, string space, Action<string> refused)
    {
        string before = (await cluster.GetAsync(type, new ObjectKey(space, "x"), CancellationToken.None))?.Meta.ResourceVersion ?? "";
        string answer;
        try
        {
            answer = Picture.Of(await step.SendAsync(cluster, space));
        }
        catch (KubeException e)
        {
            answer = $"refused: {e.Error}";
            refused(e.Message);
        }

        KubeObject? after = await cluster.GetAsync(type, new ObjectKey(space, "x"), CancellationToken.None);
        bool changed = (after?.Meta.ResourceVersion ?? "") != before;
        return $"{(changed ? "changed" : "unchanged")}\n{answer}\n{Picture.Of(after)}";
    }
}
