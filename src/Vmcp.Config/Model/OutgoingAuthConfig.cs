using Vmcp.Config.Values;
using Vmcp.Core.Backends;
using Vmcp.Core.Values;

namespace Vmcp.Config.Model;

/// <summary><c>outgoingAuth</c>: as whom the backends are called.</summary>
public sealed record OutgoingAuthConfig
{
    /// <summary>Where backends and their strategies come from.</summary>
    /// <default><c>inline</c> when backends are listed, else <c>discovered</c></default>
    public OutgoingAuthSource? Source { get; init; }

    /// <summary>The strategy of backends without one of their own.</summary>
    /// <default><c>{type: unauthenticated}</c></default>
    public StrategyConfig? Default { get; init; }

    /// <summary>Strategies by backend name.</summary>
    public SortedMap<StrategyConfig> Backends { get; init; } = SortedMap.Empty<StrategyConfig>();
}

/// <summary>The values of <c>outgoingAuth.source</c>.</summary>
public enum OutgoingAuthSource
{
    /// <summary>This file lists the backends.</summary>
    Inline,

    /// <summary>The backends are those of the group in the cluster, followed while the gateway runs.</summary>
    Discovered,
}

/// <summary>One outgoing strategy: a type and the block of the same name.</summary>
public sealed record StrategyConfig
{
    /// <summary>The kind of strategy.</summary>
    public StrategyType? Type { get; init; }

    /// <summary>Settings of <see cref="StrategyType.HeaderInjection"/>.</summary>
    public HeaderInjectionConfig? HeaderInjection { get; init; }

    /// <summary>Settings of <see cref="StrategyType.TokenExchange"/>.</summary>
    public TokenExchangeConfig? TokenExchange { get; init; }

    /// <summary>Settings of <see cref="StrategyType.UpstreamInject"/>.</summary>
    public UpstreamInjectConfig? UpstreamInject { get; init; }

    /// <summary>Settings of <see cref="StrategyType.AwsSts"/>.</summary>
    public AwsStsConfig? AwsSts { get; init; }

    /// <summary>Settings of <see cref="StrategyType.Obo"/>.</summary>
    public OboConfig? Obo { get; init; }

    /// <summary>Settings of <see cref="StrategyType.Xaa"/>.</summary>
    public XaaConfig? Xaa { get; init; }
}

/// <summary>The kinds of outgoing strategy (auth-and-ops 3.3).</summary>
public enum StrategyType
{
    /// <summary>No credentials.</summary>
    Unauthenticated,

    /// <summary>One fixed header.</summary>
    HeaderInjection,

    /// <summary>RFC 8693 token exchange.</summary>
    TokenExchange,

    /// <summary>A token the embedded authorization server holds. There is none yet, so each call is refused.</summary>
    UpstreamInject,

    /// <summary>AWS credentials by web identity, requests signed.</summary>
    AwsSts,

    /// <summary>On-behalf-of of Microsoft Entra. It is not built yet, so each call is refused.</summary>
    Obo,

    /// <summary>Cross-application access by identity assertion.</summary>
    Xaa,
}

/// <summary><c>headerInjection</c>.</summary>
public sealed record HeaderInjectionConfig
{
    /// <summary>The header that is set.</summary>
    public string? HeaderName { get; init; }

    /// <summary>The value itself.</summary>
    public Secret? HeaderValue { get; init; }

    /// <summary>Name of the environment variable that holds the value.</summary>
    public string? HeaderValueEnv { get; init; }
}

/// <summary><c>tokenExchange</c> (RFC 8693).</summary>
public sealed record TokenExchangeConfig
{
    /// <summary>The token endpoint.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>Our client id at the endpoint.</summary>
    public string? ClientId { get; init; }

    /// <summary>Our client secret itself.</summary>
    public Secret? ClientSecret { get; init; }

    /// <summary>Name of the environment variable with our client secret.</summary>
    public string? ClientSecretEnv { get; init; }

    /// <summary>The audience asked for.</summary>
    public string? Audience { get; init; }

    /// <summary>The resource asked for (RFC 8707): an absolute URI.</summary>
    public string? Resource { get; init; }

    /// <summary>The scopes asked for.</summary>
    public EquatableArray<string> Scopes { get; init; }

    /// <summary>The subject token's type: <c>access_token</c>, <c>id_token</c>, <c>jwt</c>, or the URN of one.</summary>
    /// <default><c>access_token</c></default>
    public string? SubjectTokenType { get; init; }

