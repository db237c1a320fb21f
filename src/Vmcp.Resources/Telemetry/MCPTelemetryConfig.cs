using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Where traces and metrics go, shared by several servers.</summary>
[CustomResource("mcptelemetryconfigs", "mcpotel")]
[PrinterColumn("Endpoint", ".spec.openTelemetry.endpoint")]
[PrinterColumn("Valid", ".status.conditions[?(@.type=='Valid')].status")]
[PrinterColumn("Tracing", ".spec.openTelemetry.tracing.enabled", Type = "boolean")]
[PrinterColumn("Metrics", ".spec.openTelemetry.metrics.enabled", Type = "boolean")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPTelemetryConfig() : Resource<MCPTelemetryConfigSpec, ConfigStatus>(ToolHive.MCPTelemetryConfig);

/// <summary>Where traces and metrics go.</summary>
public sealed record MCPTelemetryConfigSpec
{
    /// <summary>Export over OTLP.</summary>
    public OpenTelemetrySpec? OpenTelemetry { get; init; }

    /// <summary>An endpoint for Prometheus.</summary>
    public PrometheusSpec? Prometheus { get; init; }
}

/// <summary>Export over OTLP.</summary>
[Cel(
    "!has(self.headers) || !has(self.sensitiveHeaders) || self.sensitiveHeaders.all(h, !(h.name in self.headers))",
    "a header must not be in both headers and sensitiveHeaders", FieldPath = ".sensitiveHeaders")]
public sealed record OpenTelemetrySpec
{
    /// <summary>Whether anything is exported.</summary>
    [Default(false)]
    public bool? Enabled { get; init; }

    /// <summary>The collector.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Whether the collector is spoken to without TLS.</summary>
    [Default(false)]
    public bool? Insecure { get; init; }

    /// <summary>Headers for the collector with their values in plain sight; never put secrets here.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Headers for the collector whose values are in Secrets.</summary>
    [ListMap("name")]
    public IReadOnlyList<SensitiveHeader> SensitiveHeaders { get; init => field = value ?? field; } = [];

    /// <summary>Attributes of the OpenTelemetry resource.</summary>
    public IReadOnlyDictionary<string, string> ResourceAttributes { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Metrics over OTLP.</summary>
    public OpenTelemetryMetricsSpec? Metrics { get; init; }

    /// <summary>Traces over OTLP.</summary>
    public OpenTelemetryTracingSpec? Tracing { get; init; }

    /// <summary>Whether attributes carry their old names too.</summary>
    [Default(true)]
    public bool? UseLegacyAttributes { get; init; }

    /// <summary>CA certificates to trust the collector by.</summary>
    public CABundleSource? CaBundleRef { get; init; }
}

/// <summary>A header whose value is in a Secret.</summary>
public sealed record SensitiveHeader
{
    /// <summary>The header.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>Its value.</summary>
    [Required]
    public SecretKeyRef? SecretKeyRef { get; init; }
}

/// <summary>Metrics over OTLP.</summary>
public sealed record OpenTelemetryMetricsSpec
{
    /// <summary>Whether they are sent.</summary>
    [Default(false)]
    public bool? Enabled { get; init; }
}

/// <summary>Traces over OTLP.</summary>
public sealed record OpenTelemetryTracingSpec
{
    /// <summary>Whether they are sent.</summary>
    [Default(false)]
    public bool? Enabled { get; init; }

    /// <summary>The part of requests that is traced, 0 to 1, as text.</summary>
    [Default("0.05"), Bounds(Pattern = Patterns.Ratio)]
    public string? SamplingRate { get; init; }
}

/// <summary>An endpoint for Prometheus.</summary>
public sealed record PrometheusSpec
{
    /// <summary>Whether there is one.</summary>
    [Default(false)]
    public bool? Enabled { get; init; }
}
