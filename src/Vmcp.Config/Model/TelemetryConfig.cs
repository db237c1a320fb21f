using Vmcp.Config.Values;
using Vmcp.Core.Values;

namespace Vmcp.Config.Model;

/// <summary><c>telemetry</c> (vmcp-runtime 1.6). Read and checked; nothing is sent by this version.</summary>
public sealed record TelemetryConfig
{
    /// <summary>OTLP endpoint, host:port or URL.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The service's name; the server's name when absent.</summary>
    public string? ServiceName { get; init; }

    /// <summary>The service's version.</summary>
    public string? ServiceVersion { get; init; }

    /// <summary>Traces are sent.</summary>
    public bool? TracingEnabled { get; init; }

    /// <summary>Metrics are sent.</summary>
    public bool? MetricsEnabled { get; init; }

    /// <summary>Share of traces kept, 0 to 1; 0.05 when absent.</summary>
    public decimal? SamplingRate { get; init; }

    /// <summary>Headers to the collector.</summary>
    public SortedMap<string> Headers { get; init; } = SortedMap.Empty<string>();

    /// <summary>Plain http to the collector.</summary>
    public bool? Insecure { get; init; }

    /// <summary><c>/metrics</c> is served.</summary>
    public bool? EnablePrometheusMetricsPath { get; init; }

    /// <summary>Port of the metrics listener; zero or absent is 9464.</summary>
    public int? PrometheusPort { get; init; }

    /// <summary>Metrics on the main port too; absent is true.</summary>
    public bool? MetricsOnTransportPort { get; init; }

    /// <summary>Environment variables recorded on spans.</summary>
    public EquatableArray<string> EnvironmentVariables { get; init; }

    /// <summary>Resource attributes.</summary>
    public SortedMap<string> CustomAttributes { get; init; } = SortedMap.Empty<string>();

    /// <summary>Older attribute names are sent too; absent is true.</summary>
    public bool? UseLegacyAttributes { get; init; }

    /// <summary>PEM bundle for the collector.</summary>
    public string? CaCertPath { get; init; }
}

/// <summary><c>audit</c> (auth-and-ops 6.1). Read and checked; only <c>enabled</c> would switch it on.</summary>
public sealed record AuditConfig
{
    /// <summary>Whether events are written.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The component named in events.</summary>
    public string? Component { get; init; }

    /// <summary>Types written; empty is all.</summary>
    public EquatableArray<string> EventTypes { get; init; }

    /// <summary>Types never written.</summary>
    public EquatableArray<string> ExcludeEventTypes { get; init; }

    /// <summary>Request bodies are written.</summary>
    public bool? IncludeRequestData { get; init; }

    /// <summary>Response bodies are written.</summary>
    public bool? IncludeResponseData { get; init; }

    /// <summary>Errors inside 2xx answers count as failures; absent is true.</summary>
    public bool? DetectApplicationErrors { get; init; }

    /// <summary>Bytes of a body written at most; 1024 when absent.</summary>
    public int? MaxDataSize { get; init; }

    /// <summary>Levels of delegation written at most; 10 when absent.</summary>
    public int? MaxDelegationDepth { get; init; }

    /// <summary>File the events go to; standard output when absent.</summary>
    public string? LogFile { get; init; }
}
