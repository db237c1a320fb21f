using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>On-behalf-of flow of Entra ID.</summary>
public sealed record OboSpec
{
    /// <summary>The tenant.</summary>
    [Bounds(MaxLength = 253, Pattern = Patterns.Tenant)]
    public string? TenantId { get; init; }

    /// <summary>The login host of a sovereign cloud; the public one when unset.</summary>
    [Bounds(Pattern = Patterns.Authority)]
    public string? Authority { get; init; }

    /// <summary>The client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>The client secret.</summary>
    public SecretKeyRef? ClientSecretRef { get; init; }

    /// <summary>Whom the new token is for, when no scopes are given.</summary>
    public string? Audience { get; init; }

    /// <summary>Delegated scopes; they beat the audience.</summary>
    [ListAtomic, Bounds(MaxItems = 20), ItemBounds(MinLength = 1, MaxLength = 256)]
    public IReadOnlyList<string> Scopes { get; init => field = value ?? field; } = [];

    /// <summary>The upstream provider whose token is given; the caller's own token when unset.</summary>
    [Bounds(MinLength = 1, MaxLength = 63, Pattern = Patterns.Provider)]
    public string? SubjectTokenProviderName { get; init; }

    /// <summary>How long before its end a token is no longer used.</summary>
    public string? CacheSkew { get; init; }
}

/// <summary>Cross app access: an identity assertion of the caller is exchanged at the target's authorization server.</summary>
public sealed record XaaSpec
{
    /// <summary>Token endpoint of the identity provider.</summary>
    [Required, Bounds(Pattern = Patterns.HttpsAny)]
    public string IdpTokenUrl { get; init => field = value ?? field; } = "";

    /// <summary>The client id at the identity provider.</summary>
    public string? IdpClientId { get; init; }

    /// <summary>The client secret at the identity provider.</summary>
    public SecretKeyRef? IdpClientSecretRef { get; init; }

    /// <summary>Token endpoint of the target.</summary>
    [Required]
    public string TargetTokenUrl { get; init => field = value ?? field; } = "";

    /// <summary>Permits a target without TLS.</summary>
    public bool? InsecureTargetTokenUrl { get; init; }

    /// <summary>The client id at the target.</summary>
    public string? TargetClientId { get; init; }

    /// <summary>The client secret at the target.</summary>
    public SecretKeyRef? TargetClientSecretRef { get; init; }

    /// <summary>Whom the assertion is for.</summary>
    [Required]
    public string TargetAudience { get; init => field = value ?? field; } = "";

    /// <summary>The resource asked for (RFC 8707).</summary>
    public string? TargetResource { get; init; }

    /// <summary>Scopes to ask for.</summary>
    [ListAtomic]
    public IReadOnlyList<string> Scopes { get; init => field = value ?? field; } = [];

    /// <summary>The upstream provider whose ID token is given; the only one when unset.</summary>
    public string? SubjectProviderName { get; init; }

    /// <summary>Kind of the token given; only the ID token.</summary>
    [OneOf("urn:ietf:params:oauth:token-type:id_token")]
    public string? SubjectTokenType { get; init; }
}
