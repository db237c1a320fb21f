using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Vmcp.Auth.Aws;

/// <summary>The name under which AWS logs what a caller does (<c>RoleSessionName</c>).</summary>
internal static class SessionName
{
    private const int Shortest = 2;
    private const int Longest = 64;
    private const int DigestLength = 8;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-");

    /// <summary>
    /// The claim itself where AWS takes it (2 to 64 of <c>A-Z a-z 0-9 _ + = , . @ -</c>). Else other characters become <c>-</c>, what is too long is
    /// cut, and eight digits of the claim's SHA-256 are added, so that two users who differ only in what was lost stay two in the logs of AWS.
    /// </summary>
    /// <param name="claim">The claim; text or a number.</param>
    /// <returns>Null when the claim is missing, empty or of another kind.</returns>
    public static string? Of(JsonElement? claim)
    {
        string? text = TokenClaims.Text(claim);
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (text.Length is >= Shortest and <= Longest && !text.AsSpan().ContainsAnyExcept(Allowed))
            return text;
        StringBuilder name = new(Longest);
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest - DigestLength - 1)))
            name.Append(Allowed.Contains(c) ? c : '-');
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return name.Append('-').Append(digest, 0, DigestLength).ToString();
    }
}
