using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Tests.Planning;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Switching;

public sealed class ModeSwitchTests
{
    [Fact, Trait("Scenario", "SWITCH-01")]
    public void To_inline_rights_stay_until_the_last_pod_that_uses_them_is_gone()
    {
        LiveCluster cluster = Settled(Hub.Discovered);
        string rules = cluster.Get(BuiltIn.Role)["rules"]!.ToJsonString();

        ServerPlan first = Plan(Hub.Inline, cluster);
        first.Config().ShouldContain("alpha");
        first.Body(BuiltIn.Role)["rules"]!.ToJsonString().ShouldBe(rules);
        first.Removals.ShouldBeEmpty();
        first.Status.Mode.ShouldBe("inline");
        first.Condition("ModeTransition").ShouldNotBeNull().ShouldSatisfyAllConditions(
            c => c.Status.ShouldBe("True"),
            c => c.Reason.ShouldBe("Progressing"),
            c => c.Message.ShouldContain("Deployment hub to be written"),
            c => c.Message.ShouldContain("1 pod of mode discovered to end (hub-"));
        first.RecheckAfter.ShouldNotBeNull();
        cluster.Apply(first);

        int held = 0;
        while (cluster.Step())
        {
            ServerPlan plan = Plan(Hub.Inline, cluster);
            bool oldPod = cluster.State.Pods.Any(p => p.Meta.Annotations["toolhive.stacklok.dev/mode"] == "discovered");
            if (oldPod)
            {
                held++;
                plan.Removals.ShouldBeEmpty();
                plan.Condition("ModeTransition")!.Status.ShouldBe("True");
            }
        }

        held.ShouldBeGreaterThan(1);
        ServerPlan last = Plan(Hub.Inline, cluster);
        last.Removals.Select(r => r.Type.Kind).ShouldBe(["RoleBinding", "Role"]);
        last.Find(BuiltIn.Role).ShouldBeNull();
        last.Condition("ModeTransition")!.Message.ShouldContain("Role and RoleBinding hub-vmcp to be removed");
        cluster.Apply(last);
        ServerPlan after = Plan(Hub.Inline, cluster);
        after.Condition("ModeTransition").ShouldBe(new PlannedCondition("ModeTransition", "False", "Complete", "No switch goes on; the mode is inline."));
        after.Removals.ShouldBeEmpty();
        after.RecheckAfter.ShouldBeNull();
    }

    [Fact]
    public void A_pod_that_is_terminating_still_needs_its_rights()
    {
        LiveCluster cluster = Settled(Hub.Discovered);
        cluster.Apply(Plan(Hub.Inline, cluster));
        while (cluster.State.Pods.All(p => p.Meta.DeletionTimestamp is null))
            cluster.Step().ShouldBeTrue();

        Plan(Hub.Inline, cluster).Removals.ShouldBeEmpty();
        Plan(Hub.Inline, cluster).Find(BuiltIn.Role).ShouldNotBeNull();
    }

    [Fact]
    public void Rights_stay_while_the_Deployment_could_still_make_a_pod_that_needs_them()
    {
        LiveCluster cluster = Settled(Hub.Discovered);
        LiveState between = cluster.State with { Pods = [] };

        ServerPlan unwritten = Hub.Inline.Plan(Hub.World with { Live = between });
        unwritten.Removals.ShouldBeEmpty();
        unwritten.Find(BuiltIn.Role).ShouldNotBeNull();

        cluster.Apply(Plan(Hub.Inline, cluster));
        ServerPlan unseen = Hub.Inline.Plan(Hub.World with { Live = cluster.State with { Pods = [] } });
        unseen.Removals.ShouldBeEmpty("the Deployment's controller has not seen the new template yet");
        unseen.Condition("ModeTransition")!.Message.ShouldContain("the rollout of Deployment hub (0 of 1 pods updated)");
    }

