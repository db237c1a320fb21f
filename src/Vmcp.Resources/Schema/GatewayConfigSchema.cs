namespace Vmcp.Resources.Schema;

/// <summary>The gateway's configuration, as <c>spec.config</c> describes it. Only its schema is used; it is read as raw JSON.</summary>
[PreserveUnknownFields]
public sealed record GatewayConfigSchema
{
    /// <summary>Name of the gateway; the operator writes the object's own name here.</summary>
    public string? Name { get; init; }

    /// <summary>Name of the group, as plain text; the operator writes spec.groupRef.name here.</summary>
    public string? GroupRef { get; init; }

    /// <summary>Backends for outgoingAuth.source inline, exactly these in place of the members of the group; not with source discovered.</summary>
    public IReadOnlyList<GatewayBackendSchema>? Backends { get; init; }

    /// <summary>Free labels of the gateway.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Headers of a client's request that are passed on to every backend; spec.passthroughHeaders wins when it names any.</summary>
    [ListAtomic]
    public IReadOnlyList<string>? PassthroughHeaders { get; init; }

    /// <summary>How clients prove who they are; the operator writes what spec.incomingAuth says here.</summary>
    public GatewayIncomingAuthSchema? IncomingAuth { get; init; }

    /// <summary>How the gateway proves who it is; the operator writes what spec.outgoingAuth says here.</summary>
    public GatewayOutgoingAuthSchema? OutgoingAuth { get; init; }

    /// <summary>How the backends' tools become one list.</summary>
    public AggregationSchema? Aggregation { get; init; }

    /// <summary>Workflows offered as tools.</summary>
    public IReadOnlyList<VirtualMCPCompositeToolDefinitionSpec>? CompositeTools { get; init; }

    /// <summary>VirtualMCPCompositeToolDefinitions offered as tools.</summary>
    public IReadOnlyList<CompositeToolRef>? CompositeToolRefs { get; init; }

    /// <summary>Time limits, health and logging.</summary>
    public OperationalSchema? Operational { get; init; }

    /// <summary>Clients see two tools that find and call the others.</summary>
    public OptimizerSchema? Optimizer { get; init; }

    /// <summary>Clients see a tool that runs scripts over the others.</summary>
    public CodeModeSchema? CodeMode { get; init; }

    /// <summary>The audit log.</summary>
    public AuditSchema? Audit { get; init; }

    /// <summary>Not used by the operator: set spec.telemetryConfigRef.</summary>
    public TelemetrySchema? Telemetry { get; init; }

    /// <summary>Where sessions are kept; the operator writes what spec.sessionStorage says here.</summary>
    public GatewaySessionStorageSchema? SessionStorage { get; init; }

    /// <summary>Limits on calls; they need spec.sessionStorage with provider redis.</summary>
    public RateLimitSpec? RateLimiting { get; init; }
}

/// <summary>One backend.</summary>
public sealed record GatewayBackendSchema
{
    /// <summary>Name of the backend.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>Where it is.</summary>
    [Required, Bounds(Pattern = Patterns.Http)]
    public string? Url { get; init; }

    /// <summary>The transport it speaks.</summary>
    [Required, OneOf("sse", "streamable-http")]
    public string? Transport { get; init; }

    /// <summary>entry for a remote server that is dialled directly.</summary>
    [OneOf("entry", "")]
    public string? Type { get; init; }

    /// <summary>A file with CA certificates; for type entry.</summary>
    public string? CaBundlePath { get; init; }

    /// <summary>Free labels; the key group is taken.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}

/// <summary>Where sessions are kept.</summary>
public sealed record GatewaySessionStorageSchema
{
    /// <summary>memory or redis.</summary>
    [Required, OneOf("memory", "redis")]
    public string? Provider { get; init; }

    /// <summary>Host and port of Redis.</summary>
    public string? Address { get; init; }

    /// <summary>Index of the Redis database.</summary>
    [Default(0), Bounds(Min = 0)]
    public int? Db { get; init; }

    /// <summary>Put before every Redis key.</summary>
    public string? KeyPrefix { get; init; }
}
