using Microsoft.IdentityModel.JsonWebTokens;

using Vmcp.Core.Backends;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>Reads JWTs that a token endpoint issued. Their signature is the receiver's matter; we only look before we pass them on.</summary>
internal static class JwtText
{
    /// <summary>The JWT; null for an opaque or an encrypted token.</summary>
    public static JsonWebToken? TryRead(Secret token)
    {
        try
        {
            JsonWebToken jwt = new(token.Reveal());
            return jwt.IsEncrypted ? null : jwt;
        }
        catch (Exception e) when (e is ArgumentException or Microsoft.IdentityModel.Tokens.SecurityTokenException)
        {
            return null;
        }
    }
}
