using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;

namespace Vmcp.Operator.Tests.Reconciling;

public sealed class DriftTests
{
    [Fact]
    [Trait("Scenario", "RBAC-04")]
    public async Task A_right_taken_away_or_added_is_restored_once()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        string rules = (await world.MustGetAsync(BuiltIn.Role, "hub-vmcp")).At("rules")!.Value.GetRawText();
        foreach (string drift in new[] { """{"rules":[]}""", """{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""" })
        {
            world.Cluster.ForgetRequests();
            await world.MergeAsync(BuiltIn.Role, "hub-vmcp", drift);
            await world.UntilAsync(() => world.MustGetAsync(BuiltIn.Role, "hub-vmcp"), r => r.At("rules")!.Value.GetRawText() == rules, "restored rules");
            await world.SettleAsync();
            world.OperatorWrites.Count(w => w.Type == BuiltIn.Role).ShouldBe(1);
        }
    }

    [Fact]
    [Trait("Scenario", "RBAC-04")]
    public async Task A_deleted_child_comes_back()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        foreach ((ResourceType type, string name) in new[]
        {
            (BuiltIn.RoleBinding, "hub-vmcp"), (BuiltIn.ServiceAccount, "hub-vmcp"), (BuiltIn.ConfigMap, "hub-vmcp-config"), (BuiltIn.Service, "vmcp-hub"),
            (BuiltIn.Secret, "hub-hmac-secret"), (BuiltIn.Deployment, "hub"),
        })
        {
            string uid = (await world.MustGetAsync(type, name)).Meta.Uid;
            await world.DeleteAsync(type, name);
            await world.UntilAsync(() => world.GetAsync(type, name), o => o is not null && o.Meta.Uid != uid, $"a new {type.Kind}");
        }
    }

    [Fact]
    [Trait("Scenario", "RST-02")]
    public async Task Marks_of_others_stay_and_a_foreign_pod_label_goes()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        world.Cluster.ForgetRequests();
        await world.MergeAsync(BuiltIn.Service, "vmcp-hub", """{"metadata":{"annotations":{"cloud/lb":"x"}}}""", manager: "cloud");
        await world.MergeAsync(BuiltIn.Deployment, "hub", """{"metadata":{"labels":{"theirs":"y"}}}""", manager: "gitops");
        await world.MergeAsync(BuiltIn.Deployment, "hub", """{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}}}""", manager: "kubectl-rollout");
        await world.SettleAsync();
        world.OperatorWrites.Where(w => w.Subresource is null).ShouldBeEmpty();

        await world.MergeAsync(BuiltIn.Deployment, "hub", """{"spec":{"template":{"metadata":{"labels":{"extra":"z"}}}}}""", manager: "somebody");
        await world.UntilAsync(() => world.MustGetAsync(BuiltIn.Deployment, "hub"), d => d.At("spec", "template", "metadata", "labels", "extra") is null, "the label's removal");
        await world.SettleAsync();

        world.OperatorWrites.Count(w => w.Type == BuiltIn.Deployment).ShouldBe(1);
        KubeObject deployment = await world.MustGetAsync(BuiltIn.Deployment, "hub");
        deployment.At("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")?.GetString().ShouldBe("now");
        deployment.Meta.Labels["theirs"].ShouldBe("y");
        (await world.MustGetAsync(BuiltIn.Service, "vmcp-hub")).Meta.Annotations["cloud/lb"].ShouldBe("x");
    }

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [Trait("Scenario", "RST-01")]
    public async Task A_restarted_operator_writes_nothing(string source)
    {
        OperatorWorld world = await SettledAsync(source);
        await world.StopAsync();
        world.Cluster.ForgetRequests();
        await using OperatorWorld again = await OperatorWorld.OverAsync(world);
        await again.UntilAsync(() => Task.FromResult(again.Operator.Metrics.Reconciles("virtualmcpserver", "success")), n => n > 0, "a pass");
        await again.UntilAsync(() => Task.FromResult(again.Pods.Requests), n => n > 0 || source == "discovered", "a question to the pod");
        await again.SettleAsync();
        again.OperatorWrites.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_fails_once_is_asked_again()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        world.Cluster.FailNext(r => r.Verb == "apply" && r.Type == BuiltIn.Service, new KubeException(KubeError.ServerError, "etcd is busy"));
        await world.DeleteAsync(BuiltIn.Service, "vmcp-hub");
        await world.UntilAsync(() => world.GetAsync(BuiltIn.Service, "vmcp-hub"), s => s is not null, "the Service");
        world.Operator.Metrics.Reconciles("virtualmcpserver", "error").ShouldBe(1);
    }

    [Fact]
    public async Task A_right_the_operator_lacks_is_told_in_the_status()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        world.Cluster.FailNext(r => r.Verb == "apply" && r.Type == BuiltIn.Service, new KubeException(KubeError.Forbidden, "services is forbidden: vmcp-operator cannot create it"), times: 1000);
        await world.DeleteAsync(BuiltIn.Service, "vmcp-hub");
        KubeObject hub = await world.ConditionAsync("ResourcesAccepted=False/Rejected");
        hub.At("status", "phase")!.Value.GetString().ShouldBe("Failed");
        hub.At("status", "message")!.Value.GetString()!.ShouldContain("Service \"vmcp-hub\"");
        OperatorWorld.Conditions(hub).ShouldContain("Ready=False/Rejected");
    }

    [Fact]
    public async Task Nothing_is_written_for_a_server_that_is_being_deleted()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"metadata":{"finalizers":["test/hold"]}}""");
        await world.SettleAsync();
        await world.DeleteAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub");
        world.Cluster.ForgetRequests();
        await world.DeleteAsync(BuiltIn.Service, "vmcp-hub");
        await world.SettleAsync();
        (await world.GetAsync(BuiltIn.Service, "vmcp-hub")).ShouldBeNull();
        world.OperatorWrites.Where(w => w.Verb != "delete").ShouldBeEmpty();
    }

    private static async Task<OperatorWorld> SettledAsync(string source)
    {
        OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta") + Fixtures.Hub(source));
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();
        return world;
    }
}
