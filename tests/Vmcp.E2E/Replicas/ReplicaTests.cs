using System.Text.Json;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Audit;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Replicas;

public sealed class ReplicaTests(TwoReplicas two) : IClassFixture<TwoReplicas>
{
    [Fact]
    [Trait("Scenario", "SESS-04")]
    public async Task A_session_made_on_one_replica_is_used_on_the_other_and_outlives_its_pod()
    {
        await two.Space.AllListAsync("hub", "alpha_echo", "beta_echo");
        IReadOnlyList<PodView> pods = two.Space.PodsOf("hub");
        await using LegacyClient first = await LegacyClient.ConnectAsync(Space.At(pods[0]));
        (await first.CallToolAsync("alpha_echo", """{"input":"on the first"}""")).Text().ShouldBe("on the first");

        await using LegacyClient second = Same(first, pods[1]);
        (await second.ListToolNamesAsync()).ShouldBe(await first.ListToolNamesAsync());
        (await second.CallToolAsync("alpha_echo", """{"input":"on the second"}""")).Text().ShouldBe("on the second");

        await two.Space.Cluster.Admin.DeleteAsync(BuiltIn.Pod, pods[0].Key, DeleteOptions.Default, default);
        await Eventually.BecomesAsync(() => two.Space.PodsOf("hub").All(p => p.Uid != pods[0].Uid), "the first pod is gone", Space.Limit);
        await two.Space.PodsReadyAsync("hub", 2);
        await two.Space.AllListAsync("hub", "alpha_echo", "beta_echo");
        foreach (PodView pod in two.Space.PodsOf("hub"))
        {
            await using LegacyClient later = Same(first, pod);
            (await later.CallToolAsync("beta_echo", """{"input":"still the same"}""")).Text().ShouldBe("still the same");
        }

        VirtualMCPServer hub = await two.Space.ReadServerAsync("hub");
        hub.Status.Conditions.Single(c => c.Type == "SessionStorageWarning").Reason.ShouldBe("SessionStorageMissingForReplicas");
    }

    [Fact]
    [Trait("Scenario", "STAT-09")]
    public async Task Operator_and_one_elected_replica_write_one_status_side_by_side()
    {
        await two.Space.BackendBecomesAsync("hub", "alpha", "ready");
        await two.Space.RunsAsync("hub", "discovered");
        for (int round = 0; round < 3; round++)
        {
            // Both write now: the runtime the backend's state, the operator what the edit asks for.
            await two.Beta.StopAsync();
            await two.Space.LabelAsync("hub", $"round{round}");
            await two.Space.BackendBecomesAsync("hub", "beta", "unavailable");
            await two.Beta.RestartAsync();
            await two.Space.BackendBecomesAsync("hub", "beta", "ready");
        }

        VirtualMCPServer hub = await two.Space.RunsAsync("hub", "discovered");
        hub.Status.DiscoveredBackends.Select(b => b.Name).ShouldBe(["alpha", "beta"]);
        hub.Status.BackendCount.ShouldBe(2);
        foreach (string type in (string[])["Ready", "Valid", "GroupRefValidated", "BackendsDiscovered", "BackendsHealthy"])
            hub.Status.Conditions.ShouldContain(c => c.Type == type, type);
        KubeObject resource = (await two.Space.FindAsync(ToolHive.VirtualMCPServer, "hub"))!;
        Owner(resource, "f:discoveredBackends").ShouldBe(["vmcp-runtime"]);
        Owner(resource, "f:phase").ShouldBe(["vmcp-operator"]);
        AuditEvent[] written = [.. (await two.Space.AuditAsync()).Where(e => e.User == two.Space.AccountOf("hub") && e.IsWrite && e.Subresource == "status")];
        written.Where(e => e.Code is >= 400 and not 409).ShouldBeEmpty();
        Writers(written).ShouldBe(Writers(written).Distinct(), "no two replicas write in turns");
    }

    private static LegacyClient Same(LegacyClient session, PodView pod)
    {
        LegacyClient client = LegacyClient.Unconnected(Space.At(pod));
        (client.SessionId, client.ProtocolVersion) = (session.SessionId, session.ProtocolVersion);
        return client;
    }

    /// <summary>The pods behind these writes, each as often as it began to write.</summary>
    private static List<string> Writers(AuditEvent[] written)
    {
        List<string> pods = [];
        foreach (AuditEvent write in written)
        {
            string pod = write.Body["user"]!["extra"]!["authentication.kubernetes.io/pod-name"]![0]!.GetValue<string>();
            if (pods.LastOrDefault() != pod)
                pods.Add(pod);
        }

        return pods;
    }

    private static IEnumerable<string> Owner(KubeObject resource, string field) => resource.At("metadata", "managedFields")!.Value.EnumerateArray()
        .Where(m => m.GetProperty("fieldsV1").TryGetProperty("f:status", out JsonElement status) && status.TryGetProperty(field, out _))
        .Select(m => m.GetProperty("manager").GetString()!);
}
