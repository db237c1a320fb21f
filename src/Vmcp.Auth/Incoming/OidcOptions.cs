using Vmcp.Auth.Http;
using Vmcp.Core.Backends;

namespace Vmcp.Auth.Incoming;

/// <summary>Whose tokens come in (<c>incomingAuth.oidc</c>), with everything resolved.</summary>
public sealed record OidcOptions
{
    /// <summary>A token's <c>iss</c>, byte for byte; also where discovery begins.</summary>
    public required string Issuer { get; init; }

    /// <summary>What must be a member of a token's <c>aud</c>, byte for byte.</summary>
    public required string Audience { get; init; }

    /// <summary>The URL of the protected resource (RFC 9728); null: there is no metadata to find.</summary>
    public Uri? Resource { get; init; }

    /// <summary>The key set's URL; null: found by discovery.</summary>
    public Uri? JwksUrl { get; init; }

    /// <summary>The file with the key set; wins over every URL.</summary>
    public string? JwksFile { get; init; }

    /// <summary>The file with the bearer token that discovery and keys are asked with.</summary>
    public string? JwksAuthTokenPath { get; init; }

    /// <summary>Who is asked about opaque tokens (RFC 7662); null: they do not come in.</summary>
    public Uri? IntrospectionUrl { get; init; }

    /// <summary>As whom introspection asks.</summary>
    public string? ClientId { get; init; }

    /// <summary>The secret of <see cref="ClientId"/>.</summary>
    public Secret? ClientSecret { get; init; }

    /// <summary>The scopes announced to clients.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The scopes a token must have, all of them.</summary>
    public IReadOnlyList<string> RequiredScopes { get; init; } = [];

    /// <summary>The only subject that comes in; null for every one.</summary>
    public string? RequiredSubject { get; init; }

    /// <summary>How far the clocks of provider and gateway may be apart, unless somebody says otherwise.</summary>
    public static readonly TimeSpan UsualClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>How far the clocks of provider and gateway may be apart.</summary>
    public TimeSpan ClockSkew { get; init; } = UsualClockSkew;

    /// <summary>How discovery and keys are reached.</summary>
    public IdentityHttpOptions KeysHttp { get; init; } = new();

    /// <summary>How introspection is reached.</summary>
    public IdentityHttpOptions IntrospectionHttp { get; init; } = new();
}
