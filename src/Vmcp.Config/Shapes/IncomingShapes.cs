using Vmcp.Config.Model;

namespace Vmcp.Config.Shapes;

/// <summary>Keys of <c>incomingAuth</c>.</summary>
internal static class IncomingShapes
{
    private static readonly WordKind<IncomingAuthType> Types = new(
        "a type",
        ("anonymous", IncomingAuthType.Anonymous),
        ("oidc", IncomingAuthType.Oidc),
        ("local", IncomingAuthType.Local));

    private static readonly WordKind<AuthzType> Engines = new("a policy engine", ("none", AuthzType.None), ("cedar", AuthzType.Cedar));

    public static readonly Shape<OidcConfig> Oidc = new(
        new OidcConfig(),
        Field.Of<OidcConfig, string>("issuer", Kinds.Text, x => x.Issuer, (x, v) => x with { Issuer = v }),
        Field.Of<OidcConfig, string>("audience", Kinds.Text, x => x.Audience, (x, v) => x with { Audience = v }),
        Field.Of<OidcConfig, string>("resource", Kinds.Text, x => x.Resource, (x, v) => x with { Resource = v }),
        Field.Of<OidcConfig, string>("clientId", Kinds.Text, x => x.ClientId, (x, v) => x with { ClientId = v }),
        Field.Of<OidcConfig, string>("clientSecretEnv", Kinds.Text, x => x.ClientSecretEnv, (x, v) => x with { ClientSecretEnv = v }),
        Field.Of<OidcConfig, string>("jwksUrl", Kinds.Text, x => x.JwksUrl, (x, v) => x with { JwksUrl = v }),
        Field.Of<OidcConfig, string>("introspectionUrl", Kinds.Text, x => x.IntrospectionUrl, (x, v) => x with { IntrospectionUrl = v }),
        Field.List<OidcConfig, string>("scopes", Kinds.Text, x => x.Scopes, (x, v) => x with { Scopes = v }),
        Field.Value<OidcConfig, bool>("protectedResourceAllowPrivateIp", Kinds.Boolean, x => x.ProtectedResourceAllowPrivateIp, (x, v) => x with { ProtectedResourceAllowPrivateIp = v }),
        Field.Value<OidcConfig, bool>("jwksAllowPrivateIp", Kinds.Boolean, x => x.JwksAllowPrivateIp, (x, v) => x with { JwksAllowPrivateIp = v }),
        Field.Value<OidcConfig, bool>("insecureAllowHttp", Kinds.Boolean, x => x.InsecureAllowHttp, (x, v) => x with { InsecureAllowHttp = v }),
        Field.Of<OidcConfig, string>("caBundlePath", Kinds.Text, x => x.CaBundlePath, (x, v) => x with { CaBundlePath = v }));

    public static readonly Shape<AuthzConfig> Authz = new(
        new AuthzConfig(),
        Field.Value<AuthzConfig, AuthzType>("type", Engines, x => x.Type, (x, v) => x with { Type = v }),
        Field.List<AuthzConfig, string>("policies", Kinds.Text, x => x.Policies, (x, v) => x with { Policies = v }),
        Field.Of<AuthzConfig, string>("entitiesJson", Kinds.Text, x => x.EntitiesJson, (x, v) => x with { EntitiesJson = v }),
        Field.Of<AuthzConfig, string>("primaryUpstreamProvider", Kinds.Text, x => x.PrimaryUpstreamProvider, (x, v) => x with { PrimaryUpstreamProvider = v }),
        Field.Of<AuthzConfig, string>("groupClaimName", Kinds.Text, x => x.GroupClaimName, (x, v) => x with { GroupClaimName = v }),
        Field.Of<AuthzConfig, string>("roleClaimName", Kinds.Text, x => x.RoleClaimName, (x, v) => x with { RoleClaimName = v }),
        Field.Of<AuthzConfig, string>("groupEntityType", Kinds.Text, x => x.GroupEntityType, (x, v) => x with { GroupEntityType = v }));

    public static readonly Shape<IncomingAuthConfig> Incoming = new(
        new IncomingAuthConfig(),
        Field.Value<IncomingAuthConfig, IncomingAuthType>("type", Types, x => x.Type, (x, v) => x with { Type = v }),
        Field.Of<IncomingAuthConfig, OidcConfig>("oidc", Oidc, x => x.Oidc, (x, v) => x with { Oidc = v }),
        Field.Of<IncomingAuthConfig, AuthzConfig>("authz", Authz, x => x.Authz, (x, v) => x with { Authz = v }));
}
