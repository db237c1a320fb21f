using System.Diagnostics;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Inline;

public sealed class InlineTests(SharedCluster shared)
{
    [Fact]
    [Trait("Scenario", "NEW-INL-01")]
    [Trait("Acceptance", "operator.md 10.2")]
    public async Task An_inline_pod_has_no_credential_asks_nothing_and_its_status_follows_its_backends()
    {
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using ScriptedBackend beta = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.MemberAsync("team", "beta", beta.Url);
        await space.ServerAsync("hub", "team", "inline");
        await space.RunsAsync("hub", "inline");
        await space.BackendBecomesAsync("hub", "alpha", "ready");
        (await space.BackendBecomesAsync("hub", "beta", "ready")).Status.BackendCount.ShouldBe(2);

        PodView pod = space.PodOf("hub");
        (await ProcessView.CredentialsAsync(pod)).ShouldBeEmpty();
        (await ProcessView.CredentialsAsync(shared.Cluster.Operators[0])).ShouldNotBeEmpty("the same look finds the operator's token");
        (await space.FindAsync(BuiltIn.Pod, pod.Key.Name))!.At("spec", "automountServiceAccountToken")!.Value.GetBoolean().ShouldBeFalse();
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        (await space.FindAsync(BuiltIn.RoleBinding, "hub-vmcp")).ShouldBeNull();

        await CallsAsync(pod, 50);
        TimeSpan death = await FollowsAsync(space, alpha.StopAsync, "unavailable");
        TimeSpan back = await FollowsAsync(space, alpha.RestartAsync, "ready");
        TestContext.Current.TestOutputHelper?.WriteLine($"a backend's death is in the status after {death.TotalSeconds:0.0} s, its return after {back.TotalSeconds:0.0} s");

        VirtualMCPServer hub = await space.RunsAsync("hub", "inline");
        hub.Status.BackendCount.ShouldBe(2);
        space.PodOf("hub").Uid.ShouldBe(pod.Uid);
        (await space.AuditAsync()).Where(e => e.User == space.AccountOf("hub")).ShouldBeEmpty();
        (await space.AuditAsync()).ShouldContain(e => e.User == Cluster.OperatorAccount, "the audit log tells who asks");
    }

    [Fact]
    [Trait("Acceptance", "operator.md 10.9")]
    public async Task A_rotated_secret_costs_an_inline_gateway_one_rollout()
    {
        const string old = "planted-inline-old", fresh = "planted-inline-fresh";
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.SecretAsync("secret", old);
        await space.HeaderAsync("key", "X-Api-Key", "secret");
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url, "key");
        await space.ServerAsync("hub", "team", "inline", Space.Calm);
        await space.RunsAsync("hub", "inline");
        PodView first = space.PodOf("hub");
        alpha.Requests.ShouldNotBeEmpty();
        alpha.Requests.ShouldAllBe(r => r.Headers["X-Api-Key"] == old);
        long generation = (await space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation;

        alpha.Behaviour = Behaviour.Demand("X-Api-Key", fresh);
        await space.SecretAsync("secret", fresh);

        await Eventually.BecomesAsync(() => space.Cluster.Kubelet.Ended.Any(p => p.Uid == first.Uid), "the first pod is replaced", Space.Limit);
        await space.RunsAsync("hub", "inline");
        await space.AllListAsync("hub", "alpha_echo");
        await using ModernClient client = new(Space.At(space.PodOf("hub")));
        (await client.CallToolAsync("alpha_echo", """{"input":"fresh"}""")).Text().ShouldBe("fresh");
        (await space.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation.ShouldBe(generation + 1);
        space.Pods.Count().ShouldBe(2);
        await space.IsNowhereAsync(old, fresh);
    }

    private static async Task CallsAsync(PodView pod, int each)
    {
        await using LegacyClient legacy = await LegacyClient.ConnectAsync(Space.At(pod));
        await using ModernClient modern = new(Space.At(pod));
        for (int n = 0; n < each; n++)
        {
            (await legacy.CallToolAsync("alpha_echo", $$"""{"input":"legacy {{n}}"}""")).Text().ShouldBe($"legacy {n}");
            (await modern.CallToolAsync("beta_echo", $$"""{"input":"modern {{n}}"}""")).Text().ShouldBe($"modern {n}");
        }
    }

    private static async Task<TimeSpan> FollowsAsync(Space space, Func<Task> change, string status)
    {
        await change();
        long begun = Stopwatch.GetTimestamp();
        await space.BackendBecomesAsync("hub", "alpha", status);
        return Stopwatch.GetElapsedTime(begun);
    }
}
