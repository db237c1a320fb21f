using System.Collections.Immutable;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.Discovery.Members;
using Vmcp.Discovery.Reporting;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Tests.Worlds;

namespace Vmcp.Operator.Tests.Handover;

/// <summary>The status writer of one discovered gateway of <c>hub</c>, over a picture that a test paints; as real as in the pod, only faster.</summary>
internal sealed class ReportingPod : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private ImmutableSortedDictionary<string, BackendReport> _backends = ImmutableSortedDictionary.Create<string, BackendReport>(StringComparer.Ordinal);

    public ReportingPod(OperatorWorld world, params string[] healthy)
    {
        Set(healthy, HealthStatus.Healthy);
        RuntimeStatusOptions options = new()
        {
            Server = new ObjectKey(OperatorWorld.Namespace, "hub"),
            Pod = "hub-0",
            Look = TimeSpan.FromMilliseconds(20),
            Gap = TimeSpan.FromMilliseconds(100),
            RetryPeriod = TimeSpan.FromSeconds(2),
        };
        _run = RuntimeStatus.RunAsync(world.Cluster, options, Facts, Picture, TimeProvider.System, world.Log.CreateLogger("status"), _stop.Token);
    }

    public ImmutableArray<UnservedBackend> Unserved { get; set; } = [];

    public void Set(string name, HealthStatus health, int failures = 0, FailureCategory why = FailureCategory.None) => Set([name], health, failures, why);

    /// <summary>Several at one moment: no look falls between them.</summary>
    public void Set(string[] names, HealthStatus health, int failures = 0, FailureCategory why = FailureCategory.None) =>
        _backends = _backends.SetItems(names.Select(name => KeyValuePair.Create(name, new BackendReport
        {
            Name = name,
            State = new HealthState
            {
                Status = health,
                ConsecutiveFailures = failures,
                LastFailure = why,
                LastCheck = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            },
        })));

    public void Remove(string name) => _backends = _backends.Remove(name);

    public async Task StopAsync()
    {
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

    private StatusReport Picture() => new()
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
