using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Vmcp.TestKit;

/// <summary>Writes the tokens of one server and tells its own from foreign ones.</summary>
internal sealed class TokenMint(string issuer, SigningKeys keys, TimeProvider time, bool withKeyIds)
{
    /// <summary>An access token (RFC 9068) with these claims; <paramref name="edit"/> may change any claim before it is signed.</summary>
    public string Access(
        string subject, string? audience, string? scope, TimeSpan lifetime, Action<JsonObject>? edit, string algorithm, TokenTweak tweak, string type = "at+jwt")
    {
        JsonObject claims = Claims(subject, audience, scope, lifetime);
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = type };
        SigningKey key = keys.Current(algorithm);
        if (withKeyIds)
            header["kid"] = key.KeyId;
        Func<byte[], byte[]> sign = key.Sign;
        long now = Now;
        switch (tweak)
        {
            case TokenTweak.WrongIssuer:
                claims["iss"] = "https://issuer.invalid";
                break;
            case TokenTweak.Expired:
                claims["iat"] = now - 7200;
                claims["exp"] = now - 3600;
                break;
            case TokenTweak.NotYetValid:
                claims["nbf"] = now + 3600;
                claims["exp"] = now + 7200;
                break;
            case TokenTweak.NoExpiry:
                claims.Remove("exp");
                break;
            case TokenTweak.NoSubject:
                claims.Remove("sub");
                break;
            case TokenTweak.NoKeyId:
                header.Remove("kid");
                break;
            case TokenTweak.UnknownKeyId:
                header["kid"] = $"unknown-{Guid.NewGuid():N}";
                sign = data => SignOnce(algorithm, data);
                break;
            case TokenTweak.ForeignKey:
                sign = data => SignOnce(algorithm, data);
                break;
            case TokenTweak.AlgNone:
                header["alg"] = "none";
                sign = _ => [];
                break;
            case TokenTweak.HmacWithPublicKey:
                header["alg"] = "HS256";
                sign = data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.PublicPem), data);
                break;
            case TokenTweak.BadSignature:
                sign = data =>
                {
                    byte[] signature = key.Sign(data);
                    signature[^1] ^= 0x01;
                    return signature;
                };
                break;
            case TokenTweak.Critical:
                header["crit"] = new JsonArray("https://extension.invalid");
                header["https://extension.invalid"] = true;
                break;
            case TokenTweak.Confirmation:
                claims["cnf"] = new JsonObject { ["jkt"] = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" };
                break;
            case TokenTweak.IdToken:
                header["typ"] = "JWT";
                claims["nonce"] = Guid.NewGuid().ToString("N");
                claims["at_hash"] = "77QmUPtjPfzWtF2AnpK9RQ";
                break;
            default:
                break;
        }

        edit?.Invoke(claims);
        return JwtText.Write(header, claims, sign);
    }

    /// <summary>The claims every token has.</summary>
    public JsonObject Claims(string subject, string? audience, string? scope, TimeSpan lifetime)
    {
        long now = Now;
        var claims = new JsonObject
        {
            ["iss"] = issuer,
            ["sub"] = subject,
            ["iat"] = now,
            ["exp"] = now + (long)lifetime.TotalSeconds,
            ["jti"] = Guid.NewGuid().ToString("N"),
        };
        if (audience is not null)
            claims["aud"] = audience;
        if (scope is not null)
            claims["scope"] = scope;
        return claims;
    }

    /// <summary>Header and claims when the token was signed here, names us as its issuer and has not expired; else null.</summary>
    public (JsonObject Header, JsonObject Claims)? Verify(string token) =>
        JwtText.Read(token, keys) is { } read && (string?)read.Claims["iss"] == issuer && IsLive(read.Claims) ? read : null;

    public bool IsLive(JsonObject claims) => claims["exp"] is null || (long)claims["exp"]! > Now;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    private static byte[] SignOnce(string algorithm, byte[] data)
    {
        using SigningKey stranger = SigningKey.Create(algorithm, "stranger");
        return stranger.Sign(data);
    }
}
