using System.Collections.Immutable;
using System.Net;
using Vmcp.Operator.Settings;

namespace Vmcp.Operator.Hosting;

/// <summary>How the operator runs, from flags and environment (operator.md 7.2, 7.5).</summary>
public sealed record OperatorOptions
{
    /// <summary>Where <c>/metrics</c> is served; null for nowhere.</summary>
    public IPEndPoint? MetricsAddress { get; init; } = new(IPAddress.Any, 8080);

    /// <summary>Where <c>/healthz</c> and <c>/readyz</c> are served; null for nowhere.</summary>
    public IPEndPoint? HealthAddress { get; init; } = new(IPAddress.Any, 8081);

    /// <summary>Only the holder of the lease works; several replicas need it.</summary>
    public bool LeaderElect { get; init; }

    /// <summary>Namespace of the lease (<c>POD_NAMESPACE</c>).</summary>
    public string LeaseNamespace { get; init; } = "default";

    /// <summary>Who this replica is in the lease (<c>POD_NAME</c>, else the host's name).</summary>
    public string Identity { get; init; } = Environment.MachineName;

    /// <summary>The namespaces watched, sorted; empty for all.</summary>
    public ImmutableArray<string> Namespaces { get; init; } = [];

    /// <summary>VirtualMCPServers reconciled at the same time.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>The controllers that run; empty for all.</summary>
    public ImmutableArray<string> Controllers { get; init; } = [];

    /// <summary>What every gateway gets.</summary>
    public OperatorSettings Settings { get; init; } = OperatorSettings.Default;

    /// <summary>Changes that come close together are one reconcile.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether a controller runs.</summary>
    public bool Runs(string controller) => Controllers.Length == 0 || Controllers.Contains(controller, StringComparer.OrdinalIgnoreCase);
}