    [Fact]
    public void Pods_of_another_operator_are_waited_for_when_they_mount_a_token()
    {
        LiveCluster cluster = Settled(Hub.Inline);
        KubeObject foreign = KubeObject.From(JsonNode.Parse("""{"metadata":{"name":"old"},"spec":{"serviceAccountName":"hub-vmcp"},"status":{"phase":"Running"}}""")!);
        KubeObject harmless = KubeObject.From(JsonNode.Parse("""{"metadata":{"name":"old"},"spec":{"serviceAccountName":"hub-vmcp","automountServiceAccountToken":false},"status":{"phase":"Running"}}""")!);
        KubeObject ended = KubeObject.From(JsonNode.Parse("""{"metadata":{"name":"old"},"spec":{"serviceAccountName":"hub-vmcp"},"status":{"phase":"Failed"}}""")!);

        PlanWithPod(foreign).Removals.ShouldBeEmpty();
        PlanWithPod(harmless).Removals.Select(r => r.Type.Kind).ShouldBe(["RoleBinding", "Role"]);
        PlanWithPod(ended).Removals.Select(r => r.Type.Kind).ShouldBe(["RoleBinding", "Role"]);

        ServerPlan PlanWithPod(KubeObject pod)
        {
            LiveState state = cluster.State;
            ServerPlan discovered = Hub.Discovered.Plan();
            foreach (ResourceType type in (ResourceType[])[BuiltIn.Role, BuiltIn.RoleBinding])
                state = state with { Children = state.Children.SetItem(new ChildRef(type, "hub-vmcp"), KubeObject.From(discovered.Body(type))) };
            return Hub.Inline.Plan(Hub.World with { Live = state with { Pods = state.Pods.Add(pod) } });
        }
    }

    [Fact, Trait("Scenario", "SWITCH-02")]
    public void To_discovered_rights_are_written_before_configuration_and_pods()
    {
        LiveCluster cluster = Settled(Hub.Inline);
        cluster.Has(BuiltIn.Role).ShouldBeFalse();

        ServerPlan plan = Plan(Hub.Discovered, cluster);

        string[] order = [.. plan.Objects.Select(o => o.Type.Kind)];
        Array.IndexOf(order, "Role").ShouldBeLessThan(Array.IndexOf(order, "ConfigMap"));
        Array.IndexOf(order, "RoleBinding").ShouldBeLessThan(Array.IndexOf(order, "Deployment"));
        plan.Config().ShouldNotContain("alpha");
        plan.Condition("ModeTransition")!.Status.ShouldBe("True");
        cluster.Settle(() => Plan(Hub.Discovered, cluster));
        Plan(Hub.Discovered, cluster).Condition("ModeTransition")!.Reason.ShouldBe("Complete");
        string template = Plan(Hub.Discovered, cluster).Template().ToJsonString();
        Hub.Discovered.Plan(Hub.World with { Servers = [Hub.Backend("gamma")], Live = cluster.State }).Template().ToJsonString().ShouldBe(template);
    }

    [Fact, Trait("Scenario", "SWITCH-03")]
    public void Without_outgoingAuth_the_mode_is_discovered()
    {
        LiveCluster cluster = Settled(Hub.Inline);
        VirtualMCPServer none = Hub.Server(new VirtualMCPServerSpec());
        VirtualMCPServer empty = Hub.Server(new VirtualMCPServerSpec { OutgoingAuth = new OutgoingAuthSpec() });

        foreach (VirtualMCPServer server in (VirtualMCPServer[])[none, empty])
        {
            ServerPlan plan = Plan(server, cluster);
            plan.Objects.Select(o => o.Body.ToJsonString()).ShouldBe(Plan(Hub.Discovered, cluster).Objects.Select(o => o.Body.ToJsonString()));
            plan.Status.Mode.ShouldBe("discovered");
            plan.Status.Conditions.ShouldNotContain(c => c.Type.Contains("AuthConfig-", StringComparison.Ordinal));
        }
    }

