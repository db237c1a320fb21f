using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>An OAuth and OpenID Connect authorization server that asks upstream providers who the user is.</summary>
[Cel(
    "!(has(self.allowConfidentialClientRegistration) && self.allowConfidentialClientRegistration && has(self.insecureAllowHTTP) && self.insecureAllowHTTP)",
    "allowConfidentialClientRegistration cannot be combined with insecureAllowHTTP: client secrets would travel in the clear",
    FieldPath = ".allowConfidentialClientRegistration")]
[Cel(
    "!has(self.delegateClients) || size(self.delegateClients) == 0 || !self.issuer.startsWith('http://')",
    "delegateClients require an https issuer", FieldPath = ".delegateClients")]
[Cel(
    "!has(self.forceConfidentialRedirectUris) || size(self.forceConfidentialRedirectUris) == 0 || (has(self.allowConfidentialClientRegistration) && self.allowConfidentialClientRegistration)",
    "forceConfidentialRedirectUris require allowConfidentialClientRegistration", FieldPath = ".forceConfidentialRedirectUris")]
public sealed record EmbeddedAuthServerConfig
{
    /// <summary>The issuer of its tokens; no slash at the end, no query, no fragment.</summary>
    [Required, Bounds(Pattern = Patterns.Issuer)]
    public string Issuer { get; init => field = value ?? field; } = "";

    /// <summary>Where browsers are sent for /oauth/authorize; the issuer when unset.</summary>
    [Bounds(Pattern = Patterns.Issuer)]
    public string? AuthorizationEndpointBaseUrl { get; init; }

    /// <summary>Keys that sign tokens, the current one first; made at start and lost at the end when unset.</summary>
    [ListAtomic, Bounds(MaxItems = 5)]
    public IReadOnlyList<SecretKeyRef> SigningKeySecretRefs { get; init => field = value ?? field; } = [];

    /// <summary>Secrets of 32 bytes or more for codes and refresh tokens; made at start and lost at the end when unset.</summary>
    [ListAtomic]
    public IReadOnlyList<SecretKeyRef> HmacSecretRefs { get; init => field = value ?? field; } = [];

    /// <summary>How long what it issues is valid.</summary>
    public TokenLifespansSpec? TokenLifespans { get; init; }

    /// <summary>Who knows the users; several only on a VirtualMCPServer.</summary>
    [Required, ListMap("name"), Bounds(MinItems = 1)]
    public IReadOnlyList<UpstreamProviderSpec> UpstreamProviders { get; init => field = value ?? field; } = [];

    /// <summary>The upstream provider whose claims policies see; the first one when unset.</summary>
    [Bounds(MinLength = 1, MaxLength = 63, Pattern = Patterns.Provider)]
    public string? PrimaryUpstreamProvider { get; init; }

    /// <summary>Where its state is kept; in memory when unset.</summary>
    public AuthServerStorageSpec? Storage { get; init; }

    /// <summary>Strips the client's credentials instead of putting the upstream token in their place.</summary>
    [Default(false)]
    public bool? DisableUpstreamTokenInjection { get; init; }

    /// <summary>Permits an issuer without TLS on a host other than localhost; for development only.</summary>
    [Default(false)]
    public bool? InsecureAllowHTTP { get; init; }

    /// <summary>Scopes every registered client gets.</summary>
    [ListAtomic, Bounds(MaxItems = 10), ItemBounds(MinLength = 1, Pattern = Patterns.Scope)]
    public IReadOnlyList<string> BaselineClientScopes { get; init => field = value ?? field; } = [];

    /// <summary>Whether clients that register may get a secret.</summary>
    [Default(false)]
    public bool? AllowConfidentialClientRegistration { get; init; }

    /// <summary>Permits that with an issuer without TLS on localhost too.</summary>
    [Default(false)]
    public bool? InsecureAllowConfidentialOverLoopbackHTTP { get; init; }

    /// <summary>Clients that are known from the start and may exchange tokens.</summary>
    [ListAtomic, Bounds(MaxItems = 10)]
    public IReadOnlyList<DelegateClientSpec> DelegateClients { get; init => field = value ?? field; } = [];

    /// <summary>Other issuers whose tokens may be exchanged here.</summary>
    [ListAtomic, Bounds(MaxItems = 20)]
    public IReadOnlyList<TrustedIssuerSpec> TrustedIssuers { get; init => field = value ?? field; } = [];

    /// <summary>Clients with one of these redirect URIs always get a secret.</summary>
    [ListAtomic, Bounds(MaxItems = 10), ItemBounds(Pattern = Patterns.HttpsRedirect)]
    public IReadOnlyList<string> ForceConfidentialRedirectUris { get; init => field = value ?? field; } = [];

    /// <summary>Clients that are known by a document at the URL that is their id.</summary>
    public ClientIdMetadataDocumentSpec? Cimd { get; init; }
}

/// <summary>How long what an authorization server issues is valid.</summary>
public sealed record TokenLifespansSpec
{
    /// <summary>Access tokens; 1h when unset.</summary>
    [Bounds(Pattern = Patterns.Duration)]
    public string? AccessTokenLifespan { get; init; }

    /// <summary>Refresh tokens; 168h when unset.</summary>
    [Bounds(Pattern = Patterns.Duration)]
    public string? RefreshTokenLifespan { get; init; }

    /// <summary>Authorization codes; 10m when unset.</summary>
    [Bounds(Pattern = Patterns.Duration)]
    public string? AuthCodeLifespan { get; init; }
}

/// <summary>A client that is known from the start and may exchange tokens.</summary>
[Cel(
    "size(self.clientSecretRef.name) > 0 && size(self.clientSecretRef.key) > 0",
    "clientSecretRef needs a name and a key", FieldPath = ".clientSecretRef")]
public sealed record DelegateClientSpec
{
    /// <summary>The client id.</summary>
    [Required, Bounds(MinLength = 1, MaxLength = 256)]
    public string ClientId { get; init => field = value ?? field; } = "";

    /// <summary>The client secret.</summary>
    [Required]
    public SecretKeyRef? ClientSecretRef { get; init; }

    /// <summary>Scopes the client may ask for.</summary>
    [Required, ListAtomic, Bounds(MinItems = 1, MaxItems = 10), ItemBounds(MinLength = 1, MaxLength = 256)]
    public IReadOnlyList<string> Scopes { get; init => field = value ?? field; } = [];

    /// <summary>Resources the client may ask for.</summary>
    [Required, ListAtomic, Bounds(MinItems = 1, MaxItems = 10), ItemBounds(MinLength = 1, MaxLength = 2048)]
    public IReadOnlyList<string> Audiences { get; init => field = value ?? field; } = [];
}

/// <summary>Clients that are known by a document at the URL that is their id.</summary>
public sealed record ClientIdMetadataDocumentSpec
{
    /// <summary>Whether such clients are accepted.</summary>
    [Required, Default(false)]
    public bool? Enabled { get; init; }

    /// <summary>How many documents are kept; 256 when unset.</summary>
    [Bounds(Min = 1)]
    public int? CacheMaxSize { get; init; }

    /// <summary>How long a document is kept that does not say it; 5m when unset.</summary>
    [Bounds(Pattern = Patterns.Duration)]
    public string? CacheFallbackTtl { get; init; }
}
