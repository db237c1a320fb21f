using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Status;
using Vmcp.Operator.Planning.Switching;

namespace Vmcp.Operator.Tests.Status;

public sealed class PodFactsTests
{
    [Theory]
    [InlineData("""{"state":{"waiting":{"reason":"CrashLoopBackOff"}},"restartCount":3,"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}""", "pod hub-1: container vmcp crashes again and again (CrashLoopBackOff; last end: OOMKilled, exit code 137)")]
    [InlineData("""{"state":{"running":{}},"restartCount":3,"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}""", "pod hub-1: container vmcp crashes again and again (CrashLoopBackOff; last end: OOMKilled, exit code 137)")]
    [InlineData("""{"state":{"waiting":{"reason":"CrashLoopBackOff"}},"restartCount":5,"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}""", "pod hub-1: container vmcp crashes again and again (CrashLoopBackOff; last end: OOMKilled, exit code 137)")]
    [InlineData("""{"state":{"running":{}},"restartCount":1,"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}""", null)]
    [InlineData("""{"ready":true,"state":{"running":{}},"restartCount":9,"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}""", null)]
    [InlineData("""{"image":"reg/vmcp:9","state":{"waiting":{"reason":"ErrImagePull","message":"rpc error"}}}""", "pod hub-1: container vmcp cannot pull image reg/vmcp:9")]
    [InlineData("""{"image":"reg/vmcp:9","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off"}}}""", "pod hub-1: container vmcp cannot pull image reg/vmcp:9")]
    [InlineData("""{"state":{"waiting":{"reason":"CreateContainerConfigError","message":"secret \"s1\" not found"}}}""", "pod hub-1: container vmcp is in CreateContainerConfigError: secret \"s1\" not found")]
    [InlineData("""{"state":{"waiting":{"reason":"ContainerCreating"}}}""", null)]
    public void Trouble_is_named_in_words_that_stay_while_it_lasts(string container, string? trouble) =>
        Pod("""{"phase":"Running","containerStatuses":[""" + WithName(container) + "]}").Trouble.ShouldBe(trouble);

    [Fact, Trait("Scenario", "STAT-06")]
    public void Pods_that_start_fail_or_serve_make_three_pictures()
    {
        Rollout rollout = new() { Exists = true, Replicas = 1 };
        PodFacts starting = new() { Name = "a", Mode = "discovered" };
        PodFacts ready = starting with { Name = "b", Ready = true };
        PodFacts failed = starting with { Name = "c", Failed = true, Finished = true, Trouble = "pod c failed (Evicted)" };

        Mix(starting).ShouldBe(PodMix.Starting);
        Mix(ready).ShouldBe(PodMix.Ready);
        Mix(failed).ShouldBe(PodMix.Failing);
        Mix(failed, ready).ShouldBe(PodMix.Ready, "an evicted pod others stand in for is litter");
        Mix(starting, ready).ShouldBe(PodMix.Ready, "an old pod keeps the server ready during a rollout");
        Mix().ShouldBe(PodMix.None);

        PodMix Mix(params PodFacts[] pods) => PodsPicture.Of(pods, rollout, "now").Mix;
    }

    [Fact]
    public void A_new_pod_that_crashes_shows_although_old_ones_serve()
    {
        PodFacts old = new() { Name = "old", Mode = "discovered", Ready = true, TemplateHash = "before" };
        PodFacts broken = new() { Name = "new", Mode = "discovered", TemplateHash = "now", Trouble = "pod new: container vmcp crashes again and again" };
        Rollout rollout = new() { Exists = true, Replicas = 1 };

        PodsPicture picture = PodsPicture.Of([broken, old], rollout, "now");
        picture.Mix.ShouldBe(PodMix.Stuck);
        picture.Message.ShouldBe("1 pod is ready, but pod new: container vmcp crashes again and again");

        PodsPicture.Of([broken with { TemplateHash = "before" }, old with { TemplateHash = "now" }], rollout, "now").Mix
            .ShouldBe(PodMix.Ready, "a broken pod of an older template is on its way out");
    }

    [Theory]
    [InlineData("""{"type":"ReplicaFailure","status":"True","message":"serviceaccount \"custom-sa\" not found"}""", "Deployment hub cannot create pods: serviceaccount \"custom-sa\" not found")]
    [InlineData("""{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}""", "the rollout of Deployment hub makes no progress (ProgressDeadlineExceeded)")]
    [InlineData("""{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}""", null)]
    public void What_keeps_a_Deployment_from_going_on_is_read_from_its_conditions(string condition, string? trouble)
    {
        Rollout rollout = Rollout.Of(Deployment("""{"observedGeneration":2,"conditions":[""" + condition + "]}"), "h");

        rollout.Trouble.ShouldBe(trouble);
        if (trouble is not null)
            PodsPicture.Of([], rollout, "h").ShouldBe(new PodsPicture(PodMix.Failing, $"No pod is ready: {trouble}"));
    }

    [Theory]
    [InlineData("""{"observedGeneration":2,"replicas":3,"updatedReplicas":3}""", "h", true)]
    [InlineData("""{"observedGeneration":2,"replicas":3,"updatedReplicas":3}""", "other", false)]
    [InlineData("""{"observedGeneration":1,"replicas":3,"updatedReplicas":3}""", "h", false)]
    [InlineData("""{"observedGeneration":2,"replicas":4,"updatedReplicas":3}""", "h", false)]
    [InlineData("""{"observedGeneration":2,"replicas":3,"updatedReplicas":2}""", "h", false)]
    [InlineData("""{"observedGeneration":2}""", "h", false)]
    [InlineData("{}", "h", false)]
    public void A_rollout_is_complete_when_its_controller_says_so_of_our_template(string status, string hash, bool complete) =>
        Rollout.Of(Deployment(status), hash).Complete.ShouldBe(complete);

    private static KubeObject Deployment(string status) => KubeObject.From(JsonNode.Parse(
        """{"metadata":{"name":"hub","generation":2},"spec":{"replicas":3,"template":{"metadata":{"annotations":{"toolhive.stacklok.dev/template-hash":"h"}}}},"status":""" + status + "}")!);

    private static PodFacts Pod(string status) => PodFacts.Of(KubeObject.From(JsonNode.Parse(
        """{"metadata":{"name":"hub-1"},"spec":{},"status":""" + status + "}")!));

    private static string WithName(string container)
    {
        JsonObject parsed = JsonNode.Parse(container)!.AsObject();
        parsed["name"] = "vmcp";
        return parsed.ToJsonString();
    }
}
