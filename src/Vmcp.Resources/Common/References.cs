using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>One key of a Secret in the same namespace.</summary>
public sealed record SecretKeyRef
{
    /// <summary>Name of the Secret.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>The key in it.</summary>
    [Required]
    public string Key { get; init => field = value ?? field; } = "";
}

/// <summary>Names an MCPGroup in the same namespace.</summary>
public sealed record MCPGroupRef
{
    /// <summary>Name of the MCPGroup.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names an MCPExternalAuthConfig in the same namespace.</summary>
public sealed record ExternalAuthConfigRef
{
    /// <summary>Name of the MCPExternalAuthConfig.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names an MCPToolConfig in the same namespace.</summary>
public sealed record ToolConfigRef
{
    /// <summary>Name of the MCPToolConfig.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names an EmbeddingServer in the same namespace.</summary>
public sealed record EmbeddingServerRef
{
    /// <summary>Name of the EmbeddingServer.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names an MCPWebhookConfig in the same namespace.</summary>
public sealed record WebhookConfigRef
{
    /// <summary>Name of the MCPWebhookConfig.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names a VirtualMCPCompositeToolDefinition in the same namespace.</summary>
public sealed record CompositeToolRef
{
    /// <summary>Name of the VirtualMCPCompositeToolDefinition.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names the object that configures an embedded authorization server.</summary>
public sealed record AuthServerRef
{
    /// <summary>Kind of the object.</summary>
    [Required, Default("MCPExternalAuthConfig"), OneOf("MCPExternalAuthConfig")]
    public string? Kind { get; init; }

    /// <summary>Name of the object.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names an MCPAuthzConfig in the same namespace.</summary>
public sealed record MCPAuthzConfigReference
{
    /// <summary>Name of the MCPAuthzConfig.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Names an MCPTelemetryConfig in the same namespace, with what is this server's own.</summary>
public sealed record MCPTelemetryConfigReference
{
    /// <summary>Name of the MCPTelemetryConfig.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>The OpenTelemetry service.name, which should be unique; the name of this object when unset.</summary>
    public string? ServiceName { get; init; }
}

/// <summary>Names an MCPOIDCConfig in the same namespace, with what is this server's own.</summary>
public record MCPOIDCConfigReference
{
    /// <summary>Name of the MCPOIDCConfig.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>The audience tokens must be made for; give each server its own, or a token for one opens another.</summary>
    [Required, Bounds(MinLength = 1)]
    public string Audience { get; init => field = value ?? field; } = "";

    /// <summary>Scopes told to clients in the protected resource metadata; openid when unset.</summary>
    [ListAtomic]
    public IReadOnlyList<string> Scopes { get; init => field = value ?? field; } = [];

    /// <summary>The public URL of this server, told to clients in the protected resource metadata; the URL in the cluster when unset.</summary>
    public string? ResourceUrl { get; init; }
}

/// <summary>The same for a VirtualMCPServer, whose gateway is ours and knows more.</summary>
public sealed record ServerOIDCConfigReference : MCPOIDCConfigReference
{
    /// <summary>
    /// Scopes a token must carry, all of them; one without is answered 403 insufficient_scope. An extension of this operator: unset, no scope
    /// is asked for.
    /// </summary>
    [ListAtomic]
    public IReadOnlyList<string> RequiredScopes { get; init => field = value ?? field; } = [];
}

/// <summary>One key of a ConfigMap in the same namespace.</summary>
public sealed record ConfigMapKeySelector
{
    /// <summary>Name of the ConfigMap.</summary>
    [Default("")]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>The key in it.</summary>
    [Required]
    public string Key { get; init => field = value ?? field; } = "";

    /// <summary>Whether ConfigMap and key may be missing.</summary>
    public bool? Optional { get; init; }
}

/// <summary>Where CA certificates come from.</summary>
public sealed record CABundleSource
{
    /// <summary>A ConfigMap key with PEM certificates.</summary>
    public ConfigMapKeySelector? ConfigMapRef { get; init; }
}

/// <summary>Names an object in the same namespace.</summary>
public sealed record LocalObjectReference
{
    /// <summary>Name of the object.</summary>
    [Default("")]
    public string Name { get; init => field = value ?? field; } = "";
}

/// <summary>Headers put on every request to a remote server.</summary>
public sealed record HeaderForwardConfig
{
    /// <summary>Headers with their values in plain sight; never put secrets here.</summary>
    public IReadOnlyDictionary<string, string> AddPlaintextHeaders { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Headers whose values are in Secrets.</summary>
    [ListMap("headerName")]
    public IReadOnlyList<HeaderFromSecret> AddHeadersFromSecret { get; init => field = value ?? field; } = [];
}

/// <summary>A header whose value is in a Secret.</summary>
public sealed record HeaderFromSecret
{
    /// <summary>The header.</summary>
    [Required, Bounds(MinLength = 1, MaxLength = 255)]
    public string HeaderName { get; init => field = value ?? field; } = "";

    /// <summary>Its value.</summary>
    [Required]
    public SecretKeyRef? ValueSecretRef { get; init; }
}
