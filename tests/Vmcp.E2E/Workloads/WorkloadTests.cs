using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Workloads;

/// <summary>The test kubelet keeps the promises of a cluster on which the other tests stand.</summary>
public sealed class WorkloadTests(SharedCluster shared)
{
    [Fact]
    public async Task Pods_are_started_again_replaced_and_scaled_as_in_a_cluster()
    {
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.ServerAsync("hub", "team", "inline", Space.Calm);
        await space.PodsReadyAsync("hub", 1);
        PodView first = space.PodOf("hub");

        // A process that dies is started again in its pod, and counted.
        using (System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", ["-9", $"{first.ProcessId}"]))
            await kill.WaitForExitAsync();
        await Eventually.BecomesAsync(() => space.PodOf("hub") is { Restarts: 1, Ready: true }, "it runs again", Space.Limit);
        PodView again = space.PodOf("hub");
        (again.Uid, again.Address).ShouldBe((first.Uid, first.Address));
        again.ProcessId.ShouldNotBe(first.ProcessId);
        KubeObject pod = (await space.FindAsync(BuiltIn.Pod, first.Key.Name))!;
        pod.At("status", "podIP")!.Value.GetString().ShouldBe(first.Address.ToString());
        pod.At("status", "containerStatuses")!.Value[0].GetProperty("restartCount").GetInt32().ShouldBe(1);
        pod.At("status", "containerStatuses")!.Value[0].GetProperty("lastState").GetProperty("terminated").GetProperty("exitCode").GetInt32().ShouldBe(137);

        // A pod that is deleted ends in order, and another one takes its place.
        await space.Cluster.Admin.DeleteAsync(BuiltIn.Pod, first.Key, DeleteOptions.Default, default);
        await Eventually.BecomesAsync(() => space.Cluster.Kubelet.Ended.Any(p => p.Uid == first.Uid), "the pod ends", Space.Limit);
        PodView ended = space.Cluster.Kubelet.Ended.Single(p => p.Uid == first.Uid);
        ended.WasKilled.ShouldBeFalse();
        ended.Lines.ShouldContain(l => l.Contains("Stopped", StringComparison.Ordinal));
        Directory.Exists(ended.Folder).ShouldBeFalse();
        await space.PodsReadyAsync("hub", 1);
        space.PodOf("hub").Uid.ShouldNotBe(first.Uid);

        // Scaling makes pods and ends them.
        await space.Cluster.Server.KubectlAsync("scale", "--namespace", space.Name, "deployment/hub", "--replicas=2");
        await space.PodsReadyAsync("hub", 2);
        await StatusAsync(space, 2);
        await space.Cluster.Server.KubectlAsync("scale", "--namespace", space.Name, "deployment/hub", "--replicas=1");
        await space.PodsReadyAsync("hub", 1);
        await StatusAsync(space, 1);
    }

    private static async Task StatusAsync(Space space, int pods)
    {
        await space.Cluster.Server.KubectlAsync("rollout", "status", "--namespace", space.Name, "deployment/hub", "--timeout=120s");
        KubeObject deployment = (await space.FindAsync(BuiltIn.Deployment, "hub"))!;
        foreach (string count in (string[])["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"])
            deployment.At("status", count)!.Value.GetInt32().ShouldBe(pods, count);
        deployment.At("status", "observedGeneration")!.Value.GetInt64().ShouldBe(deployment.Meta.Generation);
    }
}
