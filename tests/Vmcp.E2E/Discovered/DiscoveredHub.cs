using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.TestKit;

namespace Vmcp.E2E.Discovered;

/// <summary>A gateway in discovered mode over <c>alpha</c> and <c>beta</c>, for the tests of one class; each adds members of its own.</summary>
public sealed class DiscoveredHub(SharedCluster shared) : IAsyncLifetime
{
    private readonly List<ScriptedBackend> _backends = [];
    private int _names;

    public Space Space { get; private set; } = null!;

    public PodView Pod => Space.PodOf("hub");

    public Cluster Cluster => shared.Cluster;

    /// <summary>The pod of the beginning.</summary>
    public PodView FirstPod { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Space = await shared.Cluster.SpaceAsync();
        await Space.GroupAsync("team");
        await Space.MemberAsync("team", "alpha", (await BackendAsync()).Url);
        await Space.MemberAsync("team", "beta", (await BackendAsync()).Url);
        await Space.ServerAsync("hub", "team", "discovered");
        await Space.PodsReadyAsync("hub", 1);
        FirstPod = Pod;
        await ToolsBecomeAsync("alpha_echo", "beta_echo");
    }

    /// <summary>A name no other test of the class uses.</summary>
    public string NewName(string stem) => $"{stem}{Interlocked.Increment(ref _names)}";

    public async Task<ScriptedBackend> BackendAsync(Action<BackendScript>? script = null)
    {
        ScriptedBackend backend = await ScriptedBackend.StartAsync(script);
        lock (_backends)
            _backends.Add(backend);
        return backend;
    }

    /// <summary>Waits until a new client finds these tools among others.</summary>
    public async Task ToolsBecomeAsync(params string[] tools)
    {
        await using ModernClient client = new(Space.At(Pod));
        await Eventually.BecomesAsync(
            async () => tools.Except(await client.ListToolNamesAsync()).ToArray() is [], $"the tools {string.Join(", ", tools)} are listed", Space.Limit);
    }

    /// <summary>The one pod is still the first one, and its container never started again.</summary>
    public void IsTheSamePod()
    {
        Pod.Uid.ShouldBe(FirstPod.Uid);
        Pod.Restarts.ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        if (Space is not null)
            await Space.DisposeAsync();
        foreach (ScriptedBackend backend in _backends)
            await backend.DisposeAsync();
    }
}
