namespace Vmcp.Resources.Schema;

/// <summary>How clients prove who they are.</summary>
public sealed record GatewayIncomingAuthSchema
{
    /// <summary>oidc, local or anonymous.</summary>
    [Required]
    public string? Type { get; init; }

    /// <summary>Whose tokens are accepted.</summary>
    public GatewayOidcSchema? Oidc { get; init; }

    /// <summary>Who may call what.</summary>
    public GatewayAuthzSchema? Authz { get; init; }
}

/// <summary>Whose tokens are accepted.</summary>
public sealed record GatewayOidcSchema
{
    /// <summary>The issuer.</summary>
    [Required, Bounds(Pattern = Patterns.Http)]
    public string? Issuer { get; init; }

    /// <summary>The client id; may be empty.</summary>
    [Required]
    public string? ClientId { get; init; }

    /// <summary>The audience tokens must be made for.</summary>
    [Required]
    public string? Audience { get; init; }

    /// <summary>The variable that holds the client secret.</summary>
    public string? ClientSecretEnv { get; init; }

    /// <summary>The public URL of this server; the audience when unset.</summary>
    public string? Resource { get; init; }

    /// <summary>Where the keys are; found by discovery when unset.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>Where opaque tokens are asked about.</summary>
    public string? IntrospectionUrl { get; init; }

    /// <summary>Scopes told to clients.</summary>
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Permits private addresses for the protected resource.</summary>
    public bool? ProtectedResourceAllowPrivateIp { get; init; }

    /// <summary>Permits private addresses for discovery and keys.</summary>
    public bool? JwksAllowPrivateIp { get; init; }

    /// <summary>Permits an issuer without TLS; for development only.</summary>
    public bool? InsecureAllowHttp { get; init; }

    /// <summary>A file with more CA certificates to trust.</summary>
    public string? CaBundlePath { get; init; }
}

/// <summary>Who may call what.</summary>
public sealed record GatewayAuthzSchema
{
    /// <summary>cedar or none.</summary>
    [Required]
    public string? Type { get; init; }

    /// <summary>Cedar policies.</summary>
    public IReadOnlyList<string>? Policies { get; init; }

    /// <summary>The Cedar entities, as JSON text.</summary>
    public string? EntitiesJson { get; init; }

    /// <summary>The upstream provider whose claims policies see.</summary>
    public string? PrimaryUpstreamProvider { get; init; }

    /// <summary>The claim that holds the caller's groups.</summary>
    public string? GroupClaimName { get; init; }

    /// <summary>The claim that holds the caller's roles.</summary>
    public string? RoleClaimName { get; init; }

    /// <summary>Cedar entity type of groups and roles.</summary>
    public string? GroupEntityType { get; init; }
}

/// <summary>How the gateway proves who it is.</summary>
public sealed record GatewayOutgoingAuthSchema
{
    /// <summary>inline or discovered.</summary>
    [Required]
    public string? Source { get; init; }

    /// <summary>For backends without anything of their own.</summary>
    public StrategySchema? Default { get; init; }

    /// <summary>For single backends, by name.</summary>
    public IReadOnlyDictionary<string, StrategySchema>? Backends { get; init; }
}

/// <summary>One way of authentication.</summary>
public sealed record StrategySchema
{
    /// <summary>unauthenticated, header_injection, token_exchange, upstream_inject, aws_sts, obo or xaa.</summary>
    [Required]
    public string? Type { get; init; }

    /// <summary>For header_injection.</summary>
    public HeaderInjectionSchema? HeaderInjection { get; init; }

    /// <summary>For token_exchange.</summary>
    public TokenExchangeSchema? TokenExchange { get; init; }

    /// <summary>For upstream_inject.</summary>
    public UpstreamInjectSchema? UpstreamInject { get; init; }

    /// <summary>For aws_sts.</summary>
    public AwsStsSchema? AwsSts { get; init; }

    /// <summary>For obo.</summary>
    public OboSchema? Obo { get; init; }

    /// <summary>For xaa.</summary>
    public XaaSchema? Xaa { get; init; }
}

/// <summary>A header with a value.</summary>
public sealed record HeaderInjectionSchema
{
    /// <summary>The header.</summary>
    [Required]
    public string? HeaderName { get; init; }

    /// <summary>Its value; better in a variable.</summary>
    public string? HeaderValue { get; init; }

    /// <summary>The variable that holds its value.</summary>
    public string? HeaderValueEnv { get; init; }
}

/// <summary>The caller's token is exchanged (RFC 8693).</summary>
public sealed record TokenExchangeSchema
{
    /// <summary>The token endpoint.</summary>
    [Required]
    public string? TokenUrl { get; init; }