    [Fact, Trait("Scenario", "SWITCH-04")]
    public void A_switch_and_back_keeps_names_address_and_Secret()
    {
        LiveCluster cluster = Settled(Hub.Discovered);
        string secret = cluster.Get(BuiltIn.Secret).ToJsonString();
        string service = cluster.Get(BuiltIn.Service).ToJsonString();
        string account = (string)cluster.Get(BuiltIn.ServiceAccount)["metadata"]!["uid"]!;
        string? url = Plan(Hub.Discovered, cluster).Status.Url;
        url.ShouldBe("http://vmcp-hub.demo.svc.cluster.local:4483");
        string before = Bodies(Plan(Hub.Discovered, cluster));

        cluster.Settle(() => Plan(Hub.Inline, cluster));
        Plan(Hub.Inline, cluster).Status.Url.ShouldBe(url);
        cluster.Settle(() => Plan(Hub.Discovered, cluster));

        cluster.Get(BuiltIn.Secret).ToJsonString().ShouldBe(secret);
        cluster.Get(BuiltIn.Service).ToJsonString().ShouldBe(service);
        ((string)cluster.Get(BuiltIn.ServiceAccount)["metadata"]!["uid"]!).ShouldBe(account);
        Bodies(Plan(Hub.Discovered, cluster)).ShouldBe(before);
    }

    [Fact]
    public void A_crash_at_any_write_of_a_switch_leaves_no_pod_without_rights_and_ends_the_same()
    {
        string inlineEnd = Kinds(Settled(Hub.Inline));
        string discoveredEnd = Kinds(Settled(Hub.Discovered));
        Random random = new(7);
        for (int run = 0; run < 30; run++)
        {
            bool toInline = run % 2 == 0;
            (VirtualMCPServer from, VirtualMCPServer to) = toInline ? (Hub.Discovered, Hub.Inline) : (Hub.Inline, Hub.Discovered);
            LiveCluster cluster = Settled(from);
            for (int step = 0; step < 40; step++)
            {
                // Each plan is made anew from what exists, and the process dies after some of its writes.
                cluster.Apply(Plan(random.Next(4) == 0 && step < 15 ? from : to, cluster), random.Next(4));
                cluster.PodsWithoutRights().ShouldBeEmpty($"run {run}, step {step}");
                for (int i = random.Next(3); i > 0; i--)
                    cluster.Step();
                cluster.PodsWithoutRights().ShouldBeEmpty($"run {run}, step {step}");
            }

            cluster.Settle(() => Plan(to, cluster));
            Kinds(cluster).ShouldBe(toInline ? inlineEnd : discoveredEnd);
            Plan(to, cluster).Condition("ModeTransition")!.Status.ShouldBe("False");
        }
    }

    [Fact]
    public void With_an_account_of_the_users_ours_and_its_rights_go_after_the_last_pod()
    {
        LiveCluster cluster = Settled(Hub.Discovered);
        VirtualMCPServer own = Hub.Discovered.With(s => s with { ServiceAccount = "custom-sa" });

        ServerPlan first = Plan(own, cluster);
        first.Removals.ShouldBeEmpty();
        first.Objects.Select(o => o.Type.Kind).ShouldContain("ServiceAccount");
        cluster.Settle(() => Plan(own, cluster));

        Kinds(cluster).ShouldBe("ConfigMap,Deployment,Secret,Service");
    }

    [Fact]
    public void A_stuck_rollout_to_inline_keeps_the_rights()
    {
        LiveCluster cluster = Settled(Hub.Discovered);
        cluster.Apply(Plan(Hub.Inline, cluster));
        while (cluster.Step(newPodsGetReady: false))
        {
        }

        ServerPlan plan = Plan(Hub.Inline, cluster);
        plan.Removals.ShouldBeEmpty();
        plan.Condition("ModeTransition")!.Status.ShouldBe("True");
        plan.Status.Backends.ShouldBeNull("the discovered pod still writes its part itself");
    }

    private static LiveCluster Settled(VirtualMCPServer server)
    {
        LiveCluster cluster = new();
        cluster.Settle(() => Plan(server, cluster));
        return cluster;
    }

    private static ServerPlan Plan(VirtualMCPServer server, LiveCluster cluster) => server.Plan(Hub.World with { Live = cluster.State });

    private static string Kinds(LiveCluster cluster) =>
        string.Join(',', cluster.State.Children.Keys.Select(c => c.Type.Kind).Order(StringComparer.Ordinal));

    private static string Bodies(ServerPlan plan) => string.Join('\n', plan.Objects.Select(o => o.Body.ToJsonString()));
}
