using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs;

/// <summary>
/// Opaque page cursors: the kind and the last key shown, so any replica can go on where another one stopped and a changed list loses nothing.
/// </summary>
/// <remarks>
/// Base64url of: kind (1 byte), form (1), check (4, of SHA-256, so that a mangled cursor is an error and not another page), key in UTF-8.
/// A key too long for <see cref="MaxLength"/> is cut and preceded by 16 bytes of its hash. The check is no protection: a cursor grants nothing.
/// </remarks>
public static class ListCursor
{
    /// <summary>Characters a cursor has at most (vmcp-runtime 4.10).</summary>
    public const int MaxLength = 512;

    private const int MaxBytes = MaxLength / 4 * 3;
    private const int CheckLength = 4;
    private const int HeaderLength = 2 + CheckLength;
    private const int KeyHashLength = 16;
    private const byte WholeKey = 0;
    private const byte CutKey = 1;

    // The decoder would also take padding and white space.
    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    // Strict: bytes that are no UTF-8 make the cursor invalid.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The cursor of the page after the one that ends with <paramref name="lastKey"/>.</summary>
    public static string Encode(CapabilityKind kind, string lastKey)
    {
        byte[] key = Encoding.UTF8.GetBytes(lastKey);
        bool whole = HeaderLength + key.Length <= MaxBytes;
        byte[] payload = whole ? key : [.. KeyHash(key), .. key.AsSpan(0, CutAt(key, MaxBytes - HeaderLength - KeyHashLength))];
        byte[] cursor = [Letter(kind), whole ? WholeKey : CutKey, .. new byte[CheckLength], .. payload];
        WriteCheck(cursor, cursor.AsSpan(2, CheckLength));
        return Base64Url.EncodeToString(cursor);
    }

    /// <summary>Reads a cursor; null when it is none of ours or belongs to another kind.</summary>
    internal static CursorPosition? Decode(string cursor, CapabilityKind kind)
    {
        if (cursor.Length > MaxLength || cursor.AsSpan().ContainsAnyExcept(Alphabet) || !Base64Url.IsValid(cursor))
            return null;
        byte[] bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length < HeaderLength || bytes[0] != Letter(kind))
            return null;
        Span<byte> check = stackalloc byte[CheckLength];
        WriteCheck(bytes, check);
        if (!check.SequenceEqual(bytes.AsSpan(2, CheckLength)))
            return null;
        ReadOnlySpan<byte> payload = bytes.AsSpan(HeaderLength);
        try
        {
            return bytes[1] switch
            {
                WholeKey => new CursorPosition(Utf8.GetString(payload), null),
                CutKey when payload.Length > KeyHashLength =>
                    new CursorPosition(Utf8.GetString(payload[KeyHashLength..]), payload[..KeyHashLength].ToArray()),
                _ => null,
            };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    internal static byte[] KeyHash(ReadOnlySpan<byte> key) => SHA256.HashData(key)[..KeyHashLength];

    private static int CutAt(byte[] key, int length)
    {
        // Step back over continuation bytes, so the cut falls between characters.
        while ((key[length] & 0xC0) == 0x80)
            length--;
        return length;
    }

    private static void WriteCheck(ReadOnlySpan<byte> cursor, Span<byte> check)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. cursor[..2], .. cursor[HeaderLength..]], hash);
        hash[..CheckLength].CopyTo(check);
    }

    private static byte Letter(CapabilityKind kind) => kind switch
    {
        CapabilityKind.Tools => (byte)'t',
        CapabilityKind.Resources => (byte)'r',
        CapabilityKind.ResourceTemplates => (byte)'m',
        CapabilityKind.Prompts => (byte)'p',
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>Where a cursor points: after a key, or after the key that begins like this and has this hash.</summary>
internal readonly record struct CursorPosition(string Key, byte[]? Hash)
{
    /// <summary>
    /// Index of the first entry not shown yet. When a cut key left the list, those that begin like it are shown again: better twice than never.
    /// </summary>
    public int FirstAfter(ImmutableArray<CatalogEntry> entries)
    {
        int at = FirstNotBefore(entries, Key);
        if (Hash is null)
            return at < entries.Length && entries[at].Key == Key ? at + 1 : at;
        for (int i = at; i < entries.Length && entries[i].Key.StartsWith(Key, StringComparison.Ordinal); i++)
        {
            if (ListCursor.KeyHash(Encoding.UTF8.GetBytes(entries[i].Key)).AsSpan().SequenceEqual(Hash))
                return i + 1;
        }

        return at;
    }

    private static int FirstNotBefore(ImmutableArray<CatalogEntry> entries, string key)
    {
        int low = 0, high = entries.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(entries[middle].Key, key) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
