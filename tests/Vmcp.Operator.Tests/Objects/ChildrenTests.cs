using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Settings;
using Vmcp.Operator.Tests.Planning;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Objects;

public sealed class ChildrenTests
{
    [Fact]
    public void Children_are_written_rights_first_and_the_Deployment_after_all_it_mounts()
    {
        Hub.Discovered.With(s => s with { Replicas = 2 }).Plan().Objects.Select(o => $"{o.Type.Kind}/{o.Name}").ShouldBe(
        [
            "ServiceAccount/hub-vmcp", "Role/hub-vmcp", "RoleBinding/hub-vmcp", "Secret/hub-hmac-secret", "ConfigMap/hub-vmcp-config",
            "Service/vmcp-hub", "Deployment/hub", "PodDisruptionBudget/hub-vmcp",
        ]);
        Hub.Inline.Plan().Objects.Select(o => o.Type.Kind).ShouldBe(["ServiceAccount", "Secret", "ConfigMap", "Service", "Deployment"]);
    }

    [Fact]
    public void Every_child_is_owned_by_the_server_and_nobody_else()
    {
        foreach (DesiredObject child in Hub.Discovered.With(s => s with { Replicas = 3 }).Plan().Objects)
        {
            child.Body["metadata"]!["ownerReferences"]!.ToJsonString().ShouldBe(
                """[{"apiVersion":"toolhive.stacklok.dev/v1beta1","kind":"VirtualMCPServer","name":"hub","uid":"uid-hub","controller":true,"blockOwnerDeletion":true}]""");
            ((string)child.Body["metadata"]!["namespace"]!).ShouldBe("demo");
            ((string)child.Body["apiVersion"]!).ShouldBe(child.Type.ApiVersion);
            ((string)child.Body["kind"]!).ShouldBe(child.Type.Kind);
        }
    }

    [Fact, Trait("Scenario", "CM-01")]
    public void The_ConfigMap_carries_the_documented_name_labels_and_checksum()
    {
        ServerPlan plan = Hub.Discovered.Plan();
        JsonNode metadata = plan.Body(BuiltIn.ConfigMap)["metadata"]!;

        ((string)metadata["name"]!).ShouldBe("hub-vmcp-config");
        metadata["labels"]!.ToJsonString().ShouldBe(
            """{"toolhive.stacklok.io/component":"vmcp-config","toolhive.stacklok.io/virtual-mcp-server":"hub","toolhive.stacklok.io/managed-by":"toolhive-operator"}""");
        string expected = Hex(
            "config.yaml" + plan.Config()
            + "toolhive.stacklok.io/componentvmcp-config" + "toolhive.stacklok.io/managed-bytoolhive-operator" + "toolhive.stacklok.io/virtual-mcp-serverhub");
        ((string)metadata["annotations"]!["toolhive.stacklok.dev/content-checksum"]!).ShouldBe(expected);
        ((string)plan.Template()["metadata"]!["annotations"]!["toolhive.stacklok.dev/runconfig-checksum"]!).ShouldBe(expected);
    }