    /// <summary>The client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>The client secret; better in a variable.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The variable that holds the client secret.</summary>
    public string? ClientSecretEnv { get; init; }

    /// <summary>Whom the new token is for.</summary>
    public string? Audience { get; init; }

    /// <summary>The resource the new token is for (RFC 8707).</summary>
    public string? Resource { get; init; }

    /// <summary>Scopes to ask for.</summary>
    [ListAtomic]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>Kind of the token given.</summary>
    public string? SubjectTokenType { get; init; }

    /// <summary>The upstream provider whose token is given.</summary>
    public string? SubjectProviderName { get; init; }
}

/// <summary>The caller's token of an upstream provider.</summary>
public sealed record UpstreamInjectSchema
{
    /// <summary>The provider.</summary>
    [Required]
    public string? ProviderName { get; init; }
}

/// <summary>Temporary AWS credentials.</summary>
public sealed record AwsStsSchema
{
    /// <summary>The AWS region.</summary>
    [Required]
    public string? Region { get; init; }

    /// <summary>The service name requests are signed for.</summary>
    public string? Service { get; init; }

    /// <summary>The role when no mapping fits.</summary>
    public string? FallbackRoleArn { get; init; }

    /// <summary>Roles by claims of the caller.</summary>
    [ListAtomic]
    public IReadOnlyList<RoleMappingSchema>? RoleMappings { get; init; }

    /// <summary>The claim the mappings look at.</summary>
    public string? RoleClaim { get; init; }

    /// <summary>How long credentials are valid, in seconds.</summary>
    public int? SessionDuration { get; init; }

    /// <summary>The claim that names the session.</summary>
    public string? SessionNameClaim { get; init; }

    /// <summary>The upstream provider whose token is given.</summary>
    public string? SubjectProviderName { get; init; }
}

/// <summary>A role for callers with a claim.</summary>
public sealed record RoleMappingSchema
{
    /// <summary>The value the claim must have.</summary>
    public string? Claim { get; init; }

    /// <summary>A CEL expression over claims, instead of a value.</summary>
    public string? Matcher { get; init; }

    /// <summary>The role.</summary>
    [Required]
    public string? RoleArn { get; init; }

    /// <summary>Of several that fit the smallest wins.</summary>
    public int? Priority { get; init; }
}

/// <summary>On-behalf-of flow of Entra ID.</summary>
public sealed record OboSchema
{
    /// <summary>The token endpoint.</summary>
    [Required]
    public string? TokenUrl { get; init; }

    /// <summary>The client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>The client secret; better in a variable.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The variable that holds the client secret.</summary>
    public string? ClientSecretEnv { get; init; }

    /// <summary>Whom the new token is for.</summary>
    public string? Audience { get; init; }

    /// <summary>Scopes to ask for.</summary>
    [ListAtomic]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>The upstream provider whose token is given.</summary>
    public string? SubjectTokenProviderName { get; init; }

    /// <summary>How long before its end a token is no longer used, in seconds.</summary>
    public int? CacheSkewSeconds { get; init; }
}

/// <summary>Cross app access.</summary>
public sealed record XaaSchema
{
    /// <summary>Token endpoint of the identity provider.</summary>
    [Required]
    public string? IdpTokenUrl { get; init; }

    /// <summary>The client id at the identity provider.</summary>
    public string? IdpClientId { get; init; }

    /// <summary>The client secret at the identity provider; better in a variable.</summary>
    public string? IdpClientSecret { get; init; }

    /// <summary>The variable that holds the client secret at the identity provider.</summary>
    public string? IdpClientSecretEnv { get; init; }

    /// <summary>Token endpoint of the target.</summary>
    [Required]
    public string? TargetTokenUrl { get; init; }

    /// <summary>Permits a target without TLS.</summary>
    public bool? InsecureTargetTokenUrl { get; init; }

    /// <summary>The client id at the target.</summary>
    public string? TargetClientId { get; init; }

    /// <summary>The client secret at the target; better in a variable.</summary>
    public string? TargetClientSecret { get; init; }

    /// <summary>The variable that holds the client secret at the target.</summary>
    public string? TargetClientSecretEnv { get; init; }

    /// <summary>Whom the assertion is for.</summary>
    [Required]
    public string? TargetAudience { get; init; }

    /// <summary>The resource asked for (RFC 8707).</summary>
    public string? TargetResource { get; init; }

    /// <summary>Scopes to ask for.</summary>
    [ListAtomic]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>The upstream provider whose ID token is given.</summary>
    public string? SubjectProviderName { get; init; }

    /// <summary>Kind of the token given.</summary>
    public string? SubjectTokenType { get; init; }
}
