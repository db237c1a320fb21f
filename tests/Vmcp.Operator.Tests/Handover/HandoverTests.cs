using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Handover;

public sealed class HandoverTests
{
    [Fact]
    [Trait("Scenario", "SWITCH-04")]
    public async Task A_switch_and_back_hands_the_backends_over_without_a_gap()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta") + Fixtures.Hub("inline"));
        KubeObject inline = await world.UntilAsync(world.HubAsync, h => HubHistory.Shown(h) == "alpha=ready beta=ready, 2", "the pods' words");
        await world.ConditionAsync("Ready=True/AllBackendsRoutable");
        await world.SettleAsync();
        await using HubHistory history = await HubHistory.FromNowAsync(world);

        await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"spec":{"outgoingAuth":{"source":"discovered"}}}""");
        await world.UntilAsync(world.HubAsync, h => h.At("status", "mode")?.GetString() == "discovered", "mode discovered");
        await using (ReportingPod pod = new(world, "alpha", "beta"))
        {
            await world.ConditionAsync("ModeTransition=False/Complete");
            KubeObject discovered = await world.UntilAsync(world.HubAsync, h => Generation(h) == h.Meta.Generation, "the gateway's own words");
            // Equal facts give equal bytes, whoever writes them.
            discovered.At("status", "discoveredBackends")!.Value.GetRawText().ShouldBe(inline.At("status", "discoveredBackends")!.Value.GetRawText());

            await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", """{"spec":{"outgoingAuth":{"source":"inline"}}}""");
            await world.UntilAsync(() => world.GetAsync(BuiltIn.Role, "hub-vmcp"), r => r is null, "the Role's removal");
        }

        await world.ConditionAsync("ModeTransition=False/Complete");
        await world.UntilAsync(world.HubAsync, h => Generation(h) == h.Meta.Generation, "the operator's words");
        await world.SettleAsync();
        history.Phases().ShouldBe(["Ready"]);
        world.Pods.Default = ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy"), ScriptedPods.Backend("beta", "unhealthy", 3, "timeout"));
        await world.UntilAsync(world.HubAsync, h => HubHistory.Shown(h) == "alpha=ready beta=unavailable, 1", "the operator to poll again");

        history.Backends().ShouldBe(["alpha=ready beta=ready, 2", "alpha=ready beta=unavailable, 1"]);
    }

    // Which spec the runtime's half is about.
    private static long Generation(KubeObject hub) =>
        Resources.Status.StatusBodies.Condition(hub, "BackendsHealthy") is { } c && c.TryGetProperty("observedGeneration", out var g) ? g.GetInt64() : 0;
}
