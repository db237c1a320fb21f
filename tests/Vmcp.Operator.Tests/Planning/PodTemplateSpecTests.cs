using System.Text.Json.Nodes;
using Vmcp.Operator.Planning;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Planning;

public sealed class PodTemplateSpecTests
{
    [Fact, Trait("Scenario", "POD-01")]
    public void A_template_that_cannot_be_read_blocks_the_Deployment()
    {
        ServerPlan plan = With("""{"spec":{"containers":"invalid-not-an-array"}}""").Plan();

        plan.Outcome.ShouldBe(PlanOutcome.Hold);
        plan.Objects.ShouldBeEmpty();
        plan.Status.Phase.ShouldBe("Failed");
        plan.Status.Message.ShouldContain("Invalid PodTemplateSpec");
        PlannedCondition condition = plan.Condition("PodTemplateSpecValid")!;
        condition.Status.ShouldBe("False");
        condition.Reason.ShouldBe("InvalidPodTemplateSpec");
        condition.Message.ShouldContain("Failed to parse PodTemplateSpec");
        condition.Message.ShouldContain("spec.containers must be an array, not a string");
        condition.Message.ShouldContain("Deployment blocked until fixed");
        plan.Events.ShouldContain(e => e.Warning && e.Reason == "InvalidPodTemplateSpec" && e.Action == "ValidatePodTemplateSpec");
        plan.RecheckAfter.ShouldBeNull("only an edit helps");
        With("\"text\"").Plan().Condition("PodTemplateSpecValid")!.Status.ShouldBe("False");
        With("null").Plan().Outcome.ShouldBe(PlanOutcome.Apply);
    }

    [Fact]
    public void A_bad_template_is_told_even_while_the_group_is_missing()
    {
        ServerPlan plan = With("""{"spec":3}""").Plan(Hub.World with { Group = null });

        plan.Condition("PodTemplateSpecValid")!.Status.ShouldBe("False");
        plan.Condition("GroupRefValidated")!.Status.ShouldBe("False");
        plan.Status.Phase.ShouldBe("Failed");
    }

    [Fact, Trait("Scenario", "POD-02")]
    public void A_node_selector_is_applied_and_the_container_stays_as_it_is()
    {
        ServerPlan ssd = With("""{"spec":{"nodeSelector":{"disktype":"ssd"}}}""").Plan();
        ServerPlan nvme = With("""{"spec":{"nodeSelector":{"disktype":"nvme"}}}""").Plan();

        ((string)ssd.Template()["spec"]!["nodeSelector"]!["disktype"]!).ShouldBe("ssd");
        ((string)nvme.Template()["spec"]!["nodeSelector"]!["disktype"]!).ShouldBe("nvme");
        ssd.Container().ToJsonString().ShouldBe(Hub.Discovered.Plan().Container().ToJsonString());
        Hash(ssd).ShouldNotBe(Hash(nvme));
        Hash(ssd).ShouldNotBe(Hash(Hub.Discovered.Plan()));
    }

    [Fact, Trait("Scenario", "POD-03")]
    public void A_sidecar_a_toleration_and_one_limit_merge_into_the_template()
    {
        ServerPlan plan = With("""
            {"spec":{"containers":[{"name":"sidecar","image":"s"},{"name":"vmcp","resources":{"limits":{"memory":"1Gi"}}}],
             "tolerations":[{"key":"gpu","operator":"Exists"}]}}
            """).Plan();

        plan.Template()["spec"]!["containers"]!.AsArray().Count.ShouldBe(2);
        JsonNode vmcp = plan.Container();
        vmcp["resources"]!.ToJsonString().ShouldBe("""{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"cpu":"500m","memory":"1Gi"}}""");
        ((string)vmcp["livenessProbe"]!["httpGet"]!["path"]!).ShouldBe("/health");
        ((string)vmcp["readinessProbe"]!["httpGet"]!["path"]!).ShouldBe("/readyz");
        plan.Template()["spec"]!["tolerations"]!.ToJsonString().ShouldBe("""[{"key":"gpu","operator":"Exists"}]""");
    }

    [Fact]
    public void The_user_wins_over_image_command_line_and_variables()
    {
        JsonNode vmcp = With("""
            {"spec":{"containers":[{"name":"vmcp","image":"mine:1","args":["serve","--config=/x"],"env":[{"name":"VMCP_SESSION_HMAC_SECRET","value":"v"}]}]}}
            """).Plan().Container();

        ((string)vmcp["image"]!).ShouldBe("mine:1");
        vmcp["args"]!.ToJsonString().ShouldBe("""["serve","--config=/x"]""");
        vmcp["env"]!.AsArray().Single(e => (string)e!["name"]! == "VMCP_SESSION_HMAC_SECRET")!.ToJsonString().ShouldBe("""{"name":"VMCP_SESSION_HMAC_SECRET","value":"v"}""");
    }

    [Fact]
    public void The_hash_is_of_the_template_as_it_is_written()
    {
        ServerPlan plan = With("""{"metadata":{"annotations":{"toolhive.stacklok.dev/template-hash":"mine","a":"b"}}}""").Plan();

        string hash = Hash(plan);
        hash.Length.ShouldBe(64);
        ((string)plan.Template()["metadata"]!["annotations"]!["a"]!).ShouldBe("b");
        ((string)plan.Body(Vmcp.Kubernetes.Objects.BuiltIn.Deployment)["metadata"]!["annotations"]!["toolhive.stacklok.dev/template-hash"]!).ShouldBe(hash);
    }

    private static string Hash(ServerPlan plan) => (string)plan.Template()["metadata"]!["annotations"]!["toolhive.stacklok.dev/template-hash"]!;

    private static VirtualMCPServer With(string patch) => Hub.Discovered.With(s => s with { PodTemplateSpec = Hub.Json(patch) });
}
