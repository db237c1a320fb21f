namespace Vmcp.Protocol.Json;

/// <summary>
/// Small values that are the same for very many owners: what clients of one kind declare, what a backend says of itself in each session. Equal ones become
/// one array, and the message they were read from is let go of.
/// </summary>
public static class SharedBytes
{
    /// <summary>Longer values, in bytes, are not shared: what is remembered here is never let go of.</summary>
    private const int MaxLength = 4 * 1024;

    // A few kinds of clients and backends are enough; another value in a slot only costs its owners an array of their own.
    private static readonly byte[]?[] Slots = new byte[]?[256];

    /// <summary>The same bytes in an array that nobody writes to.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return default;
        if (value.Length > MaxLength)
            return value.ToArray();
        HashCode hash = new();
        hash.AddBytes(value);
        ref byte[]? slot = ref Slots[hash.ToHashCode() & (Slots.Length - 1)];
        if (Volatile.Read(ref slot) is { } known && value.SequenceEqual(known))
            return known;
        byte[] copy = value.ToArray();
        Volatile.Write(ref slot, copy);
        return copy;
    }
}
