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

    public static readonly Shape<OidcConfig> Oidc = new Shape<OidcConfig>(new OidcConfig())
        .Text("issuer", x => x.Issuer, (x, v) => x with { Issuer = v })
        .Text("audience", x => x.Audience, (x, v) => x with { Audience = v })
        .Text("resource", x => x.Resource, (x, v) => x with { Resource = v })
        .Text("clientId", x => x.ClientId, (x, v) => x with { ClientId = v })
        .Text("clientSecretEnv", x => x.ClientSecretEnv, (x, v) => x with { ClientSecretEnv = v })
        .Text("jwksUrl", x => x.JwksUrl, (x, v) => x with { JwksUrl = v })
        .Text("jwksFile", x => x.JwksFile, (x, v) => x with { JwksFile = v })
        .Text("jwksAuthTokenPath", x => x.JwksAuthTokenPath, (x, v) => x with { JwksAuthTokenPath = v })
        .Text("introspectionUrl", x => x.IntrospectionUrl, (x, v) => x with { IntrospectionUrl = v })
        .Texts("scopes", x => x.Scopes, (x, v) => x with { Scopes = v })
        .Texts("requiredScopes", x => x.RequiredScopes, (x, v) => x with { RequiredScopes = v })
        .Text("requiredSubject", x => x.RequiredSubject, (x, v) => x with { RequiredSubject = v })
        .Flag("protectedResourceAllowPrivateIp", x => x.ProtectedResourceAllowPrivateIp, (x, v) => x with { ProtectedResourceAllowPrivateIp = v })
        .Flag("jwksAllowPrivateIp", x => x.JwksAllowPrivateIp, (x, v) => x with { JwksAllowPrivateIp = v })
        .Flag("insecureAllowHttp", x => x.InsecureAllowHttp, (x, v) => x with { InsecureAllowHttp = v })
        .Text("caBundlePath", x => x.CaBundlePath, (x, v) => x with { CaBundlePath = v });

    public static readonly Shape<AuthzConfig> Authz = new Shape<AuthzConfig>(new AuthzConfig())
        .Value("type", Engines, x => x.Type, (x, v) => x with { Type = v })
        .Texts("policies", x => x.Policies, (x, v) => x with { Policies = v })
        .Text("entitiesJson", x => x.EntitiesJson, (x, v) => x with { EntitiesJson = v })
        .Text("primaryUpstreamProvider", x => x.PrimaryUpstreamProvider, (x, v) => x with { PrimaryUpstreamProvider = v })
        .Text("groupClaimName", x => x.GroupClaimName, (x, v) => x with { GroupClaimName = v })
        .Text("roleClaimName", x => x.RoleClaimName, (x, v) => x with { RoleClaimName = v })
        .Text("groupEntityType", x => x.GroupEntityType, (x, v) => x with { GroupEntityType = v });

    public static readonly Shape<IncomingAuthConfig> Incoming = new Shape<IncomingAuthConfig>(new IncomingAuthConfig())
        .Value("type", Types, x => x.Type, (x, v) => x with { Type = v })
        .Of("oidc", Oidc, x => x.Oidc, (x, v) => x with { Oidc = v })
        .Of("authz", Authz, x => x.Authz, (x, v) => x with { Authz = v });
}
