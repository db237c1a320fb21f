using Vmcp.Core.Catalogs;
using Vmcp.Core.Health;

namespace Vmcp.Gateway;

/// <summary>What is fixed for the life of the process.</summary>
public sealed record GatewayOptions
{
    /// <summary>The server's name: <c>serverInfo.name</c>, and what session ids are bound to.</summary>
    public string Name { get; init; } = Core.Product.Name;

    /// <summary>The server's version, as <c>serverInfo</c> and <c>/status</c> show it.</summary>
    public string Version { get; init; } = Core.Product.Version;

    /// <summary>The group the backends come from, for <c>/status</c>.</summary>
    public string GroupRef { get; init; } = "default";

    /// <summary>Idle time after which a Legacy session ends; each use starts it anew.</summary>
    public TimeSpan SessionTtl { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Sessions held in memory at once.</summary>
    public int MaxSessions { get; init; } = 10_000;

    /// <summary>Pairs of principal and declared capabilities for which sessions with Legacy backends are held on behalf of Modern clients.</summary>
    public int MaxHiddenOwners { get; init; } = 1000;

    /// <summary>Users whose own lists are in memory, each once for each kind of client; only counts where backends are called with each user's own credential.</summary>
    public int MaxIdentities { get; init; } = 1000;

    /// <summary>How long a request waits for what such backends list to a user who was not here before; what comes later is told by notification.</summary>
    public TimeSpan ListPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a user's own lists are good; older ones are served while they are read again.</summary>
    public TimeSpan OwnListAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time without a request after which a user's own lists are forgotten.</summary>
    public TimeSpan IdentityTtl { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>At least 32 bytes shared by all replicas; null makes a random one, so that ids die with the process.</summary>
    public byte[]? SessionSecret { get; init; }

    /// <summary>Whether backends are probed again after they were first reached.</summary>
    public bool MonitorHealth { get; init; } = true;

    /// <summary>Hosts accepted in the <c>Host</c> header besides loopback names; null accepts every host (a non-loopback listener behind a proxy).</summary>
    public IReadOnlySet<string>? AllowedHosts { get; init; } = new HashSet<string>();

    /// <summary>Whether <c>/dashboard</c> is served.</summary>
    public bool Dashboard { get; init; }

    /// <summary>
    /// Whether <c>/api/catalog</c> and <c>/dashboard</c>, which name hidden tools too, are shown to everybody who reaches the gateway, and not
    /// only to callers of the same machine or pod.
    /// </summary>
    public bool ShowCatalog { get; init; }

    /// <summary>How long a client may take to answer an elicitation or sampling request.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a call of a Modern client may stay parked between <c>input_required</c> and its retry.</summary>
    public TimeSpan ParkTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time between two signs of life on a quiet event stream.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a graceful stop waits for calls that run; those left then are cut.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long nobody may have sent anything before a graceful stop closes the listener: where other replicas take over, traffic still comes
    /// for a moment, and each answer tells its client to go elsewhere.
    /// </summary>
    public TimeSpan DrainQuiet { get; init; }
}

/// <summary>What a changed configuration may change while the process runs.</summary>
public sealed record GatewaySettings
{
    /// <summary>How the backends' items become one catalog.</summary>
    public AggregationPolicy Aggregation { get; init; } = new();

    /// <summary>Probing.</summary>
    public HealthPolicy Health { get; init; } = new();

    /// <summary>How often the status is reported: to the log at Debug, where there is no cluster to report to.</summary>
    public TimeSpan ReportingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Circuit breaking.</summary>
    public BreakerPolicy Breaker { get; init; } = new();

    /// <summary>
    /// <c>partialFailureMode: fail</c> was written: a list names the failed backends in an error instead of leaving them out,
    /// and readiness waits until each backend was seen once.
    /// </summary>
    public bool FailOnPartialFailure { get; init; }

    /// <summary>Client headers that are copied to backends, matched without regard to case.</summary>
    public IReadOnlyList<string> PassthroughHeaders { get; init; } = [];
}
