using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Reconciling;

public sealed class LiveTests
{
    [Fact]
    [Trait("Scenario", "INL-03")]
    public async Task A_new_member_of_an_inline_group_is_one_rollout()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Hub("inline"));
        world.Pods.Default = ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy"));
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;
        (await world.ConfigAsync()).ShouldNotContain("beta");

        await world.ApplyAsync(Fixtures.Backend("beta"));
        await world.ConfigHasAsync("beta");
        await world.SettleAsync();

        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation.ShouldBe(generation + 1);
        world.Operator.Metrics.Text().ShouldContain("vmcp_operator_rollouts_total{reason=\"config\"} 1");
    }

    [Fact]
    [Trait("Scenario", "NEW-INL-03")]
    public async Task Losing_the_last_backend_is_told_and_no_hot_loop()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Hub("inline"));
        world.Pods.Default = ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy"));
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();

        world.Pods.Default = ScriptedPods.Status();
        await world.DeleteAsync(ToolHive.MCPServer, "alpha");
        KubeObject hub = await world.UntilAsync(world.HubAsync, h => h.At("status", "backendCount")?.GetInt32() == 0, "no backends");
        hub = await world.UntilAsync(world.HubAsync, h => OperatorWorld.Conditions(h).Any(c => c.StartsWith("BackendsDiscovered=False", StringComparison.Ordinal)), "the condition");
        OperatorWorld.Message(hub, "BackendsDiscovered")!.ShouldContain("team");
        await world.SettleAsync();

        // At rest: nothing is planned again although something is missing.
        double Reconciles() => world.Operator.Metrics.Text().Split('\n').Where(l => l.StartsWith("vmcp_operator_reconcile_total{controller=\"virtualmcpserver\"", StringComparison.Ordinal)).Sum(l => double.Parse(l.Split(' ')[1], null));
        double before = Reconciles();
        await Task.Delay(TimeSpan.FromSeconds(2), OperatorWorld.Token);
        (Reconciles() - before).ShouldBeLessThanOrEqualTo(1);

        await world.ApplyAsync(Fixtures.Backend("beta"));
        world.Pods.Default = ScriptedPods.Status(ScriptedPods.Backend("beta", "healthy"));
        await world.ConfigHasAsync("beta");
        await world.UntilAsync(world.HubAsync, h => OperatorWorld.Conditions(h).Any(c => c.StartsWith("BackendsDiscovered=True", StringComparison.Ordinal)), "recovery");
    }

    [Fact]
    [Trait("Scenario", "LIVE-03")]
    public async Task A_backend_that_moves_leaves_one_server_and_joins_the_other()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Group("other") + Fixtures.Backend("alpha") + Fixtures.Backend("beta") + Fixtures.Backend("gamma", "other")
            + Fixtures.Hub("inline") + Fixtures.Hub("inline", name: "hub2", group: "other"));
        await world.ConfigHasAsync("alpha");
        await world.UntilAsync(() => world.ConfigAsync("hub2"), c => c.Contains("gamma", StringComparison.Ordinal), "hub2");

        await world.ApplyAsync(Fixtures.Backend("alpha", "other"));

        await world.ConfigHasAsync("alpha", has: false);
        await world.UntilAsync(() => world.ConfigAsync("hub2"), c => c.Contains("alpha", StringComparison.Ordinal), "alpha at hub2");
        KubeObject team = await world.UntilAsync(() => world.MustGetAsync(ToolHive.MCPGroup, "team"), g => g.At("status", "serverCount")?.GetInt32() == 1, "the group's count");
        team.At("status", "servers")!.Value[0].GetString().ShouldBe("beta");
    }

    [Theory]
    [InlineData("discovered")]
    [InlineData("inline")]
    [Trait("Scenario", "DISC-05")]
    public async Task Members_of_other_groups_and_namespaces_are_served_told_and_opened_by_nobody(string source)
    {
        string delta = Fixtures.Backend("delta", auth: "key-delta").Replace("{name: delta}", "{name: delta, namespace: demo2}", StringComparison.Ordinal);
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Group("other") + Fixtures.Backend("alpha", auth: "key-alpha") + Fixtures.Backend("gamma", "other", "key-gamma") + delta
            + string.Concat(new[] { "alpha", "gamma", "delta" }.Select(b => Fixtures.HeaderAuth($"key-{b}", $"s-{b}") + Fixtures.Secret($"s-{b}")))
            + Fixtures.Hub(source));
        world.Pods.Default = ScriptedPods.Status(
            ScriptedPods.Backend("alpha", "healthy"), ScriptedPods.Backend("gamma", "healthy"), ScriptedPods.Backend("delta", "healthy"));
        KubeObject hub = await world.ConditionAsync("Ready=True");
        hub = await world.UntilAsync(world.HubAsync, h => OperatorWorld.Conditions(h).Contains("DiscoveredAuthConfig-alpha=True/ConversionSucceeded"), "the condition of alpha");
        await world.SettleAsync();

        OperatorWorld.Conditions(hub).Count(c => c.StartsWith("DiscoveredAuthConfig-", StringComparison.Ordinal)).ShouldBe(1);
        if (source == "inline")
        {
            (await world.ConfigAsync()).ShouldContain("name: alpha");
            hub = await world.UntilAsync(world.HubAsync, h => h.At("status", "backendCount")?.GetInt32() == 1, "the count");
            hub.At("status", "discoveredBackends")!.Value.EnumerateArray().Select(b => b.GetProperty("name").GetString()).ShouldBe(["alpha"]);
        }
        else
        {
            // Which backends it serves a discovered gateway finds by its rights: kinds of its own namespace, and the Secrets of its own group.
            KubeObject role = await world.MustGetAsync(BuiltIn.Role, "hub-vmcp");
            role.At("rules")!.Value.GetRawText().ShouldContain("""["s-alpha"]""");
            (await world.GetAsync(BuiltIn.ServiceAccount, "hub-vmcp")).ShouldNotBeNull();
            world.Cluster.ObjectsOf(BuiltIn.Role).ShouldHaveSingleItem().Key.Namespace.ShouldBe("demo");
        }

        string everything = await world.ConfigAsync() + (await world.GetAsync(BuiltIn.Role, "hub-vmcp"))?.Body.GetRawText() + (await world.HubAsync()).Body.GetRawText();
        everything.ShouldNotContain("gamma");
        everything.ShouldNotContain("delta");
        world.Cluster.ForgetRequests();
        await world.DeleteAsync(BuiltIn.Secret, "s-gamma");
        await world.SettleAsync();
        world.OperatorWrites.Where(w => w.Type == ToolHive.VirtualMCPServer || w.Type == BuiltIn.Role).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "LIVE-06")]
    public async Task A_deleted_auth_config_withdraws_its_backend_and_its_return_brings_it_back()
    {
        // Only this controller: the one of auth configs would hold the deletion while beta refers to the config.
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta", auth: "key1") + Fixtures.HeaderAuth("key1", "s1") + Fixtures.Secret("s1") + Fixtures.Hub("inline"),
            OperatorWorld.FastOptions with { Controllers = ["virtualmcpserver", "mcpgroup"] });
        await world.ConfigHasAsync("name: beta");
        await world.DeleteAsync(ToolHive.MCPExternalAuthConfig, "key1");
        await world.ConfigHasAsync("name: beta", has: false);
        KubeObject hub = await world.UntilAsync(world.HubAsync, h => OperatorWorld.Conditions(h).Any(c => c.Contains("beta=False", StringComparison.Ordinal)), "the condition of beta");
        hub.Body.GetRawText().ShouldContain("key1");
        await world.ApplyAsync(Fixtures.HeaderAuth("key1", "s1"));
        await world.ConfigHasAsync("name: beta");
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-01")]
    public async Task A_lost_auth_config_or_secret_withdraws_its_backend_and_its_return_brings_it_back()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta", auth: "key1") + Fixtures.HeaderAuth("key1", "s1") + Fixtures.Secret("s1") + Fixtures.Hub("inline"));
        await world.ConditionAsync("Ready=True");
        await world.ConfigHasAsync("name: beta");
        await world.SettleAsync();

        await world.DeleteAsync(BuiltIn.Secret, "s1");
        await world.ConfigHasAsync("name: beta", has: false);
        KubeObject hub = await world.UntilAsync(world.HubAsync, h => OperatorWorld.Conditions(h).Any(c => c.Contains("beta=False", StringComparison.Ordinal)), "the condition of beta");
        hub.Body.GetRawText().ShouldContain("s1");
        (await world.ConfigAsync()).ShouldContain("name: alpha");

        await world.ApplyAsync(Fixtures.Secret("s1"));
        await world.ConfigHasAsync("name: beta");
        await world.UntilAsync(world.HubAsync, h => !OperatorWorld.Conditions(h).Any(c => c.Contains("beta=False", StringComparison.Ordinal)), "a good condition of beta");

        // Its finalizer holds the object while beta refers to it, but a config on its way out is spent.
        await world.MergeAsync(ToolHive.MCPExternalAuthConfig, "key1", """{"spec":{"headerInjection":{"valueSecretRef":{"name":"gone"}}}}""");
        await world.ConfigHasAsync("name: beta", has: false);
        await world.MergeAsync(ToolHive.MCPExternalAuthConfig, "key1", """{"spec":{"headerInjection":{"valueSecretRef":{"name":"s1"}}}}""");
        await world.ConfigHasAsync("name: beta");
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-01")]
    public async Task In_discovered_mode_a_lost_secret_is_told_and_no_pod_restarts()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta", auth: "key1") + Fixtures.HeaderAuth("key1", "s1") + Fixtures.Secret("s1") + Fixtures.Hub("discovered"));
        await world.ConditionAsync("Ready=True");
        await world.SettleAsync();
        long generation = (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation;

        await world.DeleteAsync(BuiltIn.Secret, "s1");
        KubeObject hub = await world.UntilAsync(world.HubAsync, h => OperatorWorld.Conditions(h).Any(c => c.Contains("beta=False", StringComparison.Ordinal)), "the condition of beta");
        hub.Body.GetRawText().ShouldContain("s1");
        await world.ApplyAsync(Fixtures.Secret("s1"));
        await world.UntilAsync(world.HubAsync, h => !OperatorWorld.Conditions(h).Any(c => c.Contains("beta=False", StringComparison.Ordinal)), "a good condition of beta");
        await world.SettleAsync();

        (await world.MustGetAsync(BuiltIn.Deployment, "hub")).Meta.Generation.ShouldBe(generation);
    }

    [Fact]
    [Trait("Scenario", "LIVE-07")]
    public async Task Entries_come_change_and_go()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Group("other") + Fixtures.Backend("alpha") + Fixtures.Hub("inline"));
        await world.ConfigHasAsync("alpha");
        await world.ApplyAsync(Fixtures.Entry("ctx", "https://one.example.com/mcp") + Fixtures.Entry("far", "https://far.example.com/mcp", "other"));
        await world.ConfigHasAsync("https://one.example.com/mcp");
        await world.ApplyAsync(Fixtures.Entry("ctx", "https://two.example.com/mcp"));
        await world.ConfigHasAsync("https://two.example.com/mcp");
        (await world.ConfigAsync()).ShouldNotContain("one.example.com");
        await world.DeleteAsync(ToolHive.MCPServerEntry, "ctx");
        await world.ConfigHasAsync("example.com", has: false);
    }
}
