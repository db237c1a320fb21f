using Vmcp.KubeKit.Audit;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

public sealed class RestartTests
{
    private static readonly string[] Discovered = ["d1", "d2", "d3", "d4", "d5"];
    private static readonly string[] Inline = ["i1", "i2", "i3", "i4", "i5"];

    [Fact]
    [Trait("Scenario", "NEW-RST-01")]
    public async Task An_operator_that_was_away_leaves_discovered_pods_alone_and_catches_up_with_inline_ones()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(ApiServerOptions.AuditEveryRequest);
        TestProcess first = world.StartOperator();
        await world.GroupAsync("team", "alpha");
        foreach (string name in Discovered)
            await world.ServerAsync(name, "team", "discovered");
        foreach (string name in Inline)
            await world.ServerAsync(name, "team", "inline");
        foreach (string name in Discovered)
            await world.RunsAsync(name, "discovered");
        foreach (string name in Inline)
            await world.RunsAsync(name, "inline");
        await first.SignalAsync(15);
        (await first.WaitForExitAsync()).ShouldBe(0, string.Join('\n', first.Lines.TakeLast(20)));
        (await world.Admin.GetAsync(BuiltIn.Lease, new ObjectKey("vmcp-system", "toolhive-operator-leader-election"), default))!
            .At("spec", "holderIdentity")?.GetString().ShouldBe("", "the lease was given back");
        Dictionary<string, (long Generation, string Pod)> before = await LookAsync(world, Discovered);

        await world.MemberAsync("team", "beta");
        int audited = (await world.Server.ReadAuditAsync()).Count;
        world.StartOperator();

        foreach (string name in Inline)
        {
            await Eventually.BecomesAsync(
                async () => (await world.FindAsync(BuiltIn.ConfigMap, $"{name}-vmcp-config"))!.Body.GetRawText().Contains("name: beta", StringComparison.Ordinal),
                $"{name} has beta",
                TimeSpan.FromMinutes(2));
            await world.RunsAsync(name, "inline");
        }

        (await LookAsync(world, Discovered)).ShouldBe(before);
        AuditEvent[] writes = [.. (await world.Server.ReadAuditAsync()).Skip(audited).Where(e => e.IsWrite && e.User.EndsWith(":vmcp-operator", StringComparison.Ordinal))];
        foreach (string name in Discovered)
            writes.Count(e => e.Resource == ToolHive.VirtualMCPServer.Plural && e.Name == name).ShouldBeLessThanOrEqualTo(1, name);
        writes.Where(e => e.Resource == "deployments").Select(e => e.Name).ShouldBe(Inline, ignoreOrder: true);
    }

    [Fact]
    [Trait("Scenario", "NEW-INL-03")]
    public async Task Losing_the_last_backend_is_told_and_finding_one_again_heals()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        world.StartOperator();
        await world.GroupAsync("team", "alpha");
        await world.ServerAsync("hub", "team", "inline");
        await world.RunsAsync("hub", "inline");
        KubeObject deployment = (await world.FindAsync(BuiltIn.Deployment, "hub"))!;

        await world.Admin.DeleteAsync(ToolHive.MCPServer, world.Key("alpha"), DeleteOptions.Default, default);

        VirtualMCPServer alone = await Eventually.ReadsAsync(
            () => world.ReadServerAsync("hub"),
            s => s.Status.BackendCount == 0 && s.Status.Conditions.Any(c => c.Type == "BackendsDiscovered" && c.Status == "False"),
            "the loss is told",
            TimeSpan.FromMinutes(1));
        alone.Status.DiscoveredBackends.ShouldBeEmpty();
        alone.Status.Conditions.Single(c => c.Type == "BackendsDiscovered").Message.ShouldContain("team");
        (await world.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation.ShouldBe(deployment.Meta.Generation);

        await world.MemberAsync("team", "beta");

        await Eventually.BecomesAsync(
            async () => (await world.ReadServerAsync("hub")).Status.DiscoveredBackends.Any(b => b.Name == "beta" && b.Status == "ready"),
            "beta is served",
            TimeSpan.FromMinutes(2));
    }

    private static async Task<Dictionary<string, (long Generation, string Pod)>> LookAsync(OperatorWorld world, string[] servers)
    {
        Dictionary<string, (long, string)> seen = [];
        foreach (string name in servers)
        {
            KubeObject deployment = (await world.FindAsync(BuiltIn.Deployment, name))!;
            ObjectPage pods = await world.Admin.ListAsync(
                BuiltIn.Pod, new ListOptions { Namespace = world.Namespace, LabelSelector = $"toolhive-name={name}" }, default);
            seen[name] = (deployment.Meta.Generation, pods.Items.Single().Meta.Uid);
        }

        return seen;
    }
}
