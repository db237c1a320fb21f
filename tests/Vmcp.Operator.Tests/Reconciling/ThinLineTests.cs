using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;

namespace Vmcp.Operator.Tests.Reconciling;

public sealed class ThinLineTests
{
    [Fact]
    public async Task A_server_gets_its_children_and_a_status()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Hub("discovered"));

        KubeObject hub = await world.ConditionAsync("Ready=True");

        hub.At("status", "url")?.GetString().ShouldBe("http://vmcp-hub.demo.svc.cluster.local:4483");
        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Controller!.Uid.ShouldBe(hub.Meta.Uid);
        await world.MustGetAsync(BuiltIn.Service, "vmcp-hub");
        await world.MustGetAsync(BuiltIn.ConfigMap, "hub-vmcp-config");
        await world.MustGetAsync(BuiltIn.Role, "hub-vmcp");
        await world.MustGetAsync(BuiltIn.RoleBinding, "hub-vmcp");
        (await world.MustGetAsync(BuiltIn.Secret, "hub-hmac-secret")).At("data", "hmac-secret").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [Trait("Scenario", "RST-01")]
    public async Task A_second_pass_writes_nothing(string source)
    {
        string manifests = Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta") + Fixtures.Hub(source);
        await using OperatorWorld world = await OperatorWorld.StartAsync(manifests);
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();
        world.Cluster.ForgetRequests();

        // A label nobody asked about wakes a full pass; a restarted operator makes one without any memory.
        long before = world.Operator.Metrics.Reconciles("virtualmcpserver", "success");
        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"metadata":{"labels":{"x":"y"}}}""");
        await world.UntilAsync(() => Task.FromResult(world.Operator.Metrics.Reconciles("virtualmcpserver", "success")), n => n > before, "a second pass");
        await world.SettleAsync();

        world.OperatorWrites.ShouldBeEmpty();
    }
}
