using System.Collections.Immutable;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.Discovery.Members;
using Vmcp.Discovery.Reporting;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Tests.Reporting;

/// <summary>One gateway pod as far as the status writer sees it: a picture that a test paints.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Line _line;
    private readonly Func<Task> _start;
    private Task _run = Task.CompletedTask;
    private readonly TimeProvider _time;
    private ImmutableSortedDictionary<string, BackendReport> _backends;

    public Replica(ICluster cluster, TimeProvider time, string pod, LogLines log, RuntimeStatusOptions options, bool synced, params (string Name, HealthStatus Health)[] backends)
    {
        _time = time;
        Pod = pod;
        Synced = synced;
        _line = new Line(cluster);
        _backends = backends.ToImmutableSortedDictionary(b => b.Name, b => Backend(b.Name, b.Health), StringComparer.Ordinal);
        _start = () => RuntimeStatus.RunAsync(_line, options with { Pod = pod }, Facts, Picture, time, log, _stop.Token);
    }

    /// <summary>Begins; the first look may come at once.</summary>
    public void Run() => _run = _start();

    public string Pod { get; }

    /// <summary>It runs and reaches the API server.</summary>
    public bool Alive { get; private set; } = true;

    public bool Synced { get; set; }

    public string? Trouble { get; set; }

    public DateTimeOffset? TroubleSince { get; set; }

    public ImmutableArray<UnservedBackend> Unserved { get; set; } = [];

    /// <summary>Each look finds a check that was done just now.</summary>
    public bool Probes { get; set; }

    /// <summary>Painting throws.</summary>
    public bool Broken { get; set; }

    /// <summary>From now on it reaches the API server no more, as if it were dead, without a word.</summary>
    public void Dies() => (Alive, _line.Cut) = (false, _ => true);

    /// <summary>It cannot reach one kind any more.</summary>
    public void LosesSightOf(ResourceType type) => (Alive, _line.Cut) = (false, t => t == type);

    public void Set(string name, HealthStatus health, int failures = 0, bool @checked = true) =>
        _backends = _backends.SetItem(name, Backend(name, health, failures, @checked));

    public void Remove(string name) => _backends = _backends.Remove(name);

    public async Task StopAsync()
    {
        Alive = false;
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private static BackendFacts? Facts(string name) => new()
    {
        Origin = $"MCPServer/{name}",
        Url = $"http://{name}.demo.svc.cluster.local:8080/mcp",
        AuthSource = "none",
    };

    private StatusReport Picture()
    {
        if (Broken)
            throw new InvalidOperationException("no colours left");
        DateTimeOffset now = _time.GetUtcNow();
        return new StatusReport
        {
            Name = "hub",
            Version = "test",
            GroupRef = "team",
            Mode = GatewayMode.Discovered,
            Backends = [.. _backends.Values.Select(b => Probes && b.State.LastCheck is not null ? b with { State = b.State with { LastCheck = now } } : b)],
            Unserved = Unserved,
            Source = new SourceState { Kind = "kubernetes", Synced = Synced, Trouble = Trouble, TroubleSince = TroubleSince },
        };
    }

    private BackendReport Backend(string name, HealthStatus health, int failures = 0, bool @checked = true) => new()
    {
        Name = name,
        Revision = "2025-11-25",
        State = new HealthState
        {
            Status = health,
            LastCheck = @checked ? _time.GetUtcNow() : null,
            ConsecutiveFailures = failures,
            LastFailure = health == HealthStatus.Unhealthy ? FailureCategory.ConnectionFailed : FailureCategory.None,
        },
    };

    /// <summary>The way to the API server, which can be cut.</summary>
    private sealed class Line(ICluster inner) : ICluster
    {
        public Func<ResourceType, bool> Cut { get; set; } = _ => false;

        public Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken) =>
            Open(type).GetAsync(type, key, cancellationToken);

        public Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken) =>
            Open(type).ListAsync(type, options, cancellationToken);

        public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, WatchOptions options, CancellationToken cancellationToken) =>
            Open(type).WatchAsync(type, options, cancellationToken);

        public Task<KubeObject> CreateAsync(ResourceType type, System.Text.Json.Nodes.JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
            Open(type).CreateAsync(type, body, options, cancellationToken);

        public Task<KubeObject> ReplaceAsync(ResourceType type, System.Text.Json.Nodes.JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
            Open(type).ReplaceAsync(type, body, options, cancellationToken);

        public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken) =>
            Open(type).PatchAsync(type, key, patch, options, cancellationToken);

        public Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken) =>
            Open(type).DeleteAsync(type, key, options, cancellationToken);

        private ICluster Open(ResourceType type) => Cut(type) ? throw new KubeException(KubeError.Unreachable, "the line is cut") : inner;
    }
}
