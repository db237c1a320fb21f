using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Reconciling;

public sealed class SwitchTests
{
    private const string ToInline = """{"spec":{"outgoingAuth":{"source":"inline"}}}""";
    private const string ToDiscovered = """{"spec":{"outgoingAuth":{"source":"discovered"}}}""";

    [Fact]
    [Trait("Scenario", "SWITCH-01")]
    public async Task To_inline_rights_go_only_after_the_last_old_pod()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;
        KubeObject old = (await PodsAsync(world)).ShouldHaveSingleItem();
        // The new pod is made and does not get ready: the old one goes on serving.
        world.Rollouts.BecomesReady = _ => false;

        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", ToInline);
        await world.ConfigHasAsync("alpha");
        await world.ConditionAsync("ModeTransition=True/Progressing");
        await world.SettleAsync();
        (await world.GetAsync(BuiltIn.Role, "hub-vmcp")).ShouldNotBeNull();
        (await world.GetAsync(BuiltIn.RoleBinding, "hub-vmcp")).ShouldNotBeNull();
        (await world.GetAsync(BuiltIn.Pod, old.Meta.Name)).ShouldNotBeNull();

        world.Rollouts.BecomesReady = _ => true;
        await world.UntilAsync(() => world.GetAsync(BuiltIn.Role, "hub-vmcp"), r => r is null, "the Role's removal");
        (await world.GetAsync(BuiltIn.Pod, old.Meta.Name)).ShouldBeNull();
        await world.UntilAsync(() => world.GetAsync(BuiltIn.RoleBinding, "hub-vmcp"), r => r is null, "the RoleBinding's removal");
        KubeObject hub = await world.ConditionAsync("ModeTransition=False/Complete");
        hub.At("status", "mode")?.GetString().ShouldBe("inline");
        await world.SettleAsync();
        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation.ShouldBe(generation + 1);
        (await world.ConfigAsync()).ShouldContain("beta");
    }

    [Fact]
    [Trait("Scenario", "SWITCH-02")]
    public async Task To_discovered_rights_come_before_the_pods_that_need_them()
    {
        await using OperatorWorld world = await SettledAsync("inline");
        (await world.GetAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        world.Cluster.ForgetRequests();

        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", ToDiscovered);
        await world.ConfigHasAsync("alpha.demo", has: false);
        // Complete it was before as well: the switch is done when the status says the new mode too.
        await world.UntilAsync(world.HubAsync, h => h.At("status", "mode")?.GetString() == "discovered", "mode discovered");
        await world.ConditionAsync("ModeTransition=False/Complete");

        List<string> order = [.. world.OperatorWrites.Where(w => w.Subresource is null).Select(w => w.Type.Kind)];
        order.IndexOf("Role").ShouldBeLessThan(order.IndexOf("Deployment"));
        order.IndexOf("RoleBinding").ShouldBeLessThan(order.IndexOf("Deployment"));
        order.IndexOf("Role").ShouldBeGreaterThanOrEqualTo(0);

        await world.SettleAsync();
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;
        await world.ApplyAsync(Fixtures.Backend("gamma"));
        await world.SettleAsync();
        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation.ShouldBe(generation);
    }

    [Fact]
    [Trait("Scenario", "SWITCH-04")]
    public async Task There_and_back_keeps_names_address_and_secrets()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        async Task<string> Identity()
        {
            KubeObject secret = await world.MustGetAsync(BuiltIn.Secret, "hub-hmac-secret");
            KubeObject hub = await world.HubAsync();
            return string.Join('|', secret.Meta.Uid, secret.At("data")!.Value.GetRawText(), hub.At("status", "url")!.Value.GetString(),
                (await world.MustGetAsync(BuiltIn.Service, "vmcp-hub")).Meta.Uid, (await world.MustGetAsync(BuiltIn.ServiceAccount, "hub-vmcp")).Meta.Uid);
        }

        string before = await Identity();
        foreach ((string change, string mode) in new[] { (ToInline, "inline"), (ToDiscovered, "discovered") })
        {
            await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", change);
            await world.UntilAsync(world.HubAsync, h => h.At("status", "mode")?.GetString() == mode && OperatorWorld.Conditions(h).Contains("ModeTransition=False/Complete"), $"mode {mode}");
            await world.SettleAsync();
            (await Identity()).ShouldBe(before);
        }
    }

    [Fact]
    public async Task A_switch_taken_back_halfway_keeps_the_rights()
    {
        await using OperatorWorld world = await SettledAsync("discovered");
        world.Rollouts.BecomesReady = _ => false;
        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", ToInline);
        await world.ConditionAsync("ModeTransition=True/Progressing");
        world.Cluster.ForgetRequests();
        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", ToDiscovered);
        world.Rollouts.BecomesReady = _ => true;
        await world.ConditionAsync("ModeTransition=False/Complete");
        await world.SettleAsync();
        world.Cluster.Writes.ShouldNotContain(w => w.Verb == "delete" && w.Type != BuiltIn.Pod);
        (await world.GetAsync(BuiltIn.Role, "hub-vmcp")).ShouldNotBeNull();
    }

    private static async Task<IReadOnlyList<KubeObject>> PodsAsync(OperatorWorld world)
    {
        await Task.CompletedTask;
        return world.Cluster.ObjectsOf(BuiltIn.Pod);
    }

    private static async Task<OperatorWorld> SettledAsync(string source)
    {
        OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta") + Fixtures.Hub(source));
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();
        return world;
    }
}
