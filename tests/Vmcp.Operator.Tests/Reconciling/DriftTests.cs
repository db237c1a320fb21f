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

    [Fact]
    [Trait("Scenario", "SESS-06")]
    public async Task The_number_of_pods_is_an_autoscalers_until_the_spec_names_one()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        await world.MergeAsync(BuiltIn.Deployment, "hub", """{"spec":{"replicas":5}}""", manager: "autoscaler");
        foreach (string pass in new[] { "1", "2", "3" })
        {
            await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", $$$"""{"spec":{"passthroughHeaders":["X-{{{pass}}}"]}}""");
            await world.ConfigHasAsync($"X-{pass}");
            await world.SettleAsync();
            (await ReplicasAsync(world)).ShouldBe(5);
        }

        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":3}}""");
        await world.UntilAsync(() => ReplicasAsync(world), n => n == 3, "3 replicas");

        // Given back, the number stays until somebody else changes it.
        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":null,"passthroughHeaders":["X-9"]}}""");
        await world.ConfigHasAsync("X-9");
        await world.SettleAsync();
        (await ReplicasAsync(world)).ShouldBe(3);
        await world.MergeAsync(BuiltIn.Deployment, "hub", """{"spec":{"replicas":4}}""", manager: "autoscaler");
        await world.SettleAsync();
        (await ReplicasAsync(world)).ShouldBe(4);
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
    [Trait("Scenario", "SWITCH-02")]
    public async Task A_switch_to_discovered_makes_no_pod_while_its_rights_are_refused()
    {
        await using OperatorWorld world = await SettledAsync("inline");
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;
        bool refuses = true;
        world.Cluster.Before = (request, _) => refuses && request is { Verb: "apply", Type.Kind: "Role" }
            ? throw new KubeException(KubeError.Forbidden, "attempting to grant rights not held")
            : Task.CompletedTask;

        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"outgoingAuth":{"source":"discovered"}}}""");
        KubeObject hub = await world.ConditionAsync("ResourcesAccepted=False/Rejected");
        await world.SettleAsync();
        OperatorWorld.Message(hub, "ResourcesAccepted")!.ShouldContain("Role \"hub-vmcp\"");
        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation.ShouldBe(generation);
        (await world.ConfigAsync()).ShouldContain("source: inline");

        refuses = false;
        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"metadata":{"labels":{"again":"now"}}}""");
        await world.ConditionAsync("ModeTransition=False/Complete");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "mode")?.GetString() == "discovered", "mode discovered");
    }

    [Fact]
    [Trait("Scenario", "SESS-06")]
    public async Task Replicas_taken_out_of_the_spec_stay_until_somebody_else_says_otherwise()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        async Task<int?> Replicas() => (await world.MustGetAsync(BuiltIn.Deployment, "hub")).At("spec", "replicas")?.GetInt32();
        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":3}}""");
        await world.UntilAsync(Replicas, n => n == 3, "three");
        await world.SettleAsync();

        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":null}}""");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "observedGeneration")?.GetInt64() == h.Meta.Generation, "the new spec");
        await world.SettleAsync();
        (await Replicas()).ShouldBe(3);

        await world.MergeAsync(BuiltIn.Deployment, "hub", """{"spec":{"replicas":5}}""", manager: "autoscaler");
        await world.SettleAsync();
        (await Replicas()).ShouldBe(5);
        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":2}}""");
        await world.UntilAsync(Replicas, n => n == 2, "two");
    }

    [Fact]
    public async Task A_server_that_does_not_have_the_form_of_its_kind_is_told_which_field_and_what_runs_stays()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        string uid = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Uid;
        string url = (await world.HubAsync()).At("status", "url")!.Value.GetString()!;

        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":"hunter2"}}""");
        KubeObject hub = await world.ConditionAsync("Valid=False/ValidationFailed");
        OperatorWorld.Message(hub, "Valid")!.ShouldContain("spec.replicas");
        hub.At("status")!.Value.GetRawText().ShouldNotContain("hunter2");
        hub.At("status", "phase")!.Value.GetString().ShouldBe("Failed");
        hub.At("status", "observedGeneration")!.Value.GetInt64().ShouldBe(hub.Meta.Generation);
        hub.At("status", "mode")!.Value.GetString().ShouldBe("discovered");
        hub.At("status", "url")!.Value.GetString().ShouldBe(url);
        OperatorWorld.Conditions(hub).ShouldContain("Ready=False/ValidationFailed");
        world.Operator.Metrics.Text().ShouldContain("vmcp_phase{namespace=\"demo\",name=\"hub\",phase=\"Failed\"} 1");
        await world.SettleAsync();
        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Uid.ShouldBe(uid);

        await world.MergeAsync(Vmcp.Resources.ToolHive.VirtualMCPServer, "hub", """{"spec":{"replicas":1}}""");
        await world.ConditionAsync("Valid=True");
        await world.ConditionAsync("Ready=True");
    }

    [Fact]
    public async Task A_creation_in_the_log_names_no_difference_and_an_update_does()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        await world.MergeAsync(BuiltIn.ConfigMap, "hub-vmcp-config", """{"data":{"config.yaml":"x"}}""");
        await world.UntilAsync(() => Task.FromResult(world.Log.Lines.ToArray()), lines => lines.Any(l => l.Contains("Updated ConfigMap hub-vmcp-config (differed at: data.config.yaml)", StringComparison.Ordinal)), "the line of the update");
        world.Log.Lines.ShouldContain(l => l.TrimEnd().EndsWith("Created ConfigMap hub-vmcp-config", StringComparison.Ordinal));
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

    private static async Task<int?> ReplicasAsync(OperatorWorld world) => (await world.MustGetAsync(BuiltIn.Deployment, "hub")).At("spec", "replicas")?.GetInt32();

    private static async Task<OperatorWorld> SettledAsync(string source)
    {
        OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta") + Fixtures.Hub(source));
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();
        return world;
    }
}