    [Fact, Trait("Scenario", "CM-03")]
    public void Another_configuration_changes_checksum_template_and_arguments_and_is_told()
    {
        LiveCluster cluster = new();
        cluster.Settle(() => Hub.Discovered.Plan(Hub.World with { Live = cluster.State }));
        ServerPlan before = Hub.Discovered.Plan(Hub.World with { Live = cluster.State });
        VirtualMCPServer debug = Hub.Discovered.With(s => s with { Config = Hub.Json("""{"operational":{"logLevel":"debug"}}""") });

        ServerPlan after = debug.Plan(Hub.World with { Live = cluster.State });

        after.Config().ShouldNotBe(before.Config());
        Annotation(after, "runconfig-checksum").ShouldNotBe(Annotation(before, "runconfig-checksum"));
        Annotation(after, "template-hash").ShouldNotBe(Annotation(before, "template-hash"));
        Texts(after.Container()["args"]).ShouldBe(["serve", "--config=/etc/vmcp-config/config.yaml", "--host=0.0.0.0", "--port=4483", "--debug"]);
        Texts(before.Container()["args"]).ShouldNotContain("--debug");
        before.Events.ShouldBeEmpty();
        after.Events.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            e => e.Reason.ShouldBe("DeploymentUpdated"), e => e.Warning.ShouldBeFalse(), e => e.Action.ShouldBe("UpdateDeployment"));
    }

    [Fact, Trait("Scenario", "SEC-01")]
    public void The_session_Secret_is_created_once_and_its_key_is_left_to_the_applier()
    {
        DesiredObject secret = Hub.Discovered.Plan().Find(BuiltIn.Secret)!;

        secret.Mode.ShouldBe(WriteMode.CreateOnce);
        secret.Name.ShouldBe("hub-hmac-secret");
        ((string)secret.Body["type"]!).ShouldBe("Opaque");
        secret.Body.ContainsKey("data").ShouldBeFalse();
        secret.Body["metadata"]!["labels"]!.ToJsonString().ShouldBe(
            """{"app.kubernetes.io/name":"virtualmcpserver","app.kubernetes.io/instance":"hub","app.kubernetes.io/component":"session-security","app.kubernetes.io/managed-by":"toolhive-operator"}""");
        ((string)secret.Body["metadata"]!["annotations"]!["toolhive.stacklok.dev/purpose"]!).ShouldBe("hmac-secret-for-session-token-binding");
        Hub.Discovered.Plan().Events.Select(e => e.Reason).ShouldBe(["HMACSecretCreated", "ServiceCreated", "DeploymentCreated"]);
    }

    [Theory, Trait("Scenario", "SEC-02")]
    [InlineData("discovered", "kubernetes")]
    [InlineData("inline", "none")]
    public void The_pod_gets_the_session_key_by_reference_and_knows_who_reports(string mode, string reporter)
    {
        JsonArray env = (mode == "inline" ? Hub.Inline : Hub.Discovered).Plan().Container()["env"]!.AsArray();

        Variable(env, "VMCP_SESSION_HMAC_SECRET").ToJsonString().ShouldBe(
            """{"name":"VMCP_SESSION_HMAC_SECRET","valueFrom":{"secretKeyRef":{"name":"hub-hmac-secret","key":"hmac-secret"}}}""");
        ((string)Variable(env, "VMCP_STATUS_REPORTER")["value"]!).ShouldBe(reporter);
        ((string)Variable(env, "VMCP_NAME")["value"]!).ShouldBe("hub");
        ((string)Variable(env, "VMCP_NAMESPACE")["value"]!).ShouldBe("demo");
        env.Select(e => (string)e!["name"]!).ShouldBeUnique();
    }

    [Fact]
    public void The_Service_is_the_documented_one()
    {
        JsonNode spec = Hub.Discovered.Plan().Body(BuiltIn.Service)["spec"]!;

        spec.ToJsonString().ShouldBe("""
            {"type":"ClusterIP","sessionAffinity":"ClientIP",
             "selector":{"app":"virtualmcpserver","app.kubernetes.io/name":"virtualmcpserver","app.kubernetes.io/instance":"hub","toolhive":"true","toolhive-name":"hub"},
             "ports":[{"name":"http","port":4483,"targetPort":4483,"protocol":"TCP","appProtocol":"http"}]}
            """.ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal));
        JsonNode changed = Hub.Discovered.With(s => s with { ServiceType = "NodePort", SessionAffinity = "None" }).Plan().Body(BuiltIn.Service)["spec"]!;
        ((string)changed["type"]!).ShouldBe("NodePort");
        ((string)changed["sessionAffinity"]!).ShouldBe("None");
    }

    [Fact, Trait("Scenario", "SESS-06")]
    public void Replicas_are_written_only_when_the_spec_has_them()
    {
        Hub.Discovered.Plan().Body(BuiltIn.Deployment)["spec"]!.AsObject().ContainsKey("replicas").ShouldBeFalse();
        ((int)Hub.Discovered.With(s => s with { Replicas = 3 }).Plan().Body(BuiltIn.Deployment)["spec"]!["replicas"]!).ShouldBe(3);
        ((int)Hub.Discovered.With(s => s with { Replicas = 0 }).Plan().Body(BuiltIn.Deployment)["spec"]!["replicas"]!).ShouldBe(0);
    }

    [Fact]
    public void A_disruption_budget_exists_exactly_while_there_are_more_replicas_than_one()
    {
        LiveCluster cluster = new();
        VirtualMCPServer two = Hub.Discovered.With(s => s with { Replicas = 2 });
        cluster.Settle(() => two.Plan(Hub.World with { Live = cluster.State }));
        cluster.Get(BuiltIn.PodDisruptionBudget)["spec"]!["maxUnavailable"]!.ToJsonString().ShouldBe("1");

        cluster.Settle(() => Hub.Discovered.With(s => s with { Replicas = 1 }).Plan(Hub.World with { Live = cluster.State }));

        cluster.Has(BuiltIn.PodDisruptionBudget).ShouldBeFalse();
        Hub.Discovered.Plan(Hub.World with { Live = cluster.State }).Removals.ShouldBeEmpty();
    }

    [Fact]
    public void Pull_secrets_of_server_and_operator_are_merged_in_order_on_pod_and_account()
    {
        VirtualMCPServer server = Hub.Discovered.With(s => s with
        {
            ImagePullSecrets = [new() { Name = "b" }, new() { Name = "" }, new() { Name = "a" }],
        });

        ServerPlan plan = server.Plan(settings: OperatorSettings.Default with { ImagePullSecrets = ["a", "c", ""] });

        plan.Template()["spec"]!["imagePullSecrets"]!.ToJsonString().ShouldBe("""[{"name":"b"},{"name":"a"},{"name":"c"}]""");
        plan.Body(BuiltIn.ServiceAccount)["imagePullSecrets"]!.ToJsonString().ShouldBe("""[{"name":"b"},{"name":"a"},{"name":"c"}]""");
        Hub.Discovered.Plan().Template()["spec"]!.AsObject().ContainsKey("imagePullSecrets").ShouldBeFalse();
        Hub.Discovered.Plan().Body(BuiltIn.ServiceAccount).ContainsKey("imagePullSecrets").ShouldBeFalse();
    }

    [Fact, Trait("Scenario", "RST-02")]
    public void A_restart_annotation_and_foreign_marks_are_no_part_of_what_is_written()
    {
        LiveCluster cluster = new();
        cluster.Settle(() => Hub.Discovered.Plan(Hub.World with { Live = cluster.State }));
        string wanted = Text(Hub.Discovered.Plan(Hub.World with { Live = cluster.State }));
        cluster.Get(BuiltIn.Deployment)["spec"]!["template"]!["metadata"]!["annotations"]!["kubectl.kubernetes.io/restartedAt"] = "2026-01-01T00:00:00Z";
        cluster.Get(BuiltIn.Service)["metadata"]!["annotations"] = new JsonObject { ["cloud/lb"] = "x" };

        ServerPlan plan = Hub.Discovered.Plan(Hub.World with { Live = cluster.State });

        Text(plan).ShouldBe(wanted);
        plan.Events.ShouldBeEmpty();
        string.Concat(plan.Objects.Select(o => o.Body.ToJsonString())).ShouldNotContain("restartedAt");
    }

    private static string Text(ServerPlan plan) => string.Join('\n', plan.Objects.Select(o => o.Body.ToJsonString()));

    private static string? Annotation(ServerPlan plan, string name) =>
        (string?)plan.Template()["metadata"]!["annotations"]![$"toolhive.stacklok.dev/{name}"];

    private static string[] Texts(JsonNode? list) => [.. list!.AsArray().Select(t => (string)t!)];

    private static JsonNode Variable(JsonArray env, string name) => env.Single(e => (string)e!["name"]! == name)!;

    private static string Hex(string text) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
