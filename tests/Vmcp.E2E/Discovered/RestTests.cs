using Vmcp.E2E.World;
using Vmcp.KubeKit.Audit;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Discovered;

public sealed class RestTests(SharedCluster shared)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    [Fact]
    [Trait("Acceptance", "operator.md 10.4")]
    public async Task Operator_and_gateways_at_rest_write_nothing_but_their_leases()
    {
        await using ScriptedBackend alpha = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", alpha.Url);
        await space.ServerAsync("live", "team", "discovered", Space.Calm);
        await space.ServerAsync("fixed", "team", "inline", Space.Calm);
        await space.RunsAsync("live", "discovered");
        await space.RunsAsync("fixed", "inline");
        await space.BackendBecomesAsync("live", "alpha", "ready");
        await space.BackendBecomesAsync("fixed", "alpha", "ready");
        await SettlesAsync(space);

        DateTimeOffset from = DateTimeOffset.UtcNow;
        await Task.Delay(Rest);
        DateTimeOffset until = DateTimeOffset.UtcNow;

        AuditEvent[] writes = [.. (await space.AuditAsync()).Where(e => e.At >= from && e.At <= until && e.IsWrite && e.Resource != "leases")];
        writes.ShouldBeEmpty();
        (await space.AuditAsync()).ShouldContain(e => e.User == space.AccountOf("live") && e.IsWrite && e.Resource == "virtualmcpservers", "it wrote before");
        (await space.AuditAsync()).ShouldNotContain(e => e.User == space.AccountOf("fixed"));
    }

    /// <summary>What the last pod that became ready set off comes to rest: no version changes for some seconds.</summary>
    private static async Task SettlesAsync(Space space)
    {
        string before = "";
        DateTimeOffset since = DateTimeOffset.UtcNow;
        await Eventually.BecomesAsync(
            async () =>
            {
                string now = await VersionsAsync(space);
                if (now != before)
                    (before, since) = (now, DateTimeOffset.UtcNow);
                await Task.Delay(500);
                return DateTimeOffset.UtcNow - since > TimeSpan.FromSeconds(8);
            },
            "the namespace comes to rest",
            Space.Limit);
    }

    private static async Task<string> VersionsAsync(Space space)
    {
        List<string> versions = [];
        foreach (ResourceType type in (ResourceType[])[ToolHive.VirtualMCPServer, ToolHive.MCPGroup, BuiltIn.Deployment, BuiltIn.Pod, BuiltIn.ConfigMap, BuiltIn.Role, BuiltIn.Service])
        {
            ObjectPage page = await space.Cluster.Admin.ListAsync(type, new ListOptions { Namespace = space.Name }, default);
            versions.AddRange(page.Items.Select(i => $"{type} {i.Meta.Name} {i.Meta.ResourceVersion}"));
        }

        return string.Join('\n', versions);
    }
}
