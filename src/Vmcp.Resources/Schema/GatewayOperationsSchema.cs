namespace Vmcp.Resources.Schema;

/// <summary>Time limits, health and logging.</summary>
public sealed record OperationalSchema
{
    /// <summary>debug for more; info when unset.</summary>
    [OneOf("debug")]
    public string? LogLevel { get; init; }

    /// <summary>How long backends may take.</summary>
    public TimeoutsSchema? Timeouts { get; init; }

    /// <summary>How backends are probed and what happens without them.</summary>
    public FailureHandlingSchema? FailureHandling { get; init; }
}

/// <summary>How long backends may take.</summary>
public sealed record TimeoutsSchema
{
    /// <summary>The most time a call may take.</summary>
    [Default("30s"), Bounds(Pattern = Patterns.Duration)]
    public string? Default { get; init; }

    /// <summary>The same for single backends, by name.</summary>
    [ItemBounds(Pattern = Patterns.Duration)]
    public IReadOnlyDictionary<string, string>? PerWorkload { get; init; }
}

/// <summary>How backends are probed and what happens without them.</summary>
public sealed record FailureHandlingSchema
{
    /// <summary>Time between probes.</summary>
    [Default("30s"), Bounds(Pattern = Patterns.Duration)]
    public string? HealthCheckInterval { get; init; }

    /// <summary>How many failures in a row make a backend unavailable.</summary>
    [Default(3)]
    public int? UnhealthyThreshold { get; init; }

    /// <summary>The most time a probe may take, less than healthCheckInterval.</summary>
    // No default, unlike upstream's schema: 10s contradicts a written interval of 10s, and the user would be told off for our value.
    [Bounds(Pattern = Patterns.Duration)]
    public string? HealthCheckTimeout { get; init; }

    /// <summary>Time between reports of the backends' state.</summary>
    [Default("30s"), Bounds(Pattern = Patterns.Duration)]
    public string? StatusReportingInterval { get; init; }

    /// <summary>best_effort: serve what is there; fail: refuse all while a backend is missing. best_effort when unset.</summary>
    // No default, unlike upstream's schema: the gateway enforces a written fail, so it must be the user's own word.
    [OneOf("fail", "best_effort")]
    public string? PartialFailureMode { get; init; }

    /// <summary>Stops calls to a backend that keeps failing.</summary>
    public CircuitBreakerSchema? CircuitBreaker { get; init; }
}

/// <summary>Stops calls to a backend that keeps failing.</summary>
[Cel(
    "!has(self.timeout) || size(self.timeout) == 0 || duration(self.timeout) >= duration('1s')",
    "timeout must be at least 1s", FieldPath = ".timeout")]
public sealed record CircuitBreakerSchema
{
    /// <summary>Whether it does.</summary>
    [Default(false)]
    public bool? Enabled { get; init; }

    /// <summary>How many failures in a row stop calls.</summary>
    [Default(5), Bounds(Min = 1)]
    public int? FailureThreshold { get; init; }

    /// <summary>How long calls are stopped before one is tried, at least 1s.</summary>
    [Default("60s"), Bounds(Pattern = Patterns.Duration)]
    public string? Timeout { get; init; }
}

/// <summary>The audit log.</summary>
public sealed record AuditSchema
{
    /// <summary>Whether there is one.</summary>
    [Default(false)]
    public bool? Enabled { get; init; }

    /// <summary>The component named in events; the object's name when unset.</summary>
    public string? Component { get; init; }

    /// <summary>Types of events to log; all when empty.</summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>Types of events not to log; wins over eventTypes.</summary>
    public IReadOnlyList<string>? ExcludeEventTypes { get; init; }

    /// <summary>Whether bodies of requests are logged.</summary>
    [Default(false)]
    public bool? IncludeRequestData { get; init; }

    /// <summary>Whether bodies of responses are logged.</summary>
    [Default(false)]
    public bool? IncludeResponseData { get; init; }

    /// <summary>Whether errors inside of successful responses are looked for.</summary>
    [Default(true)]
    public bool? DetectApplicationErrors { get; init; }

    /// <summary>How many bytes of a body are logged.</summary>
    [Default(1024)]
    public int? MaxDataSize { get; init; }

    /// <summary>How many nested act claims are logged.</summary>
    [Default(10), Bounds(Min = 1)]
    public int? MaxDelegationDepth { get; init; }

    /// <summary>The file; standard output when unset.</summary>
    public string? LogFile { get; init; }
}

/// <summary>Where traces and metrics go.</summary>
public sealed record TelemetrySchema
{
    /// <summary>The collector.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The OpenTelemetry service.name.</summary>
    public string? ServiceName { get; init; }

    /// <summary>The OpenTelemetry service.version.</summary>
    public string? ServiceVersion { get; init; }

    /// <summary>Whether traces are sent.</summary>
    [Default(false)]
    public bool? TracingEnabled { get; init; }

    /// <summary>Whether metrics are sent.</summary>
    [Default(false)]
    public bool? MetricsEnabled { get; init; }

    /// <summary>The part of requests that is traced, 0 to 1, as text.</summary>
    [Default("0.05")]
    public string? SamplingRate { get; init; }

    /// <summary>Headers for the collector.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Whether the collector is spoken to without TLS.</summary>
    [Default(false)]
    public bool? Insecure { get; init; }

    /// <summary>Whether there is an endpoint for Prometheus.</summary>
    [Default(false)]
    public bool? EnablePrometheusMetricsPath { get; init; }

    /// <summary>Its port; 9464 when unset.</summary>
    public int? PrometheusPort { get; init; }

    /// <summary>Whether it is on the main port too.</summary>
    public bool? MetricsOnTransportPort { get; init; }

    /// <summary>Variables that become attributes of spans.</summary>
    public IReadOnlyList<string>? EnvironmentVariables { get; init; }

    /// <summary>Attributes of the OpenTelemetry resource.</summary>
    public IReadOnlyDictionary<string, string>? CustomAttributes { get; init; }

    /// <summary>Whether attributes carry their old names too.</summary>
    [Default(true)]
    public bool? UseLegacyAttributes { get; init; }

    /// <summary>A file with CA certificates to trust the collector by.</summary>
    public string? CaCertPath { get; init; }
}
