using System.Text.Json;
using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>An MCP server that runs in the cluster, behind a proxy. This operator reads it and leaves running it to the one that owns it.</summary>
[CustomResource("mcpservers", "mcpserver", "mcpservers")]
[PrinterColumn("Status", ".status.phase")]
[PrinterColumn("Ready", ".status.conditions[?(@.type=='Ready')].status")]
[PrinterColumn("Replicas", ".status.readyReplicas", Type = "integer")]
[PrinterColumn("URL", ".status.url")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPServer() : Resource<MCPServerSpec, MCPServerStatus>(ToolHive.MCPServer);

/// <summary>What the server should be.</summary>
[Cel("!(has(self.authzConfig) && has(self.authzConfigRef))", "authzConfig and authzConfigRef are mutually exclusive", FieldPath = ".authzConfigRef")]
[Cel(
    "!has(self.rateLimiting) || (has(self.sessionStorage) && self.sessionStorage.provider == 'redis')",
    "rateLimiting requires sessionStorage with provider redis", FieldPath = ".sessionStorage")]
[Cel(
    "!has(self.rateLimiting) || !has(self.rateLimiting.perUser) || has(self.oidcConfigRef) || has(self.externalAuthConfigRef)",
    "rateLimiting.perUser requires authentication: oidcConfigRef or externalAuthConfigRef", FieldPath = ".rateLimiting.perUser")]
[Cel(
    "!has(self.rateLimiting) || !has(self.rateLimiting.tools) || self.rateLimiting.tools.all(t, !has(t.perUser)) || has(self.oidcConfigRef) || has(self.externalAuthConfigRef)",
    "perUser in rateLimiting.tools requires authentication: oidcConfigRef or externalAuthConfigRef", FieldPath = ".rateLimiting.tools")]
// Another operator owns the kind and may know more fields than we do; none of them may be lost.
[PreserveUnknownFields]
public sealed record MCPServerSpec
{
    /// <summary>The server's image.</summary>
    [Required]
    public string Image { get; init => field = value ?? field; } = "";

    /// <summary>The MCPGroup it is a member of.</summary>
    public MCPGroupRef? GroupRef { get; init; }

    /// <summary>The transport the server itself speaks.</summary>
    [Default("stdio"), OneOf("stdio", "streamable-http", "sse")]
    public string? Transport { get; init; }

    /// <summary>The transport the proxy offers for a stdio server; without meaning for the others.</summary>
    [Default("streamable-http"), OneOf("sse", "streamable-http")]
    public string? ProxyMode { get; init; }

    /// <summary>The proxy's port.</summary>
    [Default(8080), Bounds(Min = 1, Max = 65535)]
    public int? ProxyPort { get; init; }

    /// <summary>The server's own port; 8080 when unset.</summary>
    [Bounds(Min = 1, Max = 65535)]
    public int? McpPort { get; init; }

    /// <summary>How a gateway proves who it is to the server.</summary>
    public ExternalAuthConfigRef? ExternalAuthConfigRef { get; init; }

    /// <summary>Which tools the server's own proxy shows.</summary>
    public ToolConfigRef? ToolConfigRef { get; init; }

    /// <summary>An authorization server inside the proxy.</summary>
    public AuthServerRef? AuthServerRef { get; init; }

    /// <summary>Whose tokens the proxy accepts; open to all when unset.</summary>
    public MCPOIDCConfigReference? OidcConfigRef { get; init; }

    /// <summary>Cedar policies, written here or kept in a ConfigMap.</summary>
    public AuthzConfigRef? AuthzConfig { get; init; }

    /// <summary>Policies shared with other servers.</summary>
    public MCPAuthzConfigReference? AuthzConfigRef { get; init; }

    /// <summary>Where traces and metrics go.</summary>
    public MCPTelemetryConfigReference? TelemetryConfigRef { get; init; }

    /// <summary>Webhooks the proxy calls.</summary>
    public WebhookConfigRef? WebhookConfigRef { get; init; }

    /// <summary>Where sessions are kept.</summary>
    public SessionStorageSpec? SessionStorage { get; init; }

    /// <summary>Limits on calls.</summary>
    public RateLimitSpec? RateLimiting { get; init; }

    /// <summary>Arguments of the server.</summary>
    [ListAtomic]
    public IReadOnlyList<string> Args { get; init => field = value ?? field; } = [];

    /// <summary>Variables of the server's container.</summary>
    [AnyValue]
    public JsonElement? Env { get; init; }

    /// <summary>Volumes of the server's container.</summary>
    [AnyValue]
    public JsonElement? Volumes { get; init; }

    /// <summary>Resources of the server's container.</summary>
    [PreserveUnknownFields]
    public JsonElement? Resources { get; init; }

    /// <summary>Secrets given to the server as variables.</summary>
    [AnyValue]
    public JsonElement? Secrets { get; init; }

    /// <summary>An existing ServiceAccount for the pods.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>What the server may reach.</summary>
    [PreserveUnknownFields]
    public JsonElement? PermissionProfile { get; init; }

    /// <summary>A strategic merge patch on the pod template; the container is named mcp.</summary>
    [PreserveUnknownFields]
    public JsonElement? PodTemplateSpec { get; init; }

    /// <summary>Labels and annotations for what is made for the server.</summary>
    [PreserveUnknownFields]
    public JsonElement? ResourceOverrides { get; init; }

    /// <summary>Audit log of the proxy.</summary>
    [PreserveUnknownFields]
    public JsonElement? Audit { get; init; }

    /// <summary>Whether X-Forwarded headers are believed.</summary>
    public bool? TrustProxyHeaders { get; init; }

    /// <summary>Put before the paths told to SSE clients.</summary>
    public string? EndpointPrefix { get; init; }

    /// <summary>Whether the Service keeps a client with one pod.</summary>
    [OneOf("ClientIP", "None")]
    public string? SessionAffinity { get; init; }

    /// <summary>Number of proxy pods.</summary>
    [Bounds(Min = 0)]
    public int? Replicas { get; init; }

    /// <summary>Number of server pods.</summary>
    [Bounds(Min = 0)]
    public int? BackendReplicas { get; init; }
}

/// <summary>What the server is.</summary>
[PreserveUnknownFields]
public sealed record MCPServerStatus
{
    /// <summary>The address gateways dial; a server without one is skipped.</summary>
    public string? Url { get; init; }

    /// <summary>The state in one word.</summary>
    [OneOf("Pending", "Ready", "Failed", "Terminating", "Stopped")]
    public string? Phase { get; init; }

    /// <summary>Why the phase is what it is.</summary>
    public string? Message { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];

    /// <summary>Hash of the MCPToolConfig in use.</summary>
    public string? ToolConfigHash { get; init; }

    /// <summary>Hash of the MCPExternalAuthConfig in use.</summary>
    public string? ExternalAuthConfigHash { get; init; }

    /// <summary>Hash of the authorization server's configuration in use.</summary>
    public string? AuthServerConfigHash { get; init; }

    /// <summary>Hash of the MCPAuthzConfig in use.</summary>
    public string? AuthzConfigHash { get; init; }

    /// <summary>Hash of the MCPOIDCConfig in use.</summary>
    public string? OidcConfigHash { get; init; }

    /// <summary>Hash of the MCPTelemetryConfig in use.</summary>
    public string? TelemetryConfigHash { get; init; }

    /// <summary>Hash of the MCPWebhookConfig in use.</summary>
    public string? WebhookConfigHash { get; init; }
}
