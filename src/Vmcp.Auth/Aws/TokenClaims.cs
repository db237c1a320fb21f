using System.Text.Json;

namespace Vmcp.Auth.Aws;

/// <summary>
/// Finds claims by the name a configuration gives them. JSON may carry half a surrogate pair, which .NET refuses to read as text: a claim of such
/// text is like one that is missing.
/// </summary>
internal static class TokenClaims
{
    /// <summary>
    /// The claim of exactly this name, also one with dots in it (<c>https://example.org/roles</c>); else, by its dots, the one within other claims
    /// (<c>realm_access.roles</c>). Null when there is none.
    /// </summary>
    public static JsonElement? Find(JsonElement claims, string name)
    {
        if (Member(claims, name) is { } exact)
            return exact;
        JsonElement? at = claims;
        foreach (string part in name.Split('.'))
        {
            if (at is null)
                return null;
            at = Member(at.Value, part);
        }

        return at;
    }

    /// <summary>The text of a claim that is a string or a number; else null.</summary>
    public static string? Text(JsonElement? claim)
    {
        try
        {
            return claim switch
            {
                { ValueKind: JsonValueKind.String } value => value.GetString(),
                { ValueKind: JsonValueKind.Number } value => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Whether a claim is this string or a list that holds it.</summary>
    public static bool Holds(JsonElement? claim, string value) => claim switch
    {
        { ValueKind: JsonValueKind.String } text => Is(text, value),
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Any(i => i.ValueKind == JsonValueKind.String && Is(i, value)),
        _ => false,
    };

    private static bool Is(JsonElement text, string value) => string.Equals(Text(text), value, StringComparison.Ordinal);

    private static JsonElement? Member(JsonElement claims, string name)
    {
        try
        {
            return claims.ValueKind == JsonValueKind.Object && claims.TryGetProperty(name, out JsonElement member) ? member : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
