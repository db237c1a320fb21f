using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vmcp.Auth.Incoming.Tokens;

/// <summary>SHA-256 of a token: names it in memory without being it, and costs no allocation.</summary>
internal readonly record struct TokenKey(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>The key of a token.</summary>
    public static TokenKey Of(ReadOnlySpan<char> token)
    {
        Span<ulong> hash = stackalloc ulong[SHA256.HashSizeInBytes / sizeof(ulong)];
        SHA256.HashData(MemoryMarshal.AsBytes(token), MemoryMarshal.AsBytes(hash));
        return new TokenKey(hash[0], hash[1], hash[2], hash[3]);
    }
}
