using System.Security.Cryptography;
using System.Text;

namespace Vmcp.Core.Catalogs;

/// <summary>Stable short forms of names that model APIs would refuse for their length (vmcp-runtime 5.8).</summary>
internal static class ShortName
{
    /// <summary>Characters an exposed name has at most.</summary>
    public const int MaxLength = 64;

    private const int HashBytes = 4;
    private const int TailLength = MaxLength - 1 - (2 * HashBytes);

    /// <summary>
    /// The end of the name, which tells tools apart better than the shared prefix, then <c>_</c> and 8 hex digits of its SHA-256. The
    /// first candidate is the usual one; the others take later digits of the same hash and serve when a name is in use.
    /// </summary>
    public static IEnumerable<string> Candidates(string name)
    {
        string tail = Tail(name);
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        for (int at = 0; at < hash.Length; at += HashBytes)
            yield return $"{tail}_{Convert.ToHexStringLower(hash, at, HashBytes)}";
    }

    private static string Tail(string name)
    {
        ReadOnlySpan<char> tail = name.AsSpan(name.Length - TailLength);
        if (char.IsLowSurrogate(tail[0]))
            tail = tail[1..];
        ReadOnlySpan<char> trimmed = tail.TrimStart("_-.");
        return (trimmed.IsEmpty ? tail : trimmed).ToString();
    }
}
