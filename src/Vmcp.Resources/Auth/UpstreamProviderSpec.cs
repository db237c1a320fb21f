using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>A provider that knows the users.</summary>
[Cel(
    "self.type == 'oidc' ? has(self.oidcConfig) && !has(self.oauth2Config) : self.type == 'oauth2' ? has(self.oauth2Config) && !has(self.oidcConfig) : false",
    "type oidc requires oidcConfig and type oauth2 requires oauth2Config, and neither the other", FieldPath = ".type")]
public sealed record UpstreamProviderSpec
{
    /// <summary>Its name here, unique.</summary>
    [Required, Bounds(MinLength = 1, MaxLength = 63, Pattern = Patterns.Provider)]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>oidc or oauth2.</summary>
    [Required, OneOf("oidc", "oauth2")]
    public string? Type { get; init; }

    /// <summary>An OpenID Connect provider.</summary>
    public UpstreamOidcSpec? OidcConfig { get; init; }

    /// <summary>A provider that speaks OAuth 2 only.</summary>
    public UpstreamOAuth2Spec? Oauth2Config { get; init; }
}

/// <summary>An OpenID Connect provider.</summary>
public sealed record UpstreamOidcSpec
{
    /// <summary>The issuer, by which the rest is discovered.</summary>
    [Required, Bounds(Pattern = Patterns.HttpsAny)]
    public string IssuerUrl { get; init => field = value ?? field; } = "";

    /// <summary>The client id at the provider.</summary>
    [Required]
    public string ClientId { get; init => field = value ?? field; } = "";

    /// <summary>The client secret; unset for a public client.</summary>
    public SecretKeyRef? ClientSecretRef { get; init; }

    /// <summary>Where the provider sends the user back; /oauth/callback of the resource when unset.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>Scopes to ask for; openid and offline_access when unset.</summary>
    [ListAtomic]
    public IReadOnlyList<string> Scopes { get; init => field = value ?? field; } = [];

    /// <summary>Changes to the user info request.</summary>
    public UserInfoSpec? UserInfoOverride { get; init; }

    /// <summary>More query parameters for the authorize request.</summary>
    [Bounds(MaxProperties = 16)]
    public IReadOnlyDictionary<string, string> AdditionalAuthorizationParams { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Claim of the ID token that is the user's id; sub when unset.</summary>
    [Bounds(MaxLength = 128, Pattern = Patterns.Claim)]
    public string? SubjectClaim { get; init; }
}

/// <summary>A provider that speaks OAuth 2 only.</summary>
[Cel(
    "(has(self.clientId) && size(self.clientId) > 0) != has(self.dcrConfig)",
    "exactly one of clientId and dcrConfig is required", FieldPath = ".clientId")]
[Cel("!(has(self.dcrConfig) && has(self.clientSecretRef))", "clientSecretRef must not be set together with dcrConfig", FieldPath = ".clientSecretRef")]
public sealed record UpstreamOAuth2Spec
{
    /// <summary>Where users are sent.</summary>
    [Required, Bounds(Pattern = Patterns.HttpAny)]
    public string AuthorizationEndpoint { get; init => field = value ?? field; } = "";

    /// <summary>Where tokens come from.</summary>
    [Required, Bounds(Pattern = Patterns.HttpAny)]
    public string TokenEndpoint { get; init => field = value ?? field; } = "";

    /// <summary>Where the user's identity comes from.</summary>
    public UserInfoSpec? UserInfo { get; init; }

    /// <summary>The client id at the provider.</summary>
    public string? ClientId { get; init; }

    /// <summary>The client secret; unset for a public client.</summary>
    public SecretKeyRef? ClientSecretRef { get; init; }

    /// <summary>Where the provider sends the user back; /oauth/callback of the resource when unset.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>Scopes to ask for.</summary>
    [ListAtomic]
    public IReadOnlyList<string> Scopes { get; init => field = value ?? field; } = [];

    /// <summary>Where things stand in a token response of another form.</summary>
    public TokenResponseMappingSpec? TokenResponseMapping { get; init; }

    /// <summary>Where the identity stands in the token response.</summary>
    public IdentityFromTokenSpec? IdentityFromToken { get; init; }

