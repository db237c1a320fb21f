using System.Buffers.Text;
using System.Text.Json;

namespace Vmcp.Auth.Incoming.Tokens;

/// <summary>A token that has the shape of a signed JWT (RFC 7515 7.1), taken apart; nothing of it is believed yet.</summary>
/// <param name="Algorithm">The header's <c>alg</c>.</param>
/// <param name="KeyId">The header's <c>kid</c>.</param>
/// <param name="Type">The header's <c>typ</c>, in small letters and without <c>application/</c>.</param>
/// <param name="HasCritical">The header has <c>crit</c>: there is something a reader must understand.</param>
/// <param name="Claims">The payload; null when it is no JSON object or names a member twice.</param>
internal sealed record JwtText(string Algorithm, string? KeyId, string? Type, bool HasCritical, JsonElement? Claims)
{
    /// <summary>Takes a token apart; null when it is opaque: not three parts, or the first one is no JWT header.</summary>
    public static JwtText? Read(string token)
    {
        int first = token.IndexOf('.', StringComparison.Ordinal), second = token.LastIndexOf('.');
        if (first <= 0 || second == first || token.AsSpan(first + 1, second - first - 1).Contains('.'))
            return null;
        if (Decode(token.AsSpan(0, first)) is not { ValueKind: JsonValueKind.Object } header || TextOf(header, "alg") is not { } algorithm)
            return null;
        JsonElement? claims = Decode(token.AsSpan(first + 1, second - first - 1));
        return new JwtText(
            algorithm,
            TextOf(header, "kid"),
            TextOf(header, "typ")?.ToLowerInvariant().Replace("application/", "", StringComparison.Ordinal),
            header.TryGetProperty("crit", out _),
            claims is { ValueKind: JsonValueKind.Object } ? claims : null);
    }

    private static JsonElement? Decode(ReadOnlySpan<char> part)
    {
        try
        {
            return Json.Parse(Base64Url.DecodeFromChars(part));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
