using Vmcp.E2E.World;
using Vmcp.TestKit;

namespace Vmcp.E2E.Walk;

/// <summary>An empty cluster, what stands around it, and somebody who does in it what pages say; in the end it must be empty again.</summary>
internal sealed class Journey : IAsyncDisposable
{
    /// <summary>The namespace of the pages and the examples.</summary>
    public const string Tools = "tools";

    private readonly Shell _shell;
    private string[] _before = [];

    private Journey(Cluster cluster, Demo demo, ServiceFront front, Shell shell)
    {
        (Cluster, Demo, Front, _shell) = (cluster, demo, front, shell);
        Space = new Space(cluster, Tools);
        Reader = new Reader(shell, front.Url);
    }

    public Cluster Cluster { get; }

    public Demo Demo { get; }

    /// <summary>The Service of the gateway, which is called <c>hub</c> on all pages.</summary>
    public ServiceFront Front { get; }

    public Space Space { get; }

    public Reader Reader { get; }

    public static async Task<Journey> StartAsync()
    {
        Cluster cluster = await Cluster.StartEmptyAsync();
        Demo demo = await Demo.StartAsync(cluster);
        Journey journey = new(cluster, demo, await ServiceFront.StartAsync(new Space(cluster, Tools), "hub"), new Shell(cluster.Server, demo.Folder));
        journey._before = await journey.EverythingAsync();
        return journey;
    }

    /// <summary>Waits until there is nothing that was not there at the start.</summary>
    public async Task IsEmptyAsync()
    {
        await Eventually.ReadsAsync(
            async () => string.Join(' ', (await EverythingAsync()).Except(_before)), left => left.Length == 0, "nothing is left behind", Space.Limit);
        await Eventually.BecomesAsync(() => Cluster.Kubelet.Pods.Count == 0, "no process is left", Space.Limit);
    }

    public async ValueTask DisposeAsync()
    {
        await Front.DisposeAsync();
        await Demo.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>The name of every object in the cluster but those that only tell and time.</summary>
    private async Task<string[]> EverythingAsync()
    {
        const string all = "kubectl get -A -o name $(kubectl api-resources --cached=false --verbs=list -o name | grep -v '^events' | paste -sd,)";
        (int code, string output) = await _shell.TryAsync(all);
        code.ShouldBe(0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
