using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Settings;
using Vmcp.Operator.Tests.Planning;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Objects;

public sealed class AccessTests
{
    private const string Base = """
        {"apiGroups":["toolhive.stacklok.dev"],"resources":["mcpgroups","mcpservers","mcpremoteproxies","mcpserverentries","mcpexternalauthconfigs","mcptoolconfigs"],"verbs":["get","list","watch"]}
        {"apiGroups":["toolhive.stacklok.dev"],"resources":["virtualmcpservers"],"verbs":["get"],"resourceNames":["hub"]}
        {"apiGroups":["toolhive.stacklok.dev"],"resources":["virtualmcpservers/status"],"verbs":["update","patch"],"resourceNames":["hub"]}
        {"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["get","update","patch"],"resourceNames":["hub-vmcp-status"]}
        {"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["create"]}
        """;

    [Fact, Trait("Scenario", "RBAC-01"), Trait("Scenario", "DISC-01")]
    public void A_discovered_gateway_reads_backends_and_writes_only_its_own_status()
    {
        ServerPlan plan = Hub.Server(new VirtualMCPServerSpec()).Plan();

        Rules(plan).ShouldBe(Base);
        plan.Body(BuiltIn.RoleBinding)["roleRef"]!.ToJsonString().ShouldBe("""{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"hub-vmcp"}""");
        plan.Body(BuiltIn.RoleBinding)["subjects"]!.ToJsonString().ShouldBe("""[{"kind":"ServiceAccount","name":"hub-vmcp","namespace":"demo"}]""");
        plan.Config().ShouldContain("source: discovered");
        plan.Config().ShouldNotContain("alpha");
    }

    [Fact, Trait("Scenario", "NEW-RBAC-01")]
    public void Secrets_are_granted_by_name_and_follow_the_members_without_a_new_pod()
    {
        World one = (Hub.World with { Servers = [Hub.Backend("alpha", "key1"), Hub.Backend("beta", "key1")] }).WithAuth("key1", "s1").WithAuth("key2", "s2");
        World two = one with { Servers = [Hub.Backend("alpha", "key2"), Hub.Backend("beta", "key1")] };

        Rules(Hub.Discovered.Plan(one)).ShouldBe(Base + "\n" + """{"apiGroups":[""],"resources":["secrets"],"verbs":["get"],"resourceNames":["s1"]}""");
        Rules(Hub.Discovered.Plan(two)).ShouldBe(Base + "\n" + """{"apiGroups":[""],"resources":["secrets"],"verbs":["get"],"resourceNames":["s1","s2"]}""");
        Hub.Discovered.Plan(two).Template().ToJsonString().ShouldBe(Hub.Discovered.Plan(one).Template().ToJsonString());
    }

    [Fact]
    public void No_rule_that_reads_Secrets_or_ConfigMaps_is_without_names()
    {
        foreach (World world in (World[])[Hub.World, Hub.World.WithAuth("key1", "s1"), Hub.World with { Servers = [] }])
        {
            foreach (JsonNode? rule in Hub.Discovered.Plan(world).Body(BuiltIn.Role)["rules"]!.AsArray())
            {
                if ((string)rule!["apiGroups"]![0]! == "")
                    rule["resourceNames"]!.AsArray().Count.ShouldBeGreaterThan(0);
            }
        }
    }

    [Fact]
    public void Broad_reading_is_a_choice_of_the_operator()
    {
        Rules(Hub.Discovered.Plan(settings: OperatorSettings.Default with { BroadSecretRead = true })).ShouldBe(
            Base + "\n" + """{"apiGroups":[""],"resources":["configmaps","secrets"],"verbs":["get","list","watch"]}""");
    }

    [Fact, Trait("Scenario", "RBAC-02")]
    public void An_inline_gateway_has_no_rights_at_all()
    {
        ServerPlan plan = Hub.Inline.Plan(Hub.World.WithAuth("key1", "s1"));

        plan.Find(BuiltIn.Role).ShouldBeNull();
        plan.Find(BuiltIn.RoleBinding).ShouldBeNull();
        plan.Find(BuiltIn.ServiceAccount).ShouldNotBeNull();
    }

    [Theory, Trait("Scenario", "RBAC-03")]
    [InlineData("discovered")]
    [InlineData("inline")]
    public void With_the_users_account_none_is_made(string mode)
    {
        ServerPlan plan = (mode == "inline" ? Hub.Inline : Hub.Discovered).With(s => s with { ServiceAccount = "custom-sa" }).Plan();

        plan.Objects.Select(o => o.Type.Kind).ShouldBe(["Secret", "ConfigMap", "Service", "Deployment"]);
        ((string)plan.Template()["spec"]!["serviceAccountName"]!).ShouldBe("custom-sa");
        ((bool)plan.Template()["spec"]!["automountServiceAccountToken"]!).ShouldBe(mode == "discovered");
    }

    [Fact, Trait("Scenario", "RBAC-04")]
    public void A_Role_somebody_changed_is_planned_as_it_should_be()
    {
        LiveCluster cluster = new();
        cluster.Settle(() => Hub.Discovered.Plan(Hub.World with { Live = cluster.State }));
        cluster.Get(BuiltIn.Role)["rules"] = new JsonArray();

        Rules(Hub.Discovered.Plan(Hub.World with { Live = cluster.State })).ShouldBe(Base);
        cluster.Settle(() => Hub.Discovered.Plan(Hub.World with { Live = cluster.State }));
        string settled = cluster.Fingerprint();
        cluster.Apply(Hub.Discovered.Plan(Hub.World with { Live = cluster.State }));
        cluster.Fingerprint().ShouldBe(settled);
    }

    private static string Rules(ServerPlan plan) =>
        string.Join('\n', plan.Body(BuiltIn.Role)["rules"]!.AsArray().Select(r => r!.ToJsonString()));
}
