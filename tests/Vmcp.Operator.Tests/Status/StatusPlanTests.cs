using System.Text.Json.Nodes;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Tests.Planning;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Status;

public sealed class StatusPlanTests
{
    [Fact, Trait("Scenario", "STAT-06")]
    public void A_server_is_pending_while_its_pod_starts_and_ready_after()
    {
        LiveCluster cluster = new();
        Status(Hub.Discovered, cluster).Message.ShouldBe("No pods yet");
        cluster.Apply(Hub.Discovered.Plan());
        cluster.Step(newPodsGetReady: false);
        StatusPlan starting = Status(Hub.Discovered, cluster);
        starting.Phase.ShouldBe("Pending");
        Ready(starting).ShouldBe(("False", "DeploymentNotReady"));

        while (cluster.Step())
        {
        }

        StatusPlan running = Status(Hub.Discovered, cluster);
        running.Phase.ShouldBe("Ready");
        Ready(running).ShouldBe(("True", "DeploymentReady"));
        running.ObservedGeneration.ShouldBe(7);
        running.Url.ShouldBe("http://vmcp-hub.demo.svc.cluster.local:4483");
        running.Mode.ShouldBe("discovered");
        running.Backends.ShouldBeNull("a discovered gateway writes that part itself");

        cluster.Pod(0)["status"] = JsonNode.Parse("""{"phase":"Failed","reason":"Evicted","conditions":[{"type":"Ready","status":"False"}]}""");
        StatusPlan failed = Status(Hub.Discovered, cluster);
        failed.Phase.ShouldBe("Failed");
        Ready(failed).ShouldBe(("False", "DeploymentFailed"));
        failed.Message.ShouldContain("(Evicted)");
    }

    [Theory, Trait("Scenario", "STAT-04"), Trait("Scenario", "NEW-STAT-01")]
    [InlineData("ready", "ready", "Ready", "AllBackendsRoutable", "All 2 backends healthy")]
    [InlineData("ready", "unavailable", "Degraded", "SomeBackendsUnhealthy", "1 of 2 backends healthy; not healthy: beta (unavailable)")]
    [InlineData("unavailable", "unavailable", "Failed", "NoRoutableBackends", "None of 2 backends can be reached: alpha (unavailable), beta (unavailable)")]
    [InlineData("unknown", "unknown", "Pending", "BackendsPending", "Waiting for the first health check of 2 of 2 backends")]
    public void Both_modes_decide_the_phase_by_the_same_rule(string alpha, string beta, string phase, string reason, string message)
    {
        foreach (VirtualMCPServer server in (VirtualMCPServer[])[Hub.Discovered, Hub.Inline])
        {
            LiveCluster cluster = Settled(server);
            World world = Hub.World with { Observed = [Hub.Saw("alpha", alpha), Hub.Saw("beta", beta)], Live = cluster.State };

            StatusPlan status = server.Plan(world).Status;

            status.Phase.ShouldBe(phase);
            status.Message.ShouldBe(message);
            Ready(status).ShouldBe((phase == "Ready" ? "True" : "False", reason));
        }
    }

