using System.Collections.Immutable;
using Vmcp.Core.Backends;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Health;

namespace Vmcp.Core.Status;

/// <summary>
/// The one picture of now: every endpoint, metric and condition that tells of the gateway's state is drawn from it, so they cannot disagree
/// (design 5.3). Holds no URL, header, token or raw error.
/// </summary>
public sealed record StatusReport
{
    /// <summary>The server's name (<c>name</c> of the configuration).</summary>
    public required string Name { get; init; }

    /// <summary>The version of this program.</summary>
    public required string Version { get; init; }

    /// <summary>The group as configured.</summary>
    public required string GroupRef { get; init; }

    /// <summary>Where the backends come from.</summary>
    public GatewayMode Mode { get; init; }

    /// <summary>Whether traffic may come.</summary>
    public Readiness Readiness { get; init; } = Readiness.Yes;

    /// <summary>Whether probes run; without them every backend is listed.</summary>
    public bool MonitoringEnabled { get; init; } = true;

    /// <summary>Who may come in, and whether that can be judged.</summary>
    public IncomingReport Incoming { get; init; } = new();

    /// <summary>Which configuration is in force.</summary>
    public ConfigReport Config { get; init; } = new();

    /// <summary>The backends, sorted by name.</summary>
    public ImmutableArray<BackendReport> Backends { get; init; } = [];

    /// <summary>Backends that exist and are not served, sorted by name; only a live source knows of such.</summary>
    public ImmutableArray<UnservedBackend> Unserved { get; init; } = [];

    /// <summary>How the source of the backends is; null when they come from the configuration.</summary>
    public SourceState? Source { get; init; }

    /// <summary>What is published.</summary>
    public CatalogReport Catalog { get; init; } = new();

    /// <summary>Open client sessions.</summary>
    public int Sessions { get; init; }

    /// <summary>At least one backend is exactly healthy (vmcp-runtime 3.3). False without backends.</summary>
    public bool Healthy => Backends.Any(b => b.Health == HealthStatus.Healthy);
}

/// <summary>Where the backends come from (<c>outgoingAuth.source</c>).</summary>
public enum GatewayMode
{
    /// <summary>From the configuration file; <c>static</c> in <c>/readyz</c>.</summary>
    Inline,

    /// <summary>From a watch; <c>dynamic</c> in <c>/readyz</c>.</summary>
    Discovered,
}

/// <summary>Whether the gateway is ready.</summary>
/// <param name="IsReady">True: 200; false: 503.</param>
/// <param name="Reason">Why not, as one word: <c>cache_sync_pending</c>, <c>draining</c> …</param>
public sealed record Readiness(bool IsReady, string? Reason = null)
{
    /// <summary>Ready.</summary>
    public static Readiness Yes { get; } = new(true);
}

/// <summary>Which configuration is in force, and whether a newer one was refused.</summary>
public sealed record ConfigReport
{
    /// <summary>Counts the configurations put in force since start, the first one is 1.</summary>
    public long Generation { get; init; } = 1;

    /// <summary>When the one in force was loaded.</summary>
    public DateTimeOffset? LoadedAt { get; init; }

    /// <summary>Why the newest edit was refused; null when it was taken. Written through <see cref="StatusText.Sanitise"/>.</summary>
    public string? LastReloadError { get; init; }

    /// <summary>When it was refused.</summary>
    public DateTimeOffset? LastReloadErrorAt { get; init; }
}

/// <summary>One backend now.</summary>
public sealed record BackendReport
{
    /// <summary>The backend's name.</summary>
    public required string Name { get; init; }

    /// <summary>How it is spoken to.</summary>
    public BackendTransport Transport { get; init; }

    /// <summary>The kind of credential, <see cref="Strategy.Type"/>; never the credential.</summary>
    public string AuthType { get; init; } = Strategy.None.Type;

    /// <summary>Which setting chose it, <see cref="Backend.AuthSource"/>.</summary>
    public string AuthSource { get; init; } = "none";

    /// <summary>The protocol revision spoken with it; null until it was probed.</summary>
    public string? Revision { get; init; }

    /// <summary>What the probes say.</summary>
    public HealthState State { get; init; } = HealthState.Initial;

    /// <summary>The breaker's position.</summary>
    public BreakerState Breaker { get; init; } = BreakerState.Initial;

    /// <summary>Whether its items are listed now.</summary>
    public bool Listed { get; init; }

    /// <summary>
    /// It is called with each user's own credential, so what it lists depends on the user. The counts are then what the gateway's own probe saw,
    /// which nobody is shown; they are known only when <see cref="Revision"/> is.
    /// </summary>
    public bool IsPerUser { get; init; }

    /// <summary>Tools it offers, hidden ones included.</summary>
    public int Tools { get; init; }

    /// <summary>Resources it offers.</summary>
    public int Resources { get; init; }

    /// <summary>Resource templates it offers.</summary>
    public int ResourceTemplates { get; init; }

    /// <summary>Prompts it offers.</summary>
    public int Prompts { get; init; }

    /// <summary>The status by itself.</summary>
    public HealthStatus Health => State.Status;
}

/// <summary>What is published now.</summary>
public sealed record CatalogReport
{
    /// <summary>The catalog's version.</summary>
    public long Version { get; init; }

    /// <summary>Listed tools.</summary>
    public int Tools { get; init; }

    /// <summary>Listed resources.</summary>
    public int Resources { get; init; }

    /// <summary>Listed resource templates.</summary>
    public int ResourceTemplates { get; init; }

    /// <summary>Listed prompts.</summary>
    public int Prompts { get; init; }

    /// <summary>Contested names and dropped items.</summary>
    public ImmutableArray<CatalogConflict> Conflicts { get; init; } = [];

    /// <summary>Counts a catalog.</summary>
    public static CatalogReport From(Catalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new CatalogReport
        {
            Version = catalog.Version,
            Tools = catalog.Tools.Entries.Length,
            Resources = catalog.Resources.Entries.Length,
            ResourceTemplates = catalog.ResourceTemplates.Entries.Length,
            Prompts = catalog.Prompts.Entries.Length,
            Conflicts = catalog.Conflicts,
        };
    }
}
