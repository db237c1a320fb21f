using System.Text.Json;
using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>One MCP server that stands for all backends of a group: the operator runs a gateway for it.</summary>
[CustomResource("virtualmcpservers", "vmcp", "virtualmcp")]
[PrinterColumn("Mode", ".status.mode")]
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Backends", ".status.backendCount", Type = "integer")]
[PrinterColumn("URL", ".status.url")]
[PrinterColumn("Ready", ".status.conditions[?(@.type=='Ready')].status")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record VirtualMCPServer() : Resource<VirtualMCPServerSpec, VirtualMCPServerStatus>(ToolHive.VirtualMCPServer);

/// <summary>What the gateway should be.</summary>
[Cel(
    "!has(self.config) || !has(self.config.rateLimiting) || (has(self.sessionStorage) && self.sessionStorage.provider == 'redis')",
    "config.rateLimiting requires sessionStorage with provider redis", FieldPath = ".sessionStorage")]
[Cel(
    "!has(self.config) || !has(self.config.rateLimiting) || !has(self.config.rateLimiting.perUser) || (has(self.incomingAuth) && self.incomingAuth.type == 'oidc')",
    "config.rateLimiting.perUser requires incomingAuth.type oidc", FieldPath = ".config.rateLimiting.perUser")]
[Cel(
    "!has(self.config) || !has(self.config.rateLimiting) || !has(self.config.rateLimiting.tools) || self.config.rateLimiting.tools.all(t, !has(t.perUser)) || (has(self.incomingAuth) && self.incomingAuth.type == 'oidc')",
    "perUser in config.rateLimiting.tools requires incomingAuth.type oidc", FieldPath = ".config.rateLimiting.tools")]
[Cel(
    "!has(self.embeddingServerRef) || !has(self.config) || !has(self.config.optimizer) || !has(self.config.optimizer.embeddingProvider) || self.config.optimizer.embeddingProvider != 'openai'",
    "embeddingServerRef runs a TEI server and cannot be combined with config.optimizer.embeddingProvider openai", FieldPath = ".embeddingServerRef")]
public sealed record VirtualMCPServerSpec
{
    /// <summary>How clients of the gateway prove who they are. Beats config.incomingAuth.</summary>
    [Required]
    public IncomingAuthSpec? IncomingAuth { get; init; }

    /// <summary>
    /// How the gateway proves who it is to backends, and which deployment mode it runs in (source). Each backend uses the first that is set:
    /// its own entry in backends, the auth config its MCPServer, MCPRemoteProxy or MCPServerEntry refers to, the default. When that cannot be
    /// used the backend is not served; config.outgoingAuth is not used.
    /// </summary>
    public OutgoingAuthSpec? OutgoingAuth { get; init; }

    /// <summary>Headers of a client's request that are passed on to every backend.</summary>
    [ListAtomic]
    public IReadOnlyList<string> PassthroughHeaders { get; init => field = value ?? field; } = [];

    /// <summary>Type of the Service before the gateway.</summary>
    [Default("ClusterIP"), OneOf("ClusterIP", "NodePort", "LoadBalancer")]
    public string? ServiceType { get; init; }

    /// <summary>Whether the Service keeps a client with one pod.</summary>
    [Default("ClientIP"), OneOf("ClientIP", "None")]
    public string? SessionAffinity { get; init; }

    /// <summary>An existing ServiceAccount for the pods. When unset the operator makes one with the rights the gateway needs.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>A strategic merge patch on the pod template; the gateway's container is named vmcp.</summary>
    [PreserveUnknownFields]
    public JsonElement? PodTemplateSpec { get; init; }

    /// <summary>The MCPGroup whose members are the backends.</summary>
    [Required]
    public MCPGroupRef? GroupRef { get; init; }

    /// <summary>The gateway's configuration, the same document as its own config.yaml. What the fields of the spec say wins.</summary>
    [PreserveUnknownFields, SchemaOf(typeof(GatewayConfigSchema))]
    public JsonElement? Config { get; init; }

    /// <summary>Where traces and metrics go; config.telemetry is not used.</summary>
    public MCPTelemetryConfigReference? TelemetryConfigRef { get; init; }

    /// <summary>The EmbeddingServer the tool search asks.</summary>
    public EmbeddingServerRef? EmbeddingServerRef { get; init; }

    /// <summary>An authorization server inside the gateway; not supported yet, so a server with it is refused.</summary>
    public EmbeddedAuthServerConfig? AuthServerConfig { get; init; }

    /// <summary>Number of pods. When unset the operator leaves the number alone, for an autoscaler to set.</summary>
    [Bounds(Min = 0)]
    public int? Replicas { get; init; }

    /// <summary>Where rate limits and session data are kept; without redis each replica has its own.</summary>
    public SessionStorageSpec? SessionStorage { get; init; }

    /// <summary>Secrets for pulling images, put on the pods and on the ServiceAccount the operator makes.</summary>
    [ListAtomic]
    public IReadOnlyList<LocalObjectReference> ImagePullSecrets { get; init => field = value ?? field; } = [];
}

/// <summary>How clients of the gateway prove who they are.</summary>
[Cel("self.type != 'oidc' || has(self.oidcConfigRef)", "spec.incomingAuth.oidcConfigRef is required when type is oidc", FieldPath = ".oidcConfigRef")]
[Cel("!(has(self.authzConfig) && has(self.authzConfigRef))", "authzConfig and authzConfigRef are mutually exclusive", FieldPath = ".authzConfigRef")]
public sealed record IncomingAuthSpec
{
    /// <summary>anonymous: nobody has to; oidc: by a bearer token.</summary>
    [Required, OneOf("anonymous", "oidc")]
    public string? Type { get; init; }

    /// <summary>Whose tokens are accepted, and for which audience.</summary>
    public ServerOIDCConfigReference? OidcConfigRef { get; init; }

    /// <summary>Cedar policies, written here or kept in a ConfigMap.</summary>
    public AuthzConfigRef? AuthzConfig { get; init; }

    /// <summary>Policies shared with other servers; the MCPAuthzConfig must be of type cedarv1.</summary>
    public MCPAuthzConfigReference? AuthzConfigRef { get; init; }
}

/// <summary>How the gateway proves who it is to backends.</summary>
public sealed record OutgoingAuthSpec
{
    /// <summary>
    /// discovered: the gateway watches the group and its auth configs itself, changes need no restart. inline: the operator writes all of it
    /// into the gateway's configuration, the pod needs no access to the Kubernetes API, changes restart it.
    /// </summary>
    [Default("discovered"), OneOf("discovered", "inline")]
    public string? Source { get; init; }

    /// <summary>For backends without anything of their own.</summary>
    public BackendAuthSpec? Default { get; init; }

    /// <summary>For single backends, by name; beats what the backend itself refers to.</summary>
    public IReadOnlyDictionary<string, BackendAuthSpec> Backends { get; init => field = value ?? field; } = new Dictionary<string, BackendAuthSpec>();
}

/// <summary>How the gateway proves who it is to one backend.</summary>
public sealed record BackendAuthSpec
{
    /// <summary>discovered: as the backend itself says; externalAuthConfigRef: as the named MCPExternalAuthConfig says.</summary>
    [Required, OneOf("discovered", "externalAuthConfigRef")]
    public string? Type { get; init; }

    /// <summary>The MCPExternalAuthConfig for type externalAuthConfigRef.</summary>
    public ExternalAuthConfigRef? ExternalAuthConfigRef { get; init; }
}

/// <summary>What the gateway is.</summary>
public sealed record VirtualMCPServerStatus
{
    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];

    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The deployment mode that runs, or that is being rolled out: discovered or inline.</summary>
    [OneOf("discovered", "inline")]
    public string? Mode { get; init; }

    /// <summary>The state in one word.</summary>
    [Default("Pending"), OneOf("Pending", "Ready", "Degraded", "Failed")]
    public string? Phase { get; init; }

    /// <summary>Why the phase is what it is.</summary>
    public string? Message { get; init; }

    /// <summary>The gateway's address in the cluster.</summary>
    public string? Url { get; init; }

    /// <summary>The backends of the group, as the gateway sees them.</summary>
    [ListMap("name")]
    public IReadOnlyList<DiscoveredBackend> DiscoveredBackends { get; init => field = value ?? field; } = [];

    /// <summary>How many backends calls can go to: ready and unauthenticated ones.</summary>
    public int? BackendCount { get; init; }

    /// <summary>Hash of the MCPAuthzConfig in use.</summary>
    public string? AuthzConfigHash { get; init; }

    /// <summary>Hash of the MCPOIDCConfig in use.</summary>
    public string? OidcConfigHash { get; init; }

    /// <summary>Hash of the MCPTelemetryConfig in use.</summary>
    public string? TelemetryConfigHash { get; init; }
}

