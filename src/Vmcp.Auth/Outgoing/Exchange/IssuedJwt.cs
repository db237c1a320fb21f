using System.Buffers.Text;

using Microsoft.IdentityModel.JsonWebTokens;

using Vmcp.Core.Backends;

namespace Vmcp.Auth.Outgoing.Exchange;

/// <summary>Reads JWTs that a token endpoint issued. Their signature is the receiver's matter; we only look before we pass them on.</summary>
internal static class IssuedJwt
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

    /// <summary>
    /// Whether a token says that it is a signed JWT: three parts, of which the first holds a JSON object. One that does and cannot be read is not
    /// opaque: whom it is for stays in doubt.
    /// </summary>
    public static bool IsSigned(Secret token)
    {
        string text = token.Reveal();
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || text.AsSpan().Count('.') != 2)
            return false;
        try
        {
            return Base64Url.DecodeFromChars(text.AsSpan(0, dot)).AsSpan().TrimStart(" \t\r\n"u8).StartsWith("{"u8);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
