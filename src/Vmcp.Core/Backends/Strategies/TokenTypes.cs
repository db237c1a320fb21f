namespace Vmcp.Core.Backends;

/// <summary>The names of kinds of tokens in an exchange (RFC 8693 3).</summary>
public static class TokenTypes
{
    /// <summary>What the names begin with.</summary>
    public const string Prefix = "urn:ietf:params:oauth:token-type:";

    /// <summary>An OAuth 2.0 access token.</summary>
    public const string AccessToken = Prefix + "access_token";

    /// <summary>An OpenID Connect ID token.</summary>
    public const string IdToken = Prefix + "id_token";

    /// <summary>A JWT of any kind.</summary>
    public const string Jwt = Prefix + "jwt";

    /// <summary>An identity assertion for another application's authorization server (draft-ietf-oauth-identity-assertion-authz-grant).</summary>
    public const string IdJag = Prefix + "id-jag";

    /// <summary>The whole name of a type that may be written short, for example <c>jwt</c>.</summary>
    public static string Whole(string type) => type.StartsWith(Prefix, StringComparison.Ordinal) ? type : Prefix + type;
}
