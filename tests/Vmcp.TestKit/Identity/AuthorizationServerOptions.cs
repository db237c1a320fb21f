namespace Vmcp.TestKit;

/// <summary>How a <see cref="TestAuthorizationServer"/> is set up. Set before it starts.</summary>
public sealed class AuthorizationServerOptions
{
    /// <summary>The path of the issuer; empty for a server at the root.</summary>
    public string Path { get; set; } = "/realm";

    /// <summary>Whether it speaks TLS, with a certificate of its own making.</summary>
    public bool Https { get; set; }

    /// <summary>The algorithms it has keys for; the first one signs tokens that are exchanged or issued.</summary>
    public IReadOnlyList<string> Algorithms { get; set; } = ["RS256", "PS256", "ES256"];

    /// <summary>Whether keys and tokens carry a <c>kid</c>.</summary>
    public bool KeyIds { get; set; } = true;

    /// <summary>Client ids and their secrets; a null secret is a public client. By default <c>gateway</c> and the public <c>public</c>.</summary>
    public Dictionary<string, string?> Clients { get; } = new(StringComparer.Ordinal)
    {
        ["gateway"] = "gateway-secret-7f3a",
        ["public"] = null,
    };

    /// <summary>Whether the token endpoint also serves requests that name no client.</summary>
    public bool AllowsAnonymousClients { get; set; }

    /// <summary>The audiences and resources tokens are issued for, anything else is <c>invalid_target</c>; null for all.</summary>
    public HashSet<string>? Audiences { get; set; }

    /// <summary>The scopes that are granted, anything else is <c>invalid_scope</c>; null for all.</summary>
    public HashSet<string>? Scopes { get; set; }

    /// <summary>The lifetime of issued tokens; becomes <c>expires_in</c>.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether answers of the token endpoint say <c>expires_in</c>.</summary>
    public bool SaysExpiry { get; set; } = true;

    /// <summary>The issuer it claims in its metadata; null for the true one.</summary>
    public string? ClaimedIssuer { get; set; }

    /// <summary>The clock of tokens and their expiry.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;
}
