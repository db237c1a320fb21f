using System.Buffers;

namespace Vmcp.Auth.Incoming;

/// <summary>Reads the <c>Authorization</c> header fields of a request (RFC 6750 2.1). Allocates nothing.</summary>
internal static class BearerHeader
{
    /// <summary>Longest token that is looked at, in characters.</summary>
    public const int MaxToken = 16 * 1024;

    private const string Scheme = "Bearer";
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>What the fields hold.</summary>
    public enum Verdict
    {
        /// <summary>Nothing, or another scheme.</summary>
        None,

        /// <summary>One token.</summary>
        Token,

        /// <summary>More than one field: whoever reads the other one would see somebody else.</summary>
        Repeated,

        /// <summary>A token with characters that a token cannot have (RFC 6750 2.1, <c>b64token</c>).</summary>
        Malformed,

        /// <summary>A token longer than <see cref="MaxToken"/>.</summary>
        TooLong,
    }

    /// <summary>Finds the token.</summary>
    public static Verdict Read(IReadOnlyList<string?> fields, out ReadOnlySpan<char> token)
    {
        token = default;
        if (fields.Count > 1)
            return Verdict.Repeated;
        ReadOnlySpan<char> field = fields.Count == 0 ? default : fields[0].AsSpan().Trim(' ');
        // Schemes are case-insensitive (RFC 9110 11.1).
        if (!field.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || (field.Length > Scheme.Length && field[Scheme.Length] != ' '))
            return Verdict.None;
        ReadOnlySpan<char> found = field[Scheme.Length..].TrimStart(' ');
        if (found.IsEmpty)
            return Verdict.None;
        if (found.Length > MaxToken)
            return Verdict.TooLong;
        if (!IsToken(found))
            return Verdict.Malformed;
        token = found;
        return Verdict.Token;
    }

    /// <summary>Whether a text can be a bearer token.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(TokenCharacters);
}