/// <summary>One backend, as the gateway sees it.</summary>
public sealed record DiscoveredBackend
{
    /// <summary>Name of the backend.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>Where it is.</summary>
    public string? Url { get; init; }

    /// <summary>ready, degraded, unavailable, unauthenticated or unknown.</summary>
    public string? Status { get; init; }

    /// <summary>The MCPExternalAuthConfig in use.</summary>
    public string? AuthConfigRef { get; init; }

    /// <summary>Which setting of the authentication won: explicit (outgoingAuth.backends), workload (the backend's own), default or none.</summary>
    public string? AuthSource { get; init; }

    /// <summary>The way of authentication in use: header_injection, token_exchange and so on.</summary>
    public string? AuthType { get; init; }

    /// <summary>When it was probed last.</summary>
    public DateTimeOffset? LastHealthCheck { get; init; }

    /// <summary>Why the status is what it is.</summary>
    public string? Message { get; init; }

    /// <summary>State of the circuit breaker; unset while breakers are off.</summary>
    [OneOf("closed", "open", "half-open")]
    public string? CircuitBreakerState { get; init; }

    /// <summary>When the circuit breaker changed last.</summary>
    public DateTimeOffset? CircuitLastChanged { get; init; }

    /// <summary>Failed probes in a row.</summary>
    public int? ConsecutiveFailures { get; init; }

    /// <summary>The MCP revision spoken with it; unset before the first probe.</summary>
    public string? McpRevision { get; init; }
}