    /// <summary>The upstream provider whose token is exchanged. Such tokens are not held yet, so each call is refused.</summary>
    public string? SubjectProviderName { get; init; }
}

/// <summary><c>upstreamInject</c>.</summary>
public sealed record UpstreamInjectConfig
{
    /// <summary>The provider whose token is sent.</summary>
    public string? ProviderName { get; init; }
}

/// <summary><c>awsSts</c>.</summary>
public sealed record AwsStsConfig
{
    /// <summary>The AWS region.</summary>
    public string? Region { get; init; }

    /// <summary>The service name that is signed for.</summary>
    /// <default><c>aws-mcp</c></default>
    public string? Service { get; init; }

    /// <summary>The role when no mapping matches.</summary>
    public string? FallbackRoleArn { get; init; }

    /// <summary>Rules that choose the role.</summary>
    public EquatableArray<RoleMappingConfig> RoleMappings { get; init; }

    /// <summary>The claim that <see cref="RoleMappingConfig.Claim"/> looks into.</summary>
    /// <default><c>groups</c></default>
    public string? RoleClaim { get; init; }

    /// <summary>Lifetime of the credentials in seconds, 900 to 43200.</summary>
    /// <default><c>3600</c></default>
    public int? SessionDuration { get; init; }

    /// <summary>The claim that names the session.</summary>
    /// <default><c>sub</c></default>
    public string? SessionNameClaim { get; init; }

    /// <summary>The upstream provider whose token is used. Such tokens are not held yet, so each call is refused.</summary>
    public string? SubjectProviderName { get; init; }
}

/// <summary>One entry of <c>awsSts.roleMappings</c>.</summary>
public sealed record RoleMappingConfig
{
    /// <summary>A value the role claim must contain.</summary>
    public string? Claim { get; init; }

    /// <summary>An expression over the claims.</summary>
    public string? Matcher { get; init; }

    /// <summary>The role taken on a match.</summary>
    public string? RoleArn { get; init; }

    /// <summary>Lower wins; absent is last.</summary>
    public int? Priority { get; init; }
}

/// <summary><c>obo</c>.</summary>
public sealed record OboConfig
{
    /// <summary>The token endpoint.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>Our client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>Our client secret itself.</summary>
    public Secret? ClientSecret { get; init; }

    /// <summary>Name of the environment variable with our client secret.</summary>
    public string? ClientSecretEnv { get; init; }

    /// <summary>The audience asked for.</summary>
    public string? Audience { get; init; }

    /// <summary>The scopes asked for.</summary>
    public EquatableArray<string> Scopes { get; init; }

    /// <summary>The upstream provider whose token is used.</summary>
    public string? SubjectTokenProviderName { get; init; }

    /// <summary>Seconds a cached token is dropped before it expires.</summary>
    public int? CacheSkewSeconds { get; init; }
}

/// <summary><c>xaa</c>.</summary>
public sealed record XaaConfig
{
    /// <summary>The identity provider's token endpoint.</summary>
    public string? IdpTokenUrl { get; init; }

    /// <summary>Our client id at the identity provider.</summary>
    public string? IdpClientId { get; init; }

    /// <summary>Our secret at the identity provider.</summary>
    public Secret? IdpClientSecret { get; init; }

    /// <summary>Name of the environment variable with our secret at the identity provider.</summary>
    public string? IdpClientSecretEnv { get; init; }

    /// <summary>The target's token endpoint.</summary>
    public string? TargetTokenUrl { get; init; }

    /// <summary>Plain http is allowed for the target's endpoint.</summary>
    /// <default><c>false</c></default>
    public bool? InsecureTargetTokenUrl { get; init; }

    /// <summary>Our client id at the target.</summary>
    public string? TargetClientId { get; init; }

    /// <summary>Our secret at the target.</summary>
    public Secret? TargetClientSecret { get; init; }

    /// <summary>Name of the environment variable with our secret at the target.</summary>
    public string? TargetClientSecretEnv { get; init; }

    /// <summary>The target's audience.</summary>
    public string? TargetAudience { get; init; }

    /// <summary>The target's resource.</summary>
    public string? TargetResource { get; init; }

    /// <summary>The scopes asked for.</summary>
    public EquatableArray<string> Scopes { get; init; }

    /// <summary>The upstream provider whose ID token is used. Such tokens are not held yet, so each call is refused.</summary>
    public string? SubjectProviderName { get; init; }

    /// <summary><c>urn:ietf:params:oauth:token-type:id_token</c>, if anything.</summary>
    public string? SubjectTokenType { get; init; }
}
