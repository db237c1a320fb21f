using Vmcp.Config.Model;
using Vmcp.Core.Backends;

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

    public static readonly Shape<HeaderInjectionConfig> HeaderInjection = new(
        new HeaderInjectionConfig(),
        Field.Of<HeaderInjectionConfig, string>("headerName", Kinds.Text, x => x.HeaderName, (x, v) => x with { HeaderName = v }),
        Field.Of<HeaderInjectionConfig, Secret>("headerValue", Kinds.Secret, x => x.HeaderValue, (x, v) => x with { HeaderValue = v }),
        Field.Of<HeaderInjectionConfig, string>("headerValueEnv", Kinds.Text, x => x.HeaderValueEnv, (x, v) => x with { HeaderValueEnv = v }));

    public static readonly Shape<TokenExchangeConfig> TokenExchange = new(
        new TokenExchangeConfig(),
        Field.Of<TokenExchangeConfig, string>("tokenUrl", Kinds.Text, x => x.TokenUrl, (x, v) => x with { TokenUrl = v }),
        Field.Of<TokenExchangeConfig, string>("clientId", Kinds.Text, x => x.ClientId, (x, v) => x with { ClientId = v }),
        Field.Of<TokenExchangeConfig, Secret>("clientSecret", Kinds.Secret, x => x.ClientSecret, (x, v) => x with { ClientSecret = v }),
        Field.Of<TokenExchangeConfig, string>("clientSecretEnv", Kinds.Text, x => x.ClientSecretEnv, (x, v) => x with { ClientSecretEnv = v }),
        Field.Of<TokenExchangeConfig, string>("audience", Kinds.Text, x => x.Audience, (x, v) => x with { Audience = v }),
        Field.List<TokenExchangeConfig, string>("scopes", Kinds.Text, x => x.Scopes, (x, v) => x with { Scopes = v }),
        Field.Of<TokenExchangeConfig, string>("subjectTokenType", Kinds.Text, x => x.SubjectTokenType, (x, v) => x with { SubjectTokenType = v }),
        Field.Of<TokenExchangeConfig, string>("subjectProviderName", Kinds.Text, x => x.SubjectProviderName, (x, v) => x with { SubjectProviderName = v }));

    public static readonly Shape<UpstreamInjectConfig> UpstreamInject = new(
        new UpstreamInjectConfig(),
        Field.Of<UpstreamInjectConfig, string>("providerName", Kinds.Text, x => x.ProviderName, (x, v) => x with { ProviderName = v }));

    public static readonly Shape<RoleMappingConfig> RoleMapping = new(
        new RoleMappingConfig(),
        Field.Of<RoleMappingConfig, string>("claim", Kinds.Text, x => x.Claim, (x, v) => x with { Claim = v }),
        Field.Of<RoleMappingConfig, string>("matcher", Kinds.Text, x => x.Matcher, (x, v) => x with { Matcher = v }),
        Field.Of<RoleMappingConfig, string>("roleArn", Kinds.Text, x => x.RoleArn, (x, v) => x with { RoleArn = v }),
        Field.Value<RoleMappingConfig, long>("priority", Kinds.Integer, x => x.Priority, (x, v) => x with { Priority = (int)v }));

    public static readonly Shape<AwsStsConfig> AwsSts = new(
        new AwsStsConfig(),
        Field.Of<AwsStsConfig, string>("region", Kinds.Text, x => x.Region, (x, v) => x with { Region = v }),
        Field.Of<AwsStsConfig, string>("service", Kinds.Text, x => x.Service, (x, v) => x with { Service = v }),
        Field.Of<AwsStsConfig, string>("fallbackRoleArn", Kinds.Text, x => x.FallbackRoleArn, (x, v) => x with { FallbackRoleArn = v }),
        Field.List<AwsStsConfig, RoleMappingConfig>("roleMappings", RoleMapping, x => x.RoleMappings, (x, v) => x with { RoleMappings = v }),
        Field.Of<AwsStsConfig, string>("roleClaim", Kinds.Text, x => x.RoleClaim, (x, v) => x with { RoleClaim = v }),
        Field.Value<AwsStsConfig, long>("sessionDuration", Kinds.Integer, x => x.SessionDuration, (x, v) => x with { SessionDuration = (int)v }),
        Field.Of<AwsStsConfig, string>("sessionNameClaim", Kinds.Text, x => x.SessionNameClaim, (x, v) => x with { SessionNameClaim = v }),
        Field.Of<AwsStsConfig, string>("subjectProviderName", Kinds.Text, x => x.SubjectProviderName, (x, v) => x with { SubjectProviderName = v }));

    public static readonly Shape<OboConfig> Obo = new(
        new OboConfig(),
        Field.Of<OboConfig, string>("tokenUrl", Kinds.Text, x => x.TokenUrl, (x, v) => x with { TokenUrl = v }),
        Field.Of<OboConfig, string>("clientId", Kinds.Text, x => x.ClientId, (x, v) => x with { ClientId = v }),
        Field.Of<OboConfig, Secret>("clientSecret", Kinds.Secret, x => x.ClientSecret, (x, v) => x with { ClientSecret = v }),
        Field.Of<OboConfig, string>("clientSecretEnv", Kinds.Text, x => x.ClientSecretEnv, (x, v) => x with { ClientSecretEnv = v }),
        Field.Of<OboConfig, string>("audience", Kinds.Text, x => x.Audience, (x, v) => x with { Audience = v }),
        Field.List<OboConfig, string>("scopes", Kinds.Text, x => x.Scopes, (x, v) => x with { Scopes = v }),
        Field.Of<OboConfig, string>("subjectTokenProviderName", Kinds.Text, x => x.SubjectTokenProviderName, (x, v) => x with { SubjectTokenProviderName = v }),
        Field.Value<OboConfig, long>("cacheSkewSeconds", Kinds.Integer, x => x.CacheSkewSeconds, (x, v) => x with { CacheSkewSeconds = (int)v }));

    public static readonly Shape<XaaConfig> Xaa = new(
        new XaaConfig(),
        Field.Of<XaaConfig, string>("idpTokenUrl", Kinds.Text, x => x.IdpTokenUrl, (x, v) => x with { IdpTokenUrl = v }),
        Field.Of<XaaConfig, string>("idpClientId", Kinds.Text, x => x.IdpClientId, (x, v) => x with { IdpClientId = v }),
        Field.Of<XaaConfig, Secret>("idpClientSecret", Kinds.Secret, x => x.IdpClientSecret, (x, v) => x with { IdpClientSecret = v }),
        Field.Of<XaaConfig, string>("idpClientSecretEnv", Kinds.Text, x => x.IdpClientSecretEnv, (x, v) => x with { IdpClientSecretEnv = v }),
        Field.Of<XaaConfig, string>("targetTokenUrl", Kinds.Text, x => x.TargetTokenUrl, (x, v) => x with { TargetTokenUrl = v }),
        Field.Value<XaaConfig, bool>("insecureTargetTokenUrl", Kinds.Boolean, x => x.InsecureTargetTokenUrl, (x, v) => x with { InsecureTargetTokenUrl = v }),
        Field.Of<XaaConfig, string>("targetClientId", Kinds.Text, x => x.TargetClientId, (x, v) => x with { TargetClientId = v }),
        Field.Of<XaaConfig, Secret>("targetClientSecret", Kinds.Secret, x => x.TargetClientSecret, (x, v) => x with { TargetClientSecret = v }),
        Field.Of<XaaConfig, string>("targetClientSecretEnv", Kinds.Text, x => x.TargetClientSecretEnv, (x, v) => x with { TargetClientSecretEnv = v }),
        Field.Of<XaaConfig, string>("targetAudience", Kinds.Text, x => x.TargetAudience, (x, v) => x with { TargetAudience = v }),
        Field.Of<XaaConfig, string>("targetResource", Kinds.Text, x => x.TargetResource, (x, v) => x with { TargetResource = v }),
        Field.List<XaaConfig, string>("scopes", Kinds.Text, x => x.Scopes, (x, v) => x with { Scopes = v }),
        Field.Of<XaaConfig, string>("subjectProviderName", Kinds.Text, x => x.SubjectProviderName, (x, v) => x with { SubjectProviderName = v }),
        Field.Of<XaaConfig, string>("subjectTokenType", Kinds.Text, x => x.SubjectTokenType, (x, v) => x with { SubjectTokenType = v }));

    public static readonly Shape<StrategyConfig> Strategy = new(
        new StrategyConfig(),
        Field.Value<StrategyConfig, StrategyType>("type", Types, x => x.Type, (x, v) => x with { Type = v }),
        Field.Of<StrategyConfig, HeaderInjectionConfig>("headerInjection", HeaderInjection, x => x.HeaderInjection, (x, v) => x with { HeaderInjection = v }),
        Field.Of<StrategyConfig, TokenExchangeConfig>("tokenExchange", TokenExchange, x => x.TokenExchange, (x, v) => x with { TokenExchange = v }),
        Field.Of<StrategyConfig, UpstreamInjectConfig>("upstreamInject", UpstreamInject, x => x.UpstreamInject, (x, v) => x with { UpstreamInject = v }),
        Field.Of<StrategyConfig, AwsStsConfig>("awsSts", AwsSts, x => x.AwsSts, (x, v) => x with { AwsSts = v }),
        Field.Of<StrategyConfig, OboConfig>("obo", Obo, x => x.Obo, (x, v) => x with { Obo = v }),
        Field.Of<StrategyConfig, XaaConfig>("xaa", Xaa, x => x.Xaa, (x, v) => x with { Xaa = v }));
}
