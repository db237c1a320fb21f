using Vmcp.Config.Model;

namespace Vmcp.Config.Shapes;

/// <summary>Keys of outgoing strategies (auth-and-ops 3.3).</summary>
internal static class StrategyShapes
{
    public static readonly WordKind<StrategyType> Types = new(
        "a strategy",
        ("unauthenticated", StrategyType.Unauthenticated),
        ("header_injection", StrategyType.HeaderInjection),
        ("token_exchange", StrategyType.TokenExchange),
        ("upstream_inject", StrategyType.UpstreamInject),
        ("aws_sts", StrategyType.AwsSts),
        ("obo", StrategyType.Obo),
        ("xaa", StrategyType.Xaa));

    public static readonly Shape<HeaderInjectionConfig> HeaderInjection = new Shape<HeaderInjectionConfig>(new HeaderInjectionConfig())
        .Text("headerName", x => x.HeaderName, (x, v) => x with { HeaderName = v })
        .Secret("headerValue", x => x.HeaderValue, (x, v) => x with { HeaderValue = v })
        .Text("headerValueEnv", x => x.HeaderValueEnv, (x, v) => x with { HeaderValueEnv = v });

    public static readonly Shape<TokenExchangeConfig> TokenExchange = new Shape<TokenExchangeConfig>(new TokenExchangeConfig())
        .Text("tokenUrl", x => x.TokenUrl, (x, v) => x with { TokenUrl = v })
        .Text("clientId", x => x.ClientId, (x, v) => x with { ClientId = v })
        .Secret("clientSecret", x => x.ClientSecret, (x, v) => x with { ClientSecret = v })
        .Text("clientSecretEnv", x => x.ClientSecretEnv, (x, v) => x with { ClientSecretEnv = v })
        .Text("audience", x => x.Audience, (x, v) => x with { Audience = v })
        .Text("resource", x => x.Resource, (x, v) => x with { Resource = v })
        .Texts("scopes", x => x.Scopes, (x, v) => x with { Scopes = v })
        .Text("subjectTokenType", x => x.SubjectTokenType, (x, v) => x with { SubjectTokenType = v })
        .Text("subjectProviderName", x => x.SubjectProviderName, (x, v) => x with { SubjectProviderName = v });

    public static readonly Shape<UpstreamInjectConfig> UpstreamInject = new Shape<UpstreamInjectConfig>(new UpstreamInjectConfig())
        .Text("providerName", x => x.ProviderName, (x, v) => x with { ProviderName = v });

    public static readonly Shape<RoleMappingConfig> RoleMapping = new Shape<RoleMappingConfig>(new RoleMappingConfig())
        .Text("claim", x => x.Claim, (x, v) => x with { Claim = v })
        .Text("matcher", x => x.Matcher, (x, v) => x with { Matcher = v })
        .Text("roleArn", x => x.RoleArn, (x, v) => x with { RoleArn = v })
        .Integer("priority", x => x.Priority, (x, v) => x with { Priority = (int)v });

    public static readonly Shape<AwsStsConfig> AwsSts = new Shape<AwsStsConfig>(new AwsStsConfig())
        .Text("region", x => x.Region, (x, v) => x with { Region = v })
        .Text("service", x => x.Service, (x, v) => x with { Service = v })
        .Text("fallbackRoleArn", x => x.FallbackRoleArn, (x, v) => x with { FallbackRoleArn = v })
        .List("roleMappings", RoleMapping, x => x.RoleMappings, (x, v) => x with { RoleMappings = v })
        .Text("roleClaim", x => x.RoleClaim, (x, v) => x with { RoleClaim = v })
        .Integer("sessionDuration", x => x.SessionDuration, (x, v) => x with { SessionDuration = (int)v })
        .Text("sessionNameClaim", x => x.SessionNameClaim, (x, v) => x with { SessionNameClaim = v })
        .Text("subjectProviderName", x => x.SubjectProviderName, (x, v) => x with { SubjectProviderName = v });

    public static readonly Shape<OboConfig> Obo = new Shape<OboConfig>(new OboConfig())
        .Text("tokenUrl", x => x.TokenUrl, (x, v) => x with { TokenUrl = v })
        .Text("clientId", x => x.ClientId, (x, v) => x with { ClientId = v })
        .Secret("clientSecret", x => x.ClientSecret, (x, v) => x with { ClientSecret = v })
        .Text("clientSecretEnv", x => x.ClientSecretEnv, (x, v) => x with { ClientSecretEnv = v })
        .Text("audience", x => x.Audience, (x, v) => x with { Audience = v })
        .Texts("scopes", x => x.Scopes, (x, v) => x with { Scopes = v })
        .Text("subjectTokenProviderName", x => x.SubjectTokenProviderName, (x, v) => x with { SubjectTokenProviderName = v })
        .Integer("cacheSkewSeconds", x => x.CacheSkewSeconds, (x, v) => x with { CacheSkewSeconds = (int)v });

    public static readonly Shape<XaaConfig> Xaa = new Shape<XaaConfig>(new XaaConfig())
        .Text("idpTokenUrl", x => x.IdpTokenUrl, (x, v) => x with { IdpTokenUrl = v })
        .Text("idpClientId", x => x.IdpClientId, (x, v) => x with { IdpClientId = v })
        .Secret("idpClientSecret", x => x.IdpClientSecret, (x, v) => x with { IdpClientSecret = v })
        .Text("idpClientSecretEnv", x => x.IdpClientSecretEnv, (x, v) => x with { IdpClientSecretEnv = v })
        .Text("targetTokenUrl", x => x.TargetTokenUrl, (x, v) => x with { TargetTokenUrl = v })
        .Flag("insecureTargetTokenUrl", x => x.InsecureTargetTokenUrl, (x, v) => x with { InsecureTargetTokenUrl = v })
        .Text("targetClientId", x => x.TargetClientId, (x, v) => x with { TargetClientId = v })
        .Secret("targetClientSecret", x => x.TargetClientSecret, (x, v) => x with { TargetClientSecret = v })
        .Text("targetClientSecretEnv", x => x.TargetClientSecretEnv, (x, v) => x with { TargetClientSecretEnv = v })
        .Text("targetAudience", x => x.TargetAudience, (x, v) => x with { TargetAudience = v })
        .Text("targetResource", x => x.TargetResource, (x, v) => x with { TargetResource = v })
        .Texts("scopes", x => x.Scopes, (x, v) => x with { Scopes = v })
        .Text("subjectProviderName", x => x.SubjectProviderName, (x, v) => x with { SubjectProviderName = v })
        .Text("subjectTokenType", x => x.SubjectTokenType, (x, v) => x with { SubjectTokenType = v });

    public static readonly Shape<StrategyConfig> Strategy = new Shape<StrategyConfig>(new StrategyConfig())
        .Value("type", Types, x => x.Type, (x, v) => x with { Type = v })
        .Of("headerInjection", HeaderInjection, x => x.HeaderInjection, (x, v) => x with { HeaderInjection = v })
        .Of("tokenExchange", TokenExchange, x => x.TokenExchange, (x, v) => x with { TokenExchange = v })
        .Of("upstreamInject", UpstreamInject, x => x.UpstreamInject, (x, v) => x with { UpstreamInject = v })
        .Of("awsSts", AwsSts, x => x.AwsSts, (x, v) => x with { AwsSts = v })
        .Of("obo", Obo, x => x.Obo, (x, v) => x with { Obo = v })
        .Of("xaa", Xaa, x => x.Xaa, (x, v) => x with { Xaa = v });
}
