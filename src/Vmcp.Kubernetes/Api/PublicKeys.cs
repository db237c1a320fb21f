using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Vmcp.Kubernetes.Api;

/// <summary>Takes the public part of a JSON Web Key Set and nothing else, in a fixed order.</summary>
internal static class PublicKeys
{
    // RFC 7517 4 and RFC 7518 6.2.1, 6.3.1: what verifies a signature. Whatever else a key has stays behind, its private part above all.
    private static readonly string[] Members = ["kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"];

    /// <summary>The set.</summary>
    /// <exception cref="JsonException">It is no key set, or holds no key.</exception>
    public static string Of(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("keys", out JsonElement keys)
            || keys.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("not a key set");
        }

        string[] sorted = [.. keys.EnumerateArray().Where(k => k.ValueKind == JsonValueKind.Object).Select(Key).Distinct().Order(StringComparer.Ordinal)];
        return sorted.Length > 0 ? $"{{\"keys\":[{string.Join(',', sorted)}]}}" : throw new JsonException("no keys");
    }

    private static string Key(JsonElement key)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach (string member in Members)
            {
                if (key.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String)
                    writer.WriteString(member, value.GetString());
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
