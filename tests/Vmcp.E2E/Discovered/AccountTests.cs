using System.Net;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Discovered;

public sealed class AccountTests(SharedCluster shared)
{
    private const string Rights = """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: custom}
        rules:
        - {apiGroups: [toolhive.stacklok.dev], resources: [mcpgroups, mcpservers, mcpremoteproxies, mcpserverentries, mcpexternalauthconfigs, mcptoolconfigs], verbs: [get, list, watch]}
        - {apiGroups: [toolhive.stacklok.dev], resources: [virtualmcpservers], resourceNames: [hub], verbs: [get]}
        - {apiGroups: [toolhive.stacklok.dev], resources: [virtualmcpservers/status], resourceNames: [hub], verbs: [update, patch]}
        - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get, create, update, patch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: custom}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: custom}
        subjects: [{kind: ServiceAccount, name: custom-sa, namespace: NAMESPACE}]
        """;

    [Fact]
    [Trait("Scenario", "RBAC-03")]
    [Trait("Scenario", "DISC-03")]
    public async Task With_an_account_of_its_own_a_gateway_is_ready_when_its_owner_gave_it_rights_and_it_is_in_step()
    {
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.ApplyAsync("{apiVersion: v1, kind: ServiceAccount, metadata: {name: custom-sa}}");
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.ServerAsync("hub", "team", "discovered", $"serviceAccount: custom-sa, {Space.Calm}");
        await Eventually.BecomesAsync(() => space.PodsOf("hub").Count == 1, "the pod is there", Space.Limit);
        PodView pod = space.PodOf("hub");
        using HttpClient http = new();
        await Eventually.BecomesAsync(async () => (await http.GetAsync(Space.At(pod, "/health"))).StatusCode == HttpStatusCode.OK, "it is healthy", Space.Limit);

        using (HttpResponseMessage answer = await http.GetAsync(Space.At(pod, "/readyz")))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await answer.Content.ReadAsStringAsync()).Trim().ShouldBe("""{"status":"not_ready","mode":"dynamic","reason":"cache_sync_pending"}""");
        }

        space.PodOf("hub").Ready.ShouldBeFalse();
        (await space.FindAsync(BuiltIn.Pod, pod.Key.Name))!.At("spec", "serviceAccountName")!.Value.GetString().ShouldBe("custom-sa");
        (await space.FindAsync(BuiltIn.ServiceAccount, "hub-vmcp")).ShouldBeNull();
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        (await space.FindAsync(BuiltIn.RoleBinding, "hub-vmcp")).ShouldBeNull();
        await space.ApplyAsync(Rights.Replace("NAMESPACE", space.Name, StringComparison.Ordinal));

        await space.PodsReadyAsync("hub", 1);
        (await http.GetStringAsync(Space.At(pod, "/readyz"))).Trim().ShouldBe("""{"status":"ready","mode":"dynamic"}""");
        await space.AllListAsync("hub", "alpha_echo");
        await space.RunsAsync("hub", "discovered");
        space.PodOf("hub").Uid.ShouldBe(pod.Uid);
        space.PodOf("hub").Restarts.ShouldBe(0);
    }
}
