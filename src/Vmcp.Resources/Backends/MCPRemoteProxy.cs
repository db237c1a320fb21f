using System.Text.Json;
using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>A proxy in the cluster before a remote MCP server. This operator reads it and leaves running it to the one that owns it.</summary>
[CustomResource("mcpremoteproxies", "rp", "mcprp")]
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Remote URL", ".spec.remoteUrl")]
[PrinterColumn("URL", ".status.url")]
[PrinterColumn("Ready", ".status.conditions[?(@.type=='Ready')].status")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPRemoteProxy() : Resource<MCPRemoteProxySpec, MCPRemoteProxyStatus>(ToolHive.MCPRemoteProxy);

/// <summary>What the proxy should be.</summary>
[Cel("!(has(self.authzConfig) && has(self.authzConfigRef))", "authzConfig and authzConfigRef are mutually exclusive", FieldPath = ".authzConfigRef")]
// Another operator owns the kind and may know more fields than we do; none of them may be lost.
[PreserveUnknownFields]
public sealed record MCPRemoteProxySpec
{
    /// <summary>The remote server's MCP endpoint.</summary>
    [Required, Bounds(Pattern = Patterns.Http)]
    public string RemoteUrl { get; init => field = value ?? field; } = "";

    /// <summary>Permits private addresses and names inside the cluster.</summary>
    [Default(false)]
    public bool? AllowPrivateEndpoint { get; init; }

    /// <summary>The MCPGroup it is a member of.</summary>
    public MCPGroupRef? GroupRef { get; init; }

    /// <summary>The transport the proxy offers and the remote server speaks.</summary>
    [Default("streamable-http"), OneOf("sse", "streamable-http")]
    public string? Transport { get; init; }

    /// <summary>The proxy's port.</summary>
    [Default(8080), Bounds(Min = 1, Max = 65535)]
    public int? ProxyPort { get; init; }

    /// <summary>How the remote server is approached.</summary>
    public ExternalAuthConfigRef? ExternalAuthConfigRef { get; init; }

    /// <summary>An authorization server inside the proxy.</summary>
    public AuthServerRef? AuthServerRef { get; init; }

    /// <summary>Which tools the proxy shows.</summary>
    public ToolConfigRef? ToolConfigRef { get; init; }

    /// <summary>Headers put on every request to the remote server.</summary>
    public HeaderForwardConfig? HeaderForward { get; init; }

    /// <summary>Whose tokens the proxy accepts; open to all when unset.</summary>
    public MCPOIDCConfigReference? OidcConfigRef { get; init; }

    /// <summary>Cedar policies, written here or kept in a ConfigMap.</summary>
    public AuthzConfigRef? AuthzConfig { get; init; }

    /// <summary>Policies shared with other servers.</summary>
    public MCPAuthzConfigReference? AuthzConfigRef { get; init; }

    /// <summary>Where traces and metrics go.</summary>
    public MCPTelemetryConfigReference? TelemetryConfigRef { get; init; }

    /// <summary>Where sessions are kept.</summary>
    public SessionStorageSpec? SessionStorage { get; init; }

    /// <summary>Audit log of the proxy.</summary>
    [PreserveUnknownFields]
    public JsonElement? Audit { get; init; }

    /// <summary>Resources of the proxy's container.</summary>
    [PreserveUnknownFields]
    public JsonElement? Resources { get; init; }

    /// <summary>An existing ServiceAccount for the pods.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>A strategic merge patch on the pod template; the container is named toolhive.</summary>
    [PreserveUnknownFields]
    public JsonElement? PodTemplateSpec { get; init; }

    /// <summary>Whether X-Forwarded headers are believed.</summary>
    public bool? TrustProxyHeaders { get; init; }

    /// <summary>Put before the paths told to SSE clients.</summary>
    public string? EndpointPrefix { get; init; }

    /// <summary>Labels and annotations for what is made for the proxy.</summary>
    [PreserveUnknownFields]
    public JsonElement? ResourceOverrides { get; init; }

    /// <summary>Whether the Service keeps a client with one pod.</summary>
    [OneOf("ClientIP", "None")]
    public string? SessionAffinity { get; init; }

    /// <summary>Number of pods.</summary>
    [Bounds(Min = 0)]
    public int? Replicas { get; init; }
}

/// <summary>What the proxy is.</summary>
[PreserveUnknownFields]
public sealed record MCPRemoteProxyStatus
{
    /// <summary>The state in one word.</summary>
    [OneOf("Pending", "Ready", "Failed", "Terminating")]
    public string? Phase { get; init; }

    /// <summary>The proxy's address in the cluster, which gateways dial.</summary>
    public string? Url { get; init; }

    /// <summary>The proxy's address outside of the cluster.</summary>
    public string? ExternalUrl { get; init; }

    /// <summary>Why the phase is what it is.</summary>
    public string? Message { get; init; }

    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];

    /// <summary>Hash of the MCPToolConfig in use.</summary>
    public string? ToolConfigHash { get; init; }

    /// <summary>Hash of the MCPTelemetryConfig in use.</summary>
    public string? TelemetryConfigHash { get; init; }

    /// <summary>Hash of the MCPExternalAuthConfig in use.</summary>
    public string? ExternalAuthConfigHash { get; init; }

    /// <summary>Hash of the authorization server's configuration in use.</summary>
    public string? AuthServerConfigHash { get; init; }

    /// <summary>Hash of the MCPAuthzConfig in use.</summary>
    public string? AuthzConfigHash { get; init; }

    /// <summary>Hash of the MCPOIDCConfig in use.</summary>
    public string? OidcConfigHash { get; init; }
}
