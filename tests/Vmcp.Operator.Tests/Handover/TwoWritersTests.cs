using System.Collections.Concurrent;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Handover;

/// <summary>The real operator and the real status writer of a discovered gateway, in one cluster.</summary>
public sealed class TwoWritersTests
{
    [Fact]
    [Trait("Scenario", "STAT-04")]
    [Trait("Scenario", "LIVE-09")]
    public async Task The_phase_follows_what_the_gateway_says()
    {
        await using OperatorWorld world = await DiscoveredAsync();
        await using ReportingPod pod = new(world, "alpha", "beta");
        await world.ConditionAsync("Ready=True/AllBackendsRoutable");
        (await world.HubAsync()).At("status", "message")!.Value.GetString().ShouldBe("All 2 backends healthy");

        pod.Set("beta", HealthStatus.Unhealthy, 3, FailureCategory.Timeout);
        await world.ConditionAsync("Ready=False/SomeBackendsUnhealthy");
        (await world.PhaseAsync("Degraded")).At("status", "discoveredBackends")!.Value[1].GetProperty("message").GetString().ShouldBe("The backend does not answer in time.");

        pod.Set("alpha", HealthStatus.Unhealthy, 3, FailureCategory.Timeout);
        await world.ConditionAsync("Ready=False/NoRoutableBackends");
        await world.PhaseAsync("Failed");

        pod.Remove("alpha");
        pod.Set("beta", HealthStatus.Unauthenticated);
        pod.Set("gamma", HealthStatus.Healthy);
        KubeObject hub = await world.PhaseAsync("Ready");
        HubHistory.Shown(hub).ShouldBe("beta=unauthenticated gamma=ready, 2");
    }

    [Fact]
    [Trait("Scenario", "NEW-STAT-01")]
    public async Task An_outage_is_one_turn_of_the_phase_and_its_end_another()
    {
        await using OperatorWorld world = await DiscoveredAsync();
        await using ReportingPod pod = new(world, "alpha", "beta");
        await world.ConditionAsync("Ready=True/AllBackendsRoutable");
        await world.SettleAsync();
        await using HubHistory history = await HubHistory.FromNowAsync(world);

        for (int failures = 3; failures < 40; failures++)
        {
            pod.Set(["alpha", "beta"], HealthStatus.Unhealthy, failures, FailureCategory.ConnectionFailed);
            await Task.Delay(30, OperatorWorld.Token);
        }

        await world.PhaseAsync("Failed");
        pod.Set(["alpha", "beta"], HealthStatus.Healthy);
        await world.PhaseAsync("Ready");
        await world.SettleAsync();

        // The first version seen may be the gateway's own, before the operator judged it.
        history.Phases().SkipWhile(p => p == "Ready").ShouldBe(["Failed", "Ready"], string.Join(", ", history.Phases()));
    }

    [Fact]
    [Trait("Scenario", "STAT-07")]
    public async Task A_backend_without_its_credential_degrades_and_takes_no_other_with_it()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(
            Fixtures.Group() + Fixtures.Backend("good") + Fixtures.Backend("bad", auth: "missing-cfg") + Fixtures.Hub("discovered"));
        await using ReportingPod pod = new(world, "good")
        {
            Unserved = [new UnservedBackend("bad", "AuthConfigNotFound", "MCPServer/bad: MCPExternalAuthConfig \"missing-cfg\" does not exist")],
        };

        KubeObject hub = await world.UntilAsync(
            world.HubAsync, h => HubHistory.Shown(h) == "bad=unavailable good=ready, 1" && h.At("status", "phase")?.GetString() == "Degraded", "bad to be listed");

        hub.At("status", "discoveredBackends")!.Value[0].GetProperty("message").GetString()!.ShouldContain("missing-cfg");
        OperatorWorld.Conditions(hub).ShouldContain("DiscoveredAuthConfig-bad=False/ConversionFailed");
        OperatorWorld.Conditions(hub).ShouldContain("BackendsHealthy=False/SomeBackendsUnhealthy");
    }

    [Fact]
    [Trait("Scenario", "STAT-09")]
    public async Task A_conflict_at_every_first_try_loses_no_half()
    {
        await using OperatorWorld world = await DiscoveredAsync();
        ConcurrentDictionary<string, int> tries = new(StringComparer.Ordinal);
        world.Cluster.Before = (request, _) =>
            request.Subresource == "status" && request.Type == ToolHive.VirtualMCPServer && tries.AddOrUpdate(request.Manager, 1, (_, n) => n + 1) % 2 == 1
                ? throw new KubeException(KubeError.Conflict, "the object has been modified")
                : Task.CompletedTask;
        await using ReportingPod pod = new(world, "alpha", "beta");

        for (int i = 0; i < 3; i++)
        {
            pod.Set("beta", HealthStatus.Unhealthy, 3);
            await world.PhaseAsync("Degraded");
            await world.MergeAsync(ToolHive.VirtualMCPServer, "hub", $$"""{"spec":{"replicas":{{i + 1}} } }""");
            pod.Set("beta", HealthStatus.Healthy);
            await world.PhaseAsync("Ready");
        }

        KubeObject hub = await world.UntilAsync(
            world.HubAsync, h => h.At("status", "observedGeneration")!.Value.GetInt64() == h.Meta.Generation, "the newest generation");
        HubHistory.Shown(hub).ShouldBe("alpha=ready beta=ready, 2");
        string[] conditions = ["BackendsDiscovered", "BackendsHealthy", "GroupRefValidated", "Ready", "Valid"];
        conditions.Except(OperatorWorld.Conditions(hub).Select(c => c.Split('=')[0])).ShouldBeEmpty();
        tries["vmcp-operator"].ShouldBeGreaterThan(2);
        tries["vmcp-runtime"].ShouldBeGreaterThan(2);
        world.Log.Lines.ShouldNotContain(l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gateway_at_rest_and_its_operator_write_nothing()
    {
        await using OperatorWorld world = await DiscoveredAsync();
        await using ReportingPod pod = new(world, "alpha", "beta");
        await world.ConditionAsync("Ready=True/AllBackendsRoutable");
        await world.SettleAsync();
        world.Cluster.ForgetRequests();

        await Task.Delay(1500, OperatorWorld.Token);

        world.Cluster.Writes.Where(w => w.Type != BuiltIn.Lease && w.Manager.Length > 0).ShouldBeEmpty();
    }

    private static async Task<OperatorWorld> DiscoveredAsync()
    {
        OperatorWorld world = await OperatorWorld.StartAsync(Fixtures.Group() + Fixtures.Backend("alpha") + Fixtures.Backend("beta") + Fixtures.Hub("discovered"));
        await world.PhaseAsync("Ready");
        return world;
    }
}
