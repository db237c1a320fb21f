using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Whose tokens servers accept; audience and scopes stand with the reference, as they are each server's own.</summary>
[CustomResource("mcpoidcconfigs", "mcpoidc")]
[PrinterColumn("Source", ".spec.type")]
[PrinterColumn("Valid", ".status.conditions[?(@.type=='Valid')].status")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPOIDCConfig() : Resource<MCPOIDCConfigSpec, ConfigStatus>(ToolHive.MCPOIDCConfig);

/// <summary>Whose tokens are accepted.</summary>
[Cel(
    "(self.type == 'kubernetesServiceAccount') == has(self.kubernetesServiceAccount)",
    "kubernetesServiceAccount must be set when type is kubernetesServiceAccount, and only then", FieldPath = ".kubernetesServiceAccount")]
[Cel("(self.type == 'inline') == has(self.inline)", "inline must be set when type is inline, and only then", FieldPath = ".inline")]
public sealed record MCPOIDCConfigSpec
{
    /// <summary>kubernetesServiceAccount: tokens of the cluster; inline: tokens of the issuer written here.</summary>
    [Required, OneOf("kubernetesServiceAccount", "inline")]
    public string? Type { get; init; }

    /// <summary>Tokens of the cluster.</summary>
    public KubernetesServiceAccountOidcSpec? KubernetesServiceAccount { get; init; }

    /// <summary>Tokens of an issuer.</summary>
    public InlineOidcSpec? Inline { get; init; }
}

/// <summary>Tokens of the cluster.</summary>
public sealed record KubernetesServiceAccountOidcSpec
{
    /// <summary>The one ServiceAccount whose tokens are valid; when unset, every ServiceAccount's with the right audience are.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>The namespace of serviceAccount; the server's own when unset.</summary>
    public string? Namespace { get; init; }

    /// <summary>The issuer of the tokens; the default stands for whatever the cluster calls itself in its tokens.</summary>
    [Default("https://kubernetes.default.svc")]
    public string? Issuer { get; init; }

    /// <summary>Where the keys are; those of the cluster when unset.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>Where opaque tokens are asked about; found by discovery when unset.</summary>
    public string? IntrospectionUrl { get; init; }

    /// <summary>Whether the issuer is asked with the pod's CA and token; true when unset.</summary>
    public bool? UseClusterAuth { get; init; }
}

/// <summary>Tokens of an issuer.</summary>
public sealed record InlineOidcSpec
{
    /// <summary>The issuer.</summary>
    [Required]
    public string Issuer { get; init => field = value ?? field; } = "";

    /// <summary>Where the keys are; found by discovery when unset.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>Where opaque tokens are asked about.</summary>
    public string? IntrospectionUrl { get; init; }

    /// <summary>The client id for asking about opaque tokens.</summary>
    public string? ClientId { get; init; }

    /// <summary>The client secret for asking about opaque tokens.</summary>
    public SecretKeyRef? ClientSecretRef { get; init; }

    /// <summary>CA certificates to trust the issuer by.</summary>
    public CABundleSource? CaBundleRef { get; init; }

    /// <summary>A file with the bearer token the keys are fetched with.</summary>
    public string? JwksAuthTokenPath { get; init; }

    /// <summary>Permits private addresses for discovery and keys.</summary>
    [Default(false)]
    public bool? JwksAllowPrivateIP { get; init; }

    /// <summary>Permits private addresses for the protected resource.</summary>
    [Default(false)]
    public bool? ProtectedResourceAllowPrivateIP { get; init; }

    /// <summary>Permits an issuer without TLS; for development only.</summary>
    [Default(false)]
    public bool? InsecureAllowHTTP { get; init; }
}
