using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.Discovery.Members;
using Vmcp.Discovery.Reporting;
using Vmcp.KubeKit.Audit;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

/// <summary>The status writer of a discovered gateway, with the rights the operator gives its pod and nothing more.</summary>
public sealed class StatusWriterTests
{
    [Fact]
    [Trait("Scenario", "LIVE-09")]
    [Trait("Scenario", "STAT-09")]
    [Trait("Scenario", "RBAC-01")]
    public async Task The_rights_of_the_pod_suffice_for_all_it_writes()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(ApiServerOptions.AuditEveryRequest);
        world.StartOperator();
        await world.GroupAsync("team", "alpha", "beta");
        await world.ServerAsync("hub", "team", "discovered");
        await world.RunsAsync("hub", "discovered");
        ICluster account = await world.ClientOfAccountAsync("hub-vmcp");
        Painted painted = new();
        painted.Set("alpha", HealthStatus.Healthy);
        painted.Set("beta", HealthStatus.Healthy);
        using CancellationTokenSource stop = new();
        Task first = RunAsync("hub-0");
        Task second = RunAsync("hub-1");

        await ShowsAsync("Ready", "alpha=ready beta=ready");
        painted.Set("beta", HealthStatus.Unhealthy);
        await ShowsAsync("Degraded", "alpha=ready beta=unavailable");
        painted.Unserved = [new UnservedBackend("MCPServerEntry/alpha", "NameTaken", "MCPServerEntry/alpha: the name belongs to MCPServer/alpha")];
        await ShowsAsync("Degraded", "MCPServerEntry/alpha=unavailable alpha=ready beta=unavailable");
        // What a gateway of another make wrote by update, an apply alone would leave there for ever.
        await world.Admin.PatchAsync(
            ToolHive.VirtualMCPServer, world.Key("hub"),
            new Patch.Merge(JsonNode.Parse("""{"status":{"discoveredBackends":[{"name":"alpha","status":"ready"},{"name":"old","status":"ready"}]}}""")!.AsObject()),
            new WriteOptions { FieldManager = "vmcp", Subresource = "status" }, CancellationToken.None);
        await ShowsAsync("Degraded", "MCPServerEntry/alpha=unavailable alpha=ready beta=unavailable");
        painted.Unserved = [];
        painted.Clear();
        await ShowsAsync("Ready", "");
        painted.Set("gamma", HealthStatus.Unauthenticated);
        VirtualMCPServer hub = await ShowsAsync("Ready", "gamma=unauthenticated");

        hub.Status.BackendCount.ShouldBe(1);
        hub.Status.Conditions.Select(c => c.Type).ShouldContain("GroupRefValidated");
        hub.Status.Conditions.Single(c => c.Type == "BackendsHealthy").ObservedGeneration.ShouldBe(hub.Metadata.Generation);
        await stop.CancelAsync();
        await Task.WhenAll(first, second).WaitAsync(TimeSpan.FromMinutes(1));
        KubeObject lease = (await world.FindAsync(BuiltIn.Lease, "hub-vmcp-status"))!;
        lease.At("spec", "holderIdentity")?.GetString().ShouldBeNullOrEmpty();
        lease.At("metadata", "ownerReferences")!.Value[0].GetProperty("name").GetString().ShouldBe("hub");

        IReadOnlyList<AuditEvent> asked = [.. (await world.Server.ReadAuditAsync()).Where(e => e.User.EndsWith(":hub-vmcp", StringComparison.Ordinal))];
        asked.Count(e => e.Subresource == "status").ShouldBeGreaterThan(5);
        // A lease two want at once is refused to one of them; that is what it is for.
        asked.Where(e => e.Code >= 400 && !(e.Resource == "leases" && e.Code is 404 or 409)).ShouldBeEmpty();

        Task RunAsync(string pod)
        {
            RuntimeStatusOptions options = new() { Server = world.Key("hub"), Pod = pod, Recheck = TimeSpan.FromSeconds(5), Gap = TimeSpan.FromSeconds(1), RetryPeriod = TimeSpan.FromSeconds(2) };
            return RuntimeStatus.RunAsync(account, options, Painted.Facts, painted.Picture, TimeProvider.System, NullLogger.Instance, stop.Token);
        }

