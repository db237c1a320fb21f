using Vmcp.Core.Values;

namespace Vmcp.Config.Model;

/// <summary><c>incomingAuth</c>: how clients prove who they are.</summary>
public sealed record IncomingAuthConfig
{
    /// <summary>The kind of proof.</summary>
    public IncomingAuthType? Type { get; init; }

    /// <summary>The OpenID Connect provider, for <see cref="IncomingAuthType.Oidc"/>.</summary>
    public OidcConfig? Oidc { get; init; }

    /// <summary>What an authenticated client may do.</summary>
    public AuthzConfig? Authz { get; init; }
}

/// <summary>The kinds of <c>incomingAuth.type</c>.</summary>
public enum IncomingAuthType
{
    /// <summary>Everybody, as one anonymous user.</summary>
    Anonymous,

    /// <summary>Bearer tokens of an OpenID Connect provider.</summary>
    Oidc,

    /// <summary>The operating system's user, without proof.</summary>
    Local,
}

/// <summary><c>incomingAuth.oidc</c> (auth-and-ops 1.1).</summary>
public sealed record OidcConfig
{
    /// <summary>The environment variable with the client secret when <see cref="ClientSecretEnv"/> names none; the operator sets it.</summary>
    public const string ClientSecretVariable = "VMCP_OIDC_CLIENT_SECRET";

    /// <summary>Its older name, looked at when the other variable is not set.</summary>
    public const string LegacyClientSecretVariable = "TOOLHIVE_OIDC_CLIENT_SECRET";

    /// <summary>The token issuer's URL.</summary>
    public string? Issuer { get; init; }

    /// <summary>The client id for introspection.</summary>
    public string? ClientId { get; init; }

    /// <summary>Name of the environment variable with the client secret; without it, <see cref="LegacyClientSecretVariable"/> is looked at as well.</summary>
    /// <default><see cref="ClientSecretVariable"/></default>
    public string? ClientSecretEnv { get; init; }

    /// <summary>The audience a token must carry.</summary>
    public string? Audience { get; init; }

    /// <summary>The protected resource's URL (RFC 9728).</summary>
    /// <default><c>audience</c>, when that is a URL</default>
    public string? Resource { get; init; }

    /// <summary>The key set's URL; then there is no discovery.</summary>
    /// <default>found by discovery</default>
    public string? JwksUrl { get; init; }

    /// <summary>Absolute path of a file with the key set; read again when it changes. Then nothing is fetched for keys.</summary>
    public string? JwksFile { get; init; }

    /// <summary>Absolute path of a file with a bearer token for discovery and keys, for example of a Kubernetes API server; read again when it changes.</summary>
    public string? JwksAuthTokenPath { get; init; }

    /// <summary>The introspection endpoint for opaque tokens (RFC 7662).</summary>
    public string? IntrospectionUrl { get; init; }

    /// <summary>The scopes announced to clients; a token without them comes in all the same.</summary>
    public EquatableArray<string> Scopes { get; init; }

    /// <summary>The scopes a token must have, all of them; else 403 <c>insufficient_scope</c>.</summary>
    public EquatableArray<string> RequiredScopes { get; init; }

    /// <summary>The only subject that may come in, for example <c>system:serviceaccount:&lt;namespace&gt;:&lt;name&gt;</c>.</summary>
    public string? RequiredSubject { get; init; }

    /// <summary>Private addresses are allowed for introspection.</summary>
    /// <default><c>false</c></default>
    public bool? ProtectedResourceAllowPrivateIp { get; init; }

    /// <summary>Private addresses are allowed for discovery and keys.</summary>
    /// <default><c>false</c></default>
    public bool? JwksAllowPrivateIp { get; init; }

    /// <summary>Plain http is allowed for issuer, keys and introspection; for development.</summary>
    /// <default><c>false</c></default>
    public bool? InsecureAllowHttp { get; init; }

    /// <summary>Absolute path of a PEM bundle for the provider.</summary>
    public string? CaBundlePath { get; init; }
}

/// <summary><c>incomingAuth.authz</c> (auth-and-ops 2.1).</summary>
public sealed record AuthzConfig
{
    /// <summary>The policy engine.</summary>
    public AuthzType? Type { get; init; }

    /// <summary>Cedar policies, one text each.</summary>
    public EquatableArray<string> Policies { get; init; }

    /// <summary>Cedar entities as a JSON array; <c>[]</c> when absent.</summary>
    public string? EntitiesJson { get; init; }

    /// <summary>The upstream provider whose claims feed the policies.</summary>
    public string? PrimaryUpstreamProvider { get; init; }

    /// <summary>The claim that lists groups.</summary>
    public string? GroupClaimName { get; init; }

    /// <summary>The claim that lists roles.</summary>
    public string? RoleClaimName { get; init; }

    /// <summary>The entity type of groups; <c>THVGroup</c> when absent.</summary>
    public string? GroupEntityType { get; init; }
}

/// <summary>The policy engines.</summary>
public enum AuthzType
{
    /// <summary>Every authenticated client may do everything.</summary>
    None,

    /// <summary>Cedar policies decide.</summary>
    Cedar,
}
