using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Vmcp.Core.Backends;

namespace Vmcp.Core.Identity;

/// <summary>A client's token after it was validated, and what it says.</summary>
/// <param name="value">The token as it was presented; never printed.</param>
/// <param name="claims">Its claims as a JSON object: the payload of a JWT, or the answer of an introspection (RFC 7662 2.2).</param>
/// <param name="expiresAt">When it ends; null when nobody says.</param>
public sealed class SubjectToken(Secret value, JsonElement claims, DateTimeOffset? expiresAt)
{
    /// <summary>The token, for the one place that exchanges it.</summary>
    public Secret Value => value;

    /// <summary>The claims as a JSON object.</summary>
    public JsonElement Claims => claims;

    /// <summary>When the token ends; nothing made from it is used longer.</summary>
    public DateTimeOffset? ExpiresAt => expiresAt;

    /// <summary>SHA-256 of the token in hexadecimal: names it in cache keys without being it.</summary>
    public string Digest { get; } = DigestOf(value.Reveal());

    /// <summary>The digest of a token.</summary>
    public static string DigestOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
