using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Reconciling;

public sealed class SmallDriverTests
{
    [Fact]
    public async Task A_config_in_use_waits_with_its_deletion_until_the_last_user_is_gone()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha", auth: "key1") + Fixtures.HeaderAuth("key1", "s1") + Fixtures.Secret("s1"));
        await world.UntilAsync(() => world.MustGetAsync(ToolHive.MCPExternalAuthConfig, "key1"), c => c.Meta.Finalizers.Count == 1 && c.At("status", "configHash") is not null, "status and finalizer");

        await world.DeleteAsync(ToolHive.MCPExternalAuthConfig, "key1");
        KubeObject held = await world.UntilAsync(
            () => world.MustGetAsync(ToolHive.MCPExternalAuthConfig, "key1"), c => OperatorWorld.Conditions(c).Contains("DeletionBlocked=True/ReferencedByWorkloads"), "the block");
        OperatorWorld.Message(held, "DeletionBlocked")!.ShouldContain("MCPServer/alpha");

        await world.DeleteAsync(ToolHive.MCPServer, "alpha");
        await world.UntilAsync(() => world.GetAsync(ToolHive.MCPExternalAuthConfig, "key1"), c => c is null, "its end");
    }

    [Fact]
    public async Task An_entry_turns_valid_when_its_group_comes_and_its_secret_is_there()
    {
        const string Entry = """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServerEntry
            metadata: {name: ent}
            spec:
              groupRef: {name: team}
              remoteUrl: https://mcp.example.com/mcp
              transport: streamable-http
              headerForward: {addHeadersFromSecret: [{headerName: X-A, valueSecretRef: {name: s1, key: token}}]}
            """;
        await using OperatorWorld world = await OperatorWorld.StartAsync(Entry);
        await PhaseAsync(world, "Failed");
        await world.ApplyAsync(Fixtures.Group());
        await world.ApplyAsync(Fixtures.Secret("s1"));
        await PhaseAsync(world, "Valid");
        await world.DeleteAsync(BuiltIn.Secret, "s1");
        KubeObject entry = await PhaseAsync(world, "Failed");
        entry.Body.GetRawText().ShouldContain("s1");
    }

    [Fact]
    public async Task A_second_pass_over_settled_objects_writes_nothing()
    {
        OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha", auth: "key1") + Fixtures.HeaderAuth("key1", "s1") + Fixtures.Secret("s1") + Fixtures.Entry("ent", "https://mcp.example.com/mcp"));
        await PhaseAsync(world, "Valid");
        await world.SettleAsync();
        await world.StopAsync();
        world.Cluster.ForgetRequests();
        await using OperatorWorld again = await OperatorWorld.OverAsync(world);
        await again.UntilAsync(() => Task.FromResult(new[] { "mcpgroup", "mcpserverentry", "mcpexternalauthconfig" }.Min(c => again.Operator.Metrics.Reconciles(c, "success"))), n => n >= 1, "passes over all three");
        await again.SettleAsync();
        again.OperatorWrites.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_last_member_of_a_group_can_go_and_come_back()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha"));
        Task<KubeObject> CountAsync(int count) =>
            world.UntilAsync(() => world.MustGetAsync(ToolHive.MCPGroup, "team"), g => g.At("status", "serverCount")?.GetInt32() == count, $"{count} members");
        await CountAsync(1);
        await world.DeleteAsync(ToolHive.MCPServer, "alpha");
        (await CountAsync(0)).At("status", "servers")!.Value.GetArrayLength().ShouldBe(0);
        await world.ApplyAsync(Fixtures.Backend("alpha"));
        (await CountAsync(1)).At("status", "servers")!.Value.GetArrayLength().ShouldBe(1);
    }

    private static Task<KubeObject> PhaseAsync(OperatorWorld world, string phase) =>
        world.UntilAsync(() => world.MustGetAsync(ToolHive.MCPServerEntry, "ent"), e => e.At("status", "phase")?.GetString() == phase, phase);
}
