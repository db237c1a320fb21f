using System.Security.Cryptography;
using System.Text.Json;

using Microsoft.IdentityModel.Tokens;

namespace Vmcp.Auth.Incoming.Keys;

/// <summary>Reads a JWK set (RFC 7517) and keeps what access tokens may be signed with.</summary>
internal static class KeySetReader
{
    /// <summary>Most keys taken from one document; a provider has a handful.</summary>
    public const int MaxKeys = 100;

    // NIST SP 800-131A: nothing below 2048 bits. Larger than 8192 only costs time, on the say of whoever controls the document.
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    private static readonly string[] Rsa =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    /// <summary>The algorithms that count: signatures by public keys, nothing else (RFC 8725 3.1).</summary>
    public static IReadOnlyList<string> Algorithms { get; } =
        [.. Rsa, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512];

    /// <summary>The keys of a document.</summary>
    /// <param name="document">The JSON text.</param>
    /// <param name="problem">What it holds instead, behind "sent" or "holds"; none of its text.</param>
    public static KeySet? Read(ReadOnlyMemory<byte> document, out string? problem)
    {
        JsonElement[] found;
        try
        {
            JsonElement root = Json.Parse(document.Span);
            found = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("keys", out JsonElement keys) && keys.ValueKind == JsonValueKind.Array
                ? [.. keys.EnumerateArray()]
                : throw new JsonException("There is no list of keys.");
        }
        catch (JsonException)
        {
            problem = "something that is no key set";
            return null;
        }

        if (found.Length > MaxKeys)
        {
            problem = $"more than {MaxKeys} keys";
            return null;
        }

        VerificationKey[] usable = [.. found.Select(Usable).OfType<VerificationKey>()];
        problem = usable.Length == 0 ? "no key that signatures can be checked with" : null;
        return usable.Length == 0 ? null : new KeySet(usable, SHA256.HashData(document.Span));
    }

    // RFC 7517 5: a key that is not understood is passed over. The library's own set refuses all of them for one.
    private static VerificationKey? Usable(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        JsonWebKey key;
        try
        {
            key = new JsonWebKey(element.GetRawText());
        }
        catch (Exception e) when (e is ArgumentException or JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }

        if (key.Use is { Length: > 0 } use && use != "sig")
            return null;
        string[]? family = key.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.RSA => Rsa,
            JsonWebAlgorithmsKeyTypes.EllipticCurve => key.Crv switch
            {
                JsonWebKeyECTypes.P256 => [SecurityAlgorithms.EcdsaSha256],
                JsonWebKeyECTypes.P384 => [SecurityAlgorithms.EcdsaSha384],
                JsonWebKeyECTypes.P521 => [SecurityAlgorithms.EcdsaSha512],
                _ => null,
            },
            _ => null, // a symmetric key here would let everybody who can read the document sign
        };
        if (family is null || !TryConvert(key, out SecurityKey? usable))
            return null;
        if (family == Rsa && usable.KeySize is < MinRsaBits or > MaxRsaBits)
            return null;
        return new VerificationKey(usable, Null(key.Kid), Null(key.Alg), family);
    }

    private static bool TryConvert(JsonWebKey key, out SecurityKey usable)
    {
        try
        {
            return JsonWebKeyConverter.TryConvertToSecurityKey(key, out usable) && usable is not SymmetricSecurityKey;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or FormatException or NotSupportedException or InvalidOperationException)
        {
            usable = key;
            return false; // one broken key does not take the others away
        }
    }

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
