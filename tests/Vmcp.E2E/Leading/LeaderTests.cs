using Vmcp.E2E.World;
using Vmcp.KubeKit.Audit;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Leading;

public sealed class LeaderTests
{
    [Fact]
    [Trait("Acceptance", "operator.md 10.10")]
    public async Task When_the_leader_is_killed_during_a_rollout_another_replica_finishes_it_without_writing_twice()
    {
        // A cluster of its own: the others' operator is not to be killed.
        await using Cluster cluster = await Cluster.StartAsync();
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await cluster.SpaceAsync();
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.ServerAsync("hub", "team", "discovered", $"replicas: 2, {Space.Calm}");
        await space.RunsAsync("hub", "discovered");
        long generation = (await space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation;
        string[] old = [.. space.PodsOf("hub").Select(p => p.Uid)];
        DateTimeOffset from = DateTimeOffset.UtcNow;

        await space.SwitchAsync("hub", "inline");
        await Eventually.BecomesAsync(
            async () => (await space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation > generation, "the rollout begins", Space.Limit);
        string leader = await cluster.LeaderAsync() ?? throw new InvalidOperationException("nobody leads");
        PodView killed = cluster.Operators.Single(p => p.Key.Name == leader);
        using (System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", ["-9", $"{killed.ProcessId}"]))
            await kill.WaitForExitAsync();

        await space.SwitchedAsync("hub", "inline", 2);
        space.PodsOf("hub").Select(p => p.Uid).Intersect(old).ShouldBeEmpty();
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        AuditEvent[] writes = [.. (await space.AuditAsync()).Where(e => e.At >= from && e.IsWrite && e.User == Cluster.OperatorAccount)];
        foreach (string resource in (string[])["deployments", "configmaps"])
            writes.Count(e => e.Resource == resource && e.Code < 300).ShouldBe(1, resource);
        foreach (string resource in (string[])["roles", "rolebindings"])
            writes.Count(e => e.Resource == resource && e.Verb == "delete" && e.Code < 300).ShouldBe(1, resource);
        writes.Select(e => e.Body["user"]?["extra"]?["authentication.kubernetes.io/pod-name"]?[0]?.GetValue<string>()).Distinct().Count()
            .ShouldBeGreaterThanOrEqualTo(1);
    }
}