    [Fact, Trait("Scenario", "STAT-05"), Trait("Scenario", "INL-03")]
    public void In_inline_mode_the_operator_writes_what_the_pods_said_and_what_it_left_out()
    {
        LiveCluster cluster = Settled(Hub.Inline);
        World world = (Hub.World with
        {
            Servers = [Hub.Backend("alpha", "key1"), Hub.Backend("beta", "missing"), Hub.Backend("gamma"), Hub.Backend("delta")],
            Observed =
            [
                Hub.Saw("alpha", "ready") with { McpRevision = "2025-11-25", ConsecutiveFailures = 0 },
                Hub.Saw("beta", "ready"),
                Hub.Saw("gamma", "unauthenticated"),
                Hub.Saw("left", "ready"),
            ],
            Live = cluster.State,
        }).WithAuth("key1", "s1");

        StatusPlan status = Hub.Inline.Plan(world).Status;

        BackendStatusPlan backends = status.Backends.ShouldNotBeNull();
        backends.Backends.Select(b => $"{b.Observed.Name} {b.Observed.Status}").ShouldBe(["alpha ready", "beta unavailable", "delta unknown", "gamma unauthenticated"]);
        backends.BackendCount.ShouldBe(2);
        BackendStatus alpha = backends.Backends[0];
        alpha.Url.ShouldBe("http://mcp-alpha-proxy.demo.svc.cluster.local:8080/mcp");
        alpha.AuthConfigRef.ShouldBe("key1");
        alpha.AuthSource.ShouldBe("workload");
        alpha.Observed.AuthType.ShouldBe("header_injection");
        alpha.Observed.McpRevision.ShouldBe("2025-11-25");
        backends.Backends[1].Observed.Message!.ShouldContain("missing");
        backends.Backends[1].Observed.Message!.ShouldContain("ConfigNotFound");
        backends.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason}").ShouldBe(
            ["BackendsDiscovered True BackendsDiscovered", "BackendsHealthy False SomeBackendsUnhealthy"]);
        status.Conditions.ShouldNotContain(c => c.Type == "BackendsDiscovered" || c.Type == "BackendsHealthy");
        status.Phase.ShouldBe("Degraded");
    }

    [Fact, Trait("Scenario", "STAT-06"), Trait("Scenario", "INL-03")]
    public void Backends_no_pod_spoke_of_yet_make_no_server_sick()
    {
        LiveCluster cluster = Settled(Hub.Inline);
        World silent = Hub.World with { Live = cluster.State };
        World partly = silent with { Observed = [Hub.Saw("alpha", "ready"), Hub.Saw("left", "unavailable")] };

        StatusPlan before = Hub.Inline.Plan(silent).Status;
        before.Phase.ShouldBe("Ready");
        Ready(before).ShouldBe(("True", "DeploymentReady"));
        before.Backends!.Conditions.Single(c => c.Type == "BackendsHealthy").ShouldSatisfyAllConditions(
            c => c.Status.ShouldBe("Unknown"), c => c.Reason.ShouldBe("BackendsPending"));
        before.Backends.Backends.Select(b => b.Observed.Status).ShouldBe(["unknown", "unknown"]);

        StatusPlan during = Hub.Inline.Plan(partly).Status;
        during.Phase.ShouldBe("Ready");
        during.Message.ShouldBe("All 1 backends healthy");
        during.Backends!.BackendCount.ShouldBe(1);
    }

    [Fact, Trait("Scenario", "NEW-INL-03")]
    public void Losing_the_last_inline_backend_keeps_the_pods_and_says_why()
    {
        LiveCluster cluster = Settled(Hub.Inline);

        ServerPlan plan = Hub.Inline.Plan(Hub.World with { Servers = [], Live = cluster.State });

        plan.Outcome.ShouldBe(PlanOutcome.Hold);
        plan.Status.Backends.ShouldNotBeNull().BackendCount.ShouldBe(0);
        PlannedCondition discovered = plan.Status.Backends!.Conditions.Single(c => c.Type == "BackendsDiscovered");
        discovered.Status.ShouldBe("False");
        discovered.Message.ShouldContain("team");
        plan.Status.Phase.ShouldBe("Degraded");
        plan.Status.Mode.ShouldBe("inline");
    }

    [Fact, Trait("Scenario", "STAT-08")]
    public void Conditions_leave_with_their_cause_and_are_sorted()
    {
        VirtualMCPServer patched = Hub.Discovered.With(s => s with { PodTemplateSpec = Hub.Json("""{"spec":{"nodeSelector":{"disktype":"ssd"}}}""") });

        patched.Plan().Condition("PodTemplateSpecValid")!.ShouldBe(new PlannedCondition("PodTemplateSpecValid", "True", "PodTemplateSpecValid", "PodTemplateSpec is valid"));
        Hub.Discovered.Plan().Condition("PodTemplateSpecValid").ShouldBeNull();
        string[] types = [.. patched.Plan().Status.Conditions.Select(c => c.Type)];
        types.ShouldBe(types.Order(StringComparer.Ordinal));
        types.ShouldBeUnique();
        types.ShouldContain("GroupRefValidated");
        types.ShouldContain("Valid");
    }

    [Fact, Trait("Scenario", "STAT-01")]
    public void Without_its_group_nothing_is_written_and_what_runs_goes_on()
    {
        LiveCluster cluster = Settled(Hub.Discovered);

        ServerPlan plan = Hub.Inline.Plan(Hub.World with { Group = null, Live = cluster.State });

        plan.Outcome.ShouldBe(PlanOutcome.Hold);
        plan.Objects.ShouldBeEmpty();
        plan.Removals.ShouldBeEmpty();
        plan.Status.Phase.ShouldBe("Failed");
        plan.Condition("Ready")!.Reason.ShouldBe("GroupRefNotFound");
        plan.Status.Mode.ShouldBe("discovered", "that is what runs");
        plan.Status.Backends.ShouldBeNull();
        plan.RecheckAfter.ShouldNotBeNull();
    }

    [Fact]
    public void A_pod_of_the_new_template_that_crashes_degrades_the_server_and_is_named()
    {
        LiveCluster cluster = Settled(Hub.Discovered);
        VirtualMCPServer changed = Hub.Discovered.With(s => s with { PassthroughHeaders = ["X-Team"] });
        cluster.Apply(changed.Plan(Hub.World with { Live = cluster.State }));
        cluster.Step(newPodsGetReady: false);
        Status(changed, cluster).Phase.ShouldBe("Ready", "the old pod serves while the new one starts");
        cluster.Pod(1)["status"]!["containerStatuses"] = JsonNode.Parse(
            """[{"name":"vmcp","ready":false,"restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}]""");

        StatusPlan status = Status(changed, cluster);

        status.Phase.ShouldBe("Degraded");
        Ready(status).ShouldBe(("False", "RolloutStuck"));
        status.Message.ShouldBe($"1 pod is ready, but pod {cluster.Pods.Last()}: container vmcp crashes again and again (CrashLoopBackOff; last end: Error, exit code 1)");
    }

    [Fact]
    public void A_name_that_can_have_no_Service_has_no_address()
    {
        VirtualMCPServer dotted = Hub.Discovered with { Metadata = Hub.Discovered.Metadata with { Name = "a.b" } };

        dotted.Plan().Status.Url.ShouldBeNull();
        dotted.Plan().Outcome.ShouldBe(PlanOutcome.Hold);
    }

    private static LiveCluster Settled(VirtualMCPServer server)
    {
        LiveCluster cluster = new();
        cluster.Settle(() => server.Plan(Hub.World with { Live = cluster.State }));
        return cluster;
    }

    private static StatusPlan Status(VirtualMCPServer server, LiveCluster cluster) => server.Plan(Hub.World with { Live = cluster.State }).Status;

    private static (string Status, string Reason) Ready(StatusPlan status)
    {
        PlannedCondition ready = status.Conditions.Single(c => c.Type == "Ready");
        return (ready.Status, ready.Reason);
    }
}