    /// <summary>More query parameters for the authorize request.</summary>
    [Bounds(MaxProperties = 16)]
    public IReadOnlyDictionary<string, string> AdditionalAuthorizationParams { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Permits endpoints without TLS; for development only.</summary>
    public bool? InsecureAllowHTTP { get; init; }

    /// <summary>Permits endpoints with private addresses.</summary>
    public bool? AllowPrivateIPs { get; init; }

    /// <summary>The client registers itself when it starts (RFC 7591).</summary>
    public DynamicRegistrationSpec? DcrConfig { get; init; }
}

/// <summary>Where the user's identity comes from.</summary>
public sealed record UserInfoSpec
{
    /// <summary>The endpoint.</summary>
    [Required, Bounds(Pattern = Patterns.HttpAny)]
    public string EndpointUrl { get; init => field = value ?? field; } = "";

    /// <summary>GET or POST; GET when unset.</summary>
    [OneOf("GET", "POST")]
    public string? HttpMethod { get; init; }

    /// <summary>More headers for the request.</summary>
    public IReadOnlyDictionary<string, string> AdditionalHeaders { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Where things stand in the answer.</summary>
    public UserInfoFieldsSpec? FieldMapping { get; init; }
}

/// <summary>Where things stand in the answer to a user info request.</summary>
public sealed record UserInfoFieldsSpec
{
    /// <summary>Candidates for the user's id, in order; sub when unset.</summary>
    [ListAtomic]
    public IReadOnlyList<string> SubjectFields { get; init => field = value ?? field; } = [];

    /// <summary>Candidates for the user's name, in order; name when unset.</summary>
    [ListAtomic]
    public IReadOnlyList<string> NameFields { get; init => field = value ?? field; } = [];

    /// <summary>Candidates for the user's e-mail address, in order; email when unset.</summary>
    [ListAtomic]
    public IReadOnlyList<string> EmailFields { get; init => field = value ?? field; } = [];
}

/// <summary>Where things stand in a token response, as dotted paths.</summary>
public sealed record TokenResponseMappingSpec
{
    /// <summary>The access token.</summary>
    [Required, Bounds(MinLength = 1)]
    public string AccessTokenPath { get; init => field = value ?? field; } = "";

    /// <summary>The scope; scope when unset.</summary>
    public string? ScopePath { get; init; }

    /// <summary>The refresh token; refresh_token when unset.</summary>
    public string? RefreshTokenPath { get; init; }

    /// <summary>The lifetime in seconds; expires_in when unset.</summary>
    public string? ExpiresInPath { get; init; }
}

/// <summary>Where the identity stands in a token response, as dotted paths.</summary>
public sealed record IdentityFromTokenSpec
{
    /// <summary>The user's id.</summary>
    [Required, Bounds(MinLength = 1, MaxLength = 256)]
    public string SubjectPath { get; init => field = value ?? field; } = "";

    /// <summary>The user's name.</summary>
    [Bounds(MinLength = 1, MaxLength = 256)]
    public string? NamePath { get; init; }

    /// <summary>The user's e-mail address.</summary>
    [Bounds(MinLength = 1, MaxLength = 256)]
    public string? EmailPath { get; init; }
}

/// <summary>How a client registers itself (RFC 7591).</summary>
[Cel("has(self.discoveryUrl) != has(self.registrationEndpoint)", "exactly one of discoveryUrl and registrationEndpoint is required", FieldPath = ".discoveryUrl")]
public sealed record DynamicRegistrationSpec
{
    /// <summary>A metadata document that names the registration endpoint.</summary>
    [Bounds(MaxLength = 2048, Pattern = Patterns.HttpsNoSlash)]
    public string? DiscoveryUrl { get; init; }

    /// <summary>The registration endpoint itself.</summary>
    [Bounds(MaxLength = 2048, Pattern = Patterns.HttpsNoSlash)]
    public string? RegistrationEndpoint { get; init; }

    /// <summary>A bearer token for the registration.</summary>
    public SecretKeyRef? InitialAccessTokenRef { get; init; }

    /// <summary>The software_id.</summary>
    [Bounds(MaxLength = 255)]
    public string? SoftwareId { get; init; }

    /// <summary>The software_statement.</summary>
    [Bounds(MaxLength = 16384)]
    public string? SoftwareStatement { get; init; }
}
