using Vmcp.E2E.World;
using Vmcp.TestKit;

namespace Vmcp.E2E.Replicas;

/// <summary>A discovered gateway with two pods over <c>alpha</c> and <c>beta</c>, whose death shows within seconds.</summary>
public sealed class TwoReplicas(SharedCluster shared) : IAsyncLifetime
{
    public Space Space { get; private set; } = null!;

    public ScriptedBackend Alpha { get; private set; } = null!;

    public ScriptedBackend Beta { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Alpha = await ScriptedBackend.StartAsync();
        Beta = await ScriptedBackend.StartAsync();
        Space = await shared.Cluster.SpaceAsync();
        await Space.GroupAsync("team");
        await Space.MemberAsync("team", "alpha", Alpha.Url);
        await Space.MemberAsync("team", "beta", Beta.Url);
        await Space.ServerAsync("hub", "team", "discovered", $"replicas: 2, {Space.Quick}");
        await Space.PodsReadyAsync("hub", 2);
        await Space.AllListAsync("hub", "alpha_echo", "beta_echo");
    }

    public async ValueTask DisposeAsync()
    {
        if (Space is not null)
            await Space.DisposeAsync();
        await Alpha.DisposeAsync();
        await Beta.DisposeAsync();
    }
}
