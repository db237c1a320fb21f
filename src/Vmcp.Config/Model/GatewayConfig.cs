using Vmcp.Config.Values;
using Vmcp.Core.Values;

namespace Vmcp.Config.Model;

/// <summary>The whole configuration file as written (vmcp-runtime 1.2).</summary>
/// <remarks>
/// A null member or an empty list was not written. Defaults are never filled in here, so that "written" and "defaulted" stay apart;
/// they are in the properties that begin with <c>Effective</c>.
/// </remarks>
public sealed record GatewayConfig
{
    /// <summary>Name of a gateway whose file gives none.</summary>
    public const string DefaultName = "vmcp";

    /// <summary>Group of a gateway whose file gives none.</summary>
    public const string DefaultGroup = "default";

    /// <summary>The server's name: <c>serverInfo.name</c>, metrics, policies.</summary>
    /// <default><see cref="EffectiveName"/></default>
    public string? Name { get; init; }

    /// <summary>The group the backends belong to; for a file run by hand a label only.</summary>
    /// <default><see cref="EffectiveGroup"/></default>
    public string? GroupRef { get; init; }

    /// <summary>The backends of an inline gateway, in the order written.</summary>
    public EquatableArray<BackendConfig> Backends { get; init; }

    /// <summary>Who may come in.</summary>
    /// <default><c>{type: anonymous}</c></default>
    public IncomingAuthConfig? IncomingAuth { get; init; }

    /// <summary>As whom the backends are called, and where the list of them comes from.</summary>
    public OutgoingAuthConfig? OutgoingAuth { get; init; }

    /// <summary>How the backends' items become one list.</summary>
    public AggregationConfig? Aggregation { get; init; }

    /// <summary>Workflows offered as tools.</summary>
    public EquatableArray<CompositeToolConfig> CompositeTools { get; init; }

    /// <summary>Names of composite tool resources; the operator replaces them by their content.</summary>
    public EquatableArray<NameRef> CompositeToolRefs { get; init; }

    /// <summary>Timeouts, health and failure handling.</summary>
    public OperationalConfig? Operational { get; init; }

    /// <summary>Free text about the gateway; informational.</summary>
    public SortedMap<string> Metadata { get; init; } = SortedMap.Empty<string>();

    /// <summary>Traces and metrics sent elsewhere.</summary>
    public TelemetryConfig? Telemetry { get; init; }

    /// <summary>The audit log.</summary>
    public AuditConfig? Audit { get; init; }

    /// <summary>Tool search instead of a full list; present means on.</summary>
    public OptimizerConfig? Optimizer { get; init; }

    /// <summary>Scripts that call tools.</summary>
    public CodeModeConfig? CodeMode { get; init; }

    /// <summary>Where session data lives.</summary>
    public SessionStorageConfig? SessionStorage { get; init; }

    /// <summary>Request limits.</summary>
    public RateLimitingConfig? RateLimiting { get; init; }

    /// <summary>Names of client headers that are copied to every backend request.</summary>
    public EquatableArray<string> PassthroughHeaders { get; init; }

    /// <summary><see cref="Name"/>, or <see cref="DefaultName"/>.</summary>
    public string EffectiveName => Name ?? DefaultName;

    /// <summary><see cref="GroupRef"/>, or <see cref="DefaultGroup"/>.</summary>
    public string EffectiveGroup => GroupRef ?? DefaultGroup;

    /// <summary>Who may come in: as written, or everybody (which <c>serve</c> binds to loopback).</summary>
    public IncomingAuthType EffectiveIncomingAuth => IncomingAuth?.Type ?? IncomingAuthType.Anonymous;

    /// <summary>Where backends come from: as written; else the file when it lists backends, else discovery.</summary>
    public OutgoingAuthSource EffectiveSource =>
        OutgoingAuth?.Source ?? (Backends.IsEmpty ? OutgoingAuthSource.Discovered : OutgoingAuthSource.Inline);

    /// <summary>The aggregation rules; all defaults when none are written.</summary>
    public AggregationConfig EffectiveAggregation => Aggregation ?? AggregationConfig.Default;

    /// <summary>The operational settings; all defaults when none are written.</summary>
    public OperationalConfig EffectiveOperational => Operational ?? OperationalConfig.Default;

    /// <summary>The strategy for one backend: its own, else the default, else null (no credentials).</summary>
    public StrategyConfig? StrategyFor(string backend) =>
        OutgoingAuth is null ? null : OutgoingAuth.Backends.TryGetValue(backend, out StrategyConfig? own) ? own : OutgoingAuth.Default;
}

/// <summary>A reference to another resource by name.</summary>
public sealed record NameRef
{
    /// <summary>The resource's name.</summary>
    public string? Name { get; init; }
}
