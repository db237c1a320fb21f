using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>How a gateway proves who it is to a backend.</summary>
[CustomResource("mcpexternalauthconfigs", "extauth", "mcpextauth")]
[PrinterColumn("Type", ".spec.type")]
[PrinterColumn("Valid", ".status.conditions[?(@.type=='Valid')].status")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPExternalAuthConfig() : Resource<MCPExternalAuthConfigSpec, ConfigStatus>(ToolHive.MCPExternalAuthConfig);

/// <summary>One way of authentication: type names it, the block of the same name holds its settings.</summary>
[Cel("(self.type == 'tokenExchange') == has(self.tokenExchange)", "tokenExchange must be set when type is tokenExchange, and only then", FieldPath = ".tokenExchange")]
[Cel("(self.type == 'headerInjection') == has(self.headerInjection)", "headerInjection must be set when type is headerInjection, and only then", FieldPath = ".headerInjection")]
[Cel("(self.type == 'bearerToken') == has(self.bearerToken)", "bearerToken must be set when type is bearerToken, and only then", FieldPath = ".bearerToken")]
[Cel("(self.type == 'embeddedAuthServer') == has(self.embeddedAuthServer)", "embeddedAuthServer must be set when type is embeddedAuthServer, and only then", FieldPath = ".embeddedAuthServer")]
[Cel("(self.type == 'awsSts') == has(self.awsSts)", "awsSts must be set when type is awsSts, and only then", FieldPath = ".awsSts")]
[Cel("(self.type == 'upstreamInject') == has(self.upstreamInject)", "upstreamInject must be set when type is upstreamInject, and only then", FieldPath = ".upstreamInject")]
[Cel("(self.type == 'obo') == has(self.obo)", "obo must be set when type is obo, and only then", FieldPath = ".obo")]
[Cel("(self.type == 'xaa') == has(self.xaa)", "xaa must be set when type is xaa, and only then", FieldPath = ".xaa")]
[Cel(
    "self.type != 'unauthenticated' || !(has(self.tokenExchange) || has(self.headerInjection) || has(self.bearerToken) || has(self.embeddedAuthServer) || has(self.awsSts) || has(self.upstreamInject) || has(self.obo) || has(self.xaa))",
    "no settings may be given when type is unauthenticated", FieldPath = ".type")]
public sealed record MCPExternalAuthConfigSpec
{
    /// <summary>The way of authentication.</summary>
    [Required, OneOf(
        "tokenExchange", "headerInjection", "bearerToken", "unauthenticated", "embeddedAuthServer", "awsSts", "upstreamInject", "obo", "xaa")]
    public string? Type { get; init; }

    /// <summary>The caller's token is exchanged for one for the backend (RFC 8693).</summary>
    public TokenExchangeSpec? TokenExchange { get; init; }

    /// <summary>A header with a value from a Secret.</summary>
    public HeaderInjectionSpec? HeaderInjection { get; init; }

    /// <summary>A bearer token from a Secret.</summary>
    public BearerTokenSpec? BearerToken { get; init; }

    /// <summary>An authorization server inside an MCPServer or MCPRemoteProxy; no way to approach a backend.</summary>
    public EmbeddedAuthServerConfig? EmbeddedAuthServer { get; init; }

    /// <summary>Temporary AWS credentials for a role, requests are signed with them.</summary>
    public AwsStsSpec? AwsSts { get; init; }

    /// <summary>The caller's token of an upstream provider.</summary>
    public UpstreamInjectSpec? UpstreamInject { get; init; }

    /// <summary>On-behalf-of flow of Entra ID.</summary>
    public OboSpec? Obo { get; init; }

    /// <summary>Cross app access: an identity assertion of the caller is exchanged at the target's authorization server.</summary>
    public XaaSpec? Xaa { get; init; }
}

/// <summary>The caller's token is exchanged for one for the backend (RFC 8693).</summary>
public sealed record TokenExchangeSpec
{
    /// <summary>The token endpoint.</summary>
    [Required]
    public string TokenUrl { get; init => field = value ?? field; } = "";

    /// <summary>Whom the new token is for.</summary>
    [Required]
    public string Audience { get; init => field = value ?? field; } = "";

    /// <summary>The client id.</summary>
    public string? ClientId { get; init; }

    /// <summary>The client secret.</summary>
    public SecretKeyRef? ClientSecretRef { get; init; }

    /// <summary>Scopes to ask for.</summary>
    [ListAtomic]
    public IReadOnlyList<string> Scopes { get; init => field = value ?? field; } = [];

    /// <summary>Kind of the token given; access_token when unset.</summary>
    [Bounds(Pattern = Patterns.TokenType)]
    public string? SubjectTokenType { get; init; }

    /// <summary>The header that carries the new token; Authorization when unset.</summary>
    public string? ExternalTokenHeaderName { get; init; }

    /// <summary>The upstream provider whose token is given; the first one when unset.</summary>
    public string? SubjectProviderName { get; init; }
}

/// <summary>A header with a value from a Secret.</summary>
public sealed record HeaderInjectionSpec
{
    /// <summary>The header.</summary>
    [Required, Bounds(MinLength = 1)]
    public string HeaderName { get; init => field = value ?? field; } = "";

    /// <summary>Its value.</summary>
    [Required]
    public SecretKeyRef? ValueSecretRef { get; init; }
}

/// <summary>A bearer token from a Secret.</summary>
public sealed record BearerTokenSpec
{
    /// <summary>The token, without the word Bearer.</summary>
    [Required]
    public SecretKeyRef? TokenSecretRef { get; init; }
}

/// <summary>The caller's token of an upstream provider.</summary>
public sealed record UpstreamInjectSpec
{
    /// <summary>The provider in authServerConfig.upstreamProviders.</summary>
    [Required, Bounds(MinLength = 1)]
    public string ProviderName { get; init => field = value ?? field; } = "";
}
