using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.TestKit;

/// <summary>
/// JWTs written and read by hand: a library refuses to write the broken ones, and what checks the product should not share its parser.
/// </summary>
internal static class JwtText
{
    public static string Write(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        string signed = $"{Encode(header.ToJsonString(Rpc.Relaxed))}.{Encode(claims.ToJsonString(Rpc.Relaxed))}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Header and claims of a token that one of the keys signed; null for anything else.</summary>
    public static (JsonObject Header, JsonObject Claims)? Read(string token, SigningKeys keys)
    {
        string[] parts = token.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            if (JsonNode.Parse(Base64Url.DecodeFromChars(parts[0])) is not JsonObject header
                || JsonNode.Parse(Base64Url.DecodeFromChars(parts[1])) is not JsonObject claims)
                return null;
            byte[] data = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
            string algorithm = header["alg"]?.GetValue<string>() ?? "";
            return keys.Verify(algorithm, header["kid"]?.GetValue<string>(), data, Base64Url.DecodeFromChars(parts[2])) ? (header, claims) : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or CryptographicException)
        {
            return null; // not a token of ours
        }
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
