using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

public sealed class ReplicaTests
{
    [Fact]
    [Trait("Scenario", "SESS-06")]
    public async Task Replicas_taken_out_of_the_spec_stay_until_somebody_scales()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        world.StartOperator();
        await world.GroupAsync("team", "alpha");
        await world.ServerAsync("hub", "team", "inline", ", replicas: 3");
        await world.RunsAsync("hub", "inline");
        (await ReplicasAsync(world)).ShouldBe(3);

        await world.ServerAsync("hub", "team", "inline");
        await world.RunsAsync("hub", "inline");
        (await ReplicasAsync(world)).ShouldBe(3);

        await world.Server.KubectlAsync("scale", "--namespace", world.Namespace, "deployment/hub", "--replicas=5");
        await world.ServerAsync("hub", "team", "inline", ", serviceType: NodePort");
        await world.RunsAsync("hub", "inline");
        (await ReplicasAsync(world)).ShouldBe(5);

        await world.ServerAsync("hub", "team", "inline", ", replicas: 2");
        await Eventually.BecomesAsync(async () => await ReplicasAsync(world) == 2, "two replicas", TimeSpan.FromMinutes(1));
    }

    private static async Task<int?> ReplicasAsync(OperatorWorld world) => (await world.FindAsync(BuiltIn.Deployment, "hub"))!.At("spec", "replicas")?.GetInt32();
}
