using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Tests.Worlds;

namespace Vmcp.Operator.Tests.Hosting;

public sealed class LeaderTests
{
    [Fact]
    public async Task A_standby_is_ready_writes_nothing_and_takes_over_when_the_leader_stops()
    {
        OperatorOptions options = OperatorWorld.FastOptions with { LeaderElect = true, LeaseNamespace = "sys" };
        await using OperatorWorld first = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Hub("discovered"), options with { Identity = "one" });
        await first.ConditionAsync("Ready=True");
        await first.SettleAsync();
        await using OperatorWorld second = OperatorWorld.Beside(first, options with { Identity = "two" });
        await second.UntilAsync(() => Task.FromResult(second.Operator.NotReady), why => why is null, "a ready standby");
        first.Operator.Leads.ShouldBeTrue();
        second.Operator.Leads.ShouldBeFalse();

        await first.StopAsync();
        KubeObject lease = first.Cluster.ObjectsOf(BuiltIn.Lease).Single(l => l.Meta.Name == VmcpOperator.LeaseName);
        lease.Meta.Namespace.ShouldBe("sys");
        await second.UntilAsync(() => Task.FromResult(second.Operator.Leads), leads => leads, "the second to lead");
        await second.DeleteAsync(BuiltIn.Service, "vmcp-hub");
        await second.UntilAsync(() => second.GetAsync(BuiltIn.Service, "vmcp-hub"), s => s is not null, "the Service again");
    }

    [Fact]
    public async Task Only_the_namespaces_named_are_worked_on()
    {
        string elsewhere = Fixtures.Hub("discovered", name: "far").Replace("name: far}", "name: far, namespace: elsewhere}", StringComparison.Ordinal);
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Hub("discovered") + elsewhere, OperatorWorld.FastOptions with { Namespaces = ["demo"] });
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();
        world.OperatorWrites.ShouldAllBe(w => w.Key.Namespace == "demo");
    }

    [Fact]
    public async Task A_controller_not_named_does_not_run()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Hub("discovered"), OperatorWorld.FastOptions with { Controllers = ["mcpgroup"] });
        await world.UntilAsync(() => world.MustGetAsync(Vmcp.Resources.ToolHive.MCPGroup, "team"), g => g.At("status", "phase") is not null, "the group's status");
        await world.SettleAsync();
        world.OperatorWrites.ShouldAllBe(w => w.Type == Vmcp.Resources.ToolHive.MCPGroup);
    }
}
