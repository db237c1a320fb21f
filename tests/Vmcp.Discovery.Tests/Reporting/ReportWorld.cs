using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Core.Health;
using Vmcp.Discovery.Reporting;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Discovery.Tests.Reporting;

/// <summary>Replicas of gateway <c>hub</c> that report to a cluster in memory, on a clock that goes on by hand.</summary>
internal sealed class ReportWorld : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<Replica> _replicas = [];

    public static readonly ObjectKey Hub = new("demo", "hub");

    private ReportWorld() => Cluster = new InMemoryCluster(Time);

    public LookTime Time { get; } = new();

    public InMemoryCluster Cluster { get; }

    public LogLines Log { get; } = new();

    public static RuntimeStatusOptions Options { get; } = new() { Server = Hub, Pod = "" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ReportWorld> StartAsync()
    {
        ReportWorld world = new();
        await world.Cluster.CreateAsync(
            ToolHive.VirtualMCPServer,
            JsonNode.Parse("""{"apiVersion":"toolhive.stacklok.dev/v1beta1","kind":"VirtualMCPServer","metadata":{"name":"hub","namespace":"demo"},"spec":{"groupRef":{"name":"team"}}}""")!.AsObject(),
            WriteOptions.Default,
            Token);
        return world;
    }

    public Replica Start(string pod, params (string Name, HealthStatus Health)[] backends) => Start(Cluster, pod, synced: true, backends);

    /// <summary>One whose picture is painted before it is looked at.</summary>
    public Replica Start(string pod, Action<Replica> paint, params (string Name, HealthStatus Health)[] backends) => Start(Cluster, pod, synced: true, backends, paint);

    /// <summary>One whose source is not in step yet.</summary>
    public Replica StartBlind(string pod) => Start(Cluster, pod, synced: false, []);

    public Replica Start(ICluster cluster, string pod, bool synced, (string Name, HealthStatus Health)[] backends, Action<Replica>? paint = null)
    {
        Replica replica = new(cluster, Time, pod, Log, Options, synced, backends);
        _replicas.Add(replica);
        paint?.Invoke(replica);
        replica.Run();
        return replica;
    }

    /// <summary>Lets so much time pass, second by second; whoever leads has looked by the end of each.</summary>
    public async Task PassAsync(double seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            await LookedAsync();
            Time.Advance(LookTime.Look);
            await LookedAsync();
            if (Leader is null)
                await Task.Delay(1, Token);
        }
    }

    /// <summary>The replica that holds the lease, renewed it in time and reaches the API server; or null.</summary>
    public Replica? Leader
    {
        get
        {
            KubeObject? lease = Cluster.ObjectsOf(BuiltIn.Lease).SingleOrDefault();
            return lease?.At("spec", "holderIdentity")?.GetString() is { Length: > 0 } holder
                && Time.GetUtcNow() - lease.At("spec", "renewTime")!.Value.GetDateTimeOffset() < Options.RenewDeadline
                ? _replicas.SingleOrDefault(r => r.Alive && holder.StartsWith(r.Pod + "_", StringComparison.Ordinal))
                : null;
        }
    }

    private async Task LookedAsync()
    {
        DateTime limit = DateTime.UtcNow + Patience;
        while (Time.Waiting < (Leader is null ? 0 : 1) + _replicas.Count(r => r.Alive && !r.Synced))
        {
            if (DateTime.UtcNow > limit)
                throw new TimeoutException("nobody looks");
            await Task.Delay(1, Token);
        }
    }

    public JsonElement[] Backends() => Stored().At("status", "discoveredBackends") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>The backends in the status as <c>alpha=ready</c>, in the stored order.</summary>
    public string Shown() => string.Join(' ', Backends().Select(b => $"{b.GetProperty("name").GetString()}={b.GetProperty("status").GetString()}"));

    /// <summary>A condition as <c>True/AllBackendsHealthy</c>.</summary>
    public string Condition(string type) => StatusBodies.Condition(Stored(), type) is { } c ? $"{StatusBodies.Text(c, "status")}/{StatusBodies.Text(c, "reason")}" : "";

    public KubeObject Stored() => Cluster.ObjectsOf(ToolHive.VirtualMCPServer).Single(s => s.Key == Hub);

    /// <summary>Writes of the status so far, also refused ones.</summary>
    public IReadOnlyList<ClusterRequest> StatusWrites => [.. Cluster.Writes.Where(w => w.Type == ToolHive.VirtualMCPServer && w.Manager == RuntimeHalf.Manager)];

    public async ValueTask DisposeAsync()
    {
        foreach (Replica replica in _replicas)
            await replica.DisposeAsync();
    }
}