        Task<VirtualMCPServer> ShowsAsync(string phase, string backends) => Eventually.ReadsAsync(
            () => world.ReadServerAsync("hub"),
            s => s.Status.Phase == phase && string.Join(' ', s.Status.DiscoveredBackends.Select(b => $"{b.Name}={b.Status}")) == backends
                && s.Status.BackendCount == s.Status.DiscoveredBackends.Count(b => b.Status is "ready" or "unauthenticated"),
            $"{phase}: {backends}",
            TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_definition_that_knows_fewer_fields_gets_the_others()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(ApiServerOptions.AuditEveryRequest);
        await world.GroupAsync("team");
        await world.ServerAsync("hub", "team", "discovered");
        JsonArray drop = [];
        foreach (int version in (int[])[0, 1])
        {
            drop.Add((JsonNode)new JsonObject
            {
                ["op"] = "remove",
                ["path"] = $"/spec/versions/{version}/schema/openAPIV3Schema/properties/status/properties/discoveredBackends/items/properties/authSource",
            });
        }

        await world.Admin.PatchAsync(
            BuiltIn.CustomResourceDefinition, new ObjectKey("", "virtualmcpservers.toolhive.stacklok.dev"), new Patch.Json(drop), WriteOptions.Default, CancellationToken.None);
        Painted painted = new();
        painted.Set("alpha", HealthStatus.Healthy);
        using CancellationTokenSource stop = new();
        RuntimeStatusOptions options = new() { Server = world.Key("hub"), Pod = "hub-0", Recheck = TimeSpan.FromSeconds(5), Gap = TimeSpan.FromSeconds(1), RetryPeriod = TimeSpan.FromSeconds(2) };
        // The server takes a moment to serve by the new definition.
        await Eventually.BecomesAsync(RefusesAsync, "the new definition is served", TimeSpan.FromMinutes(1));
        Task run = RuntimeStatus.RunAsync(world.Admin, options, Painted.Facts, painted.Picture, TimeProvider.System, NullLogger.Instance, stop.Token);

        VirtualMCPServer hub = await Eventually.ReadsAsync(
            () => world.ReadServerAsync("hub"), s => s.Status.DiscoveredBackends.Any(b => b.Url is not null), "alpha is listed", TimeSpan.FromMinutes(1));
        await Task.Delay(TimeSpan.FromSeconds(12), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromMinutes(1));

        hub.Status.DiscoveredBackends.ShouldHaveSingleItem().AuthSource.ShouldBeNull();
        IReadOnlyList<AuditEvent> writes = [.. (await world.Server.ReadAuditAsync()).Where(e => e.Resource == "virtualmcpservers" && e.Subresource == "status" && e.IsWrite)];
        writes.Count(w => w.Uri.Contains("fieldManager=vmcp-runtime", StringComparison.Ordinal)).ShouldBe(2, string.Join('\n', writes));

        async Task<bool> RefusesAsync()
        {
            JsonObject body = JsonNode.Parse(
                """{"apiVersion":"toolhive.stacklok.dev/v1beta1","kind":"VirtualMCPServer","metadata":{"name":"hub","namespace":"demo"},"status":{"discoveredBackends":[{"name":"x","authSource":"none"}]}}""")!.AsObject();
            try
            {
                await world.Admin.PatchAsync(
                    ToolHive.VirtualMCPServer, world.Key("hub"), new Patch.Apply(body),
                    new WriteOptions { FieldManager = "probe", Subresource = "status", DryRun = true }, CancellationToken.None);
                return false;
            }
            catch (KubeException)
            {
                return true;
            }
        }
    }

    /// <summary>A gateway's picture as a test wants it.</summary>
    private sealed class Painted
    {
        private ImmutableSortedDictionary<string, BackendReport> _backends = ImmutableSortedDictionary.Create<string, BackendReport>(StringComparer.Ordinal);

        public ImmutableArray<UnservedBackend> Unserved { get; set; } = [];

        public static BackendFacts? Facts(string name) => new() { Origin = $"MCPServer/{name}", Url = $"http://{name}.demo.svc:8080/mcp", AuthSource = "none" };

        public void Set(string name, HealthStatus health) => _backends = _backends.SetItem(
            name, new BackendReport { Name = name, Revision = "2025-11-25", State = new HealthState { Status = health, LastCheck = DateTimeOffset.UtcNow } });

        public void Clear() => _backends = _backends.Clear();

        public StatusReport Picture() => new()
        {
            Name = "hub",
            Version = "test",
            GroupRef = "team",
            Mode = GatewayMode.Discovered,
            Backends = [.. _backends.Values],
            Unserved = Unserved,
            Source = new SourceState { Kind = "kubernetes", Synced = true },
        };
    }
}
