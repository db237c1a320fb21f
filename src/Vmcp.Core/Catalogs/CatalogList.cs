using System.Collections.Immutable;
using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs;

/// <summary>One kind's list as ready JSON, sorted by key and cut into pages.</summary>
public sealed class CatalogList
{
    /// <summary>Items of one page at most.</summary>
    public const int PageSize = 1000;

    private CatalogList(ImmutableArray<CatalogEntry> entries, ImmutableArray<byte[]> pages)
    {
        Entries = entries;
        Pages = pages;
    }

    /// <summary>A list without items (one empty page).</summary>
    public static CatalogList Empty { get; } = Create([]);

    /// <summary>The items, sorted by key (ordinal).</summary>
    public ImmutableArray<CatalogEntry> Entries { get; }

    /// <summary>Each page's items as a JSON array: <c>[{…},{…}]</c>. Never empty; an empty list has the page <c>[]</c>.</summary>
    public ImmutableArray<byte[]> Pages { get; }

    /// <summary>Joins entries, which must be sorted by key, into pages.</summary>
    public static CatalogList Create(ImmutableArray<CatalogEntry> entries)
    {
        var pages = ImmutableArray.CreateBuilder<byte[]>();
        for (int start = 0; start == 0 || start < entries.Length; start += PageSize)
            pages.Add(Join(entries.AsSpan(start, Math.Min(PageSize, entries.Length - start))));
        return new CatalogList(entries, pages.ToImmutable());
    }

    /// <summary>The page a cursor asks for: ready bytes, unless the list changed since the cursor was given out.</summary>
    /// <param name="cursor">Null or empty for the first page, else what <see cref="ListPage.NextCursor"/> said, on this or another replica.</param>
    /// <param name="kind">What this list lists; a cursor of another kind is invalid.</param>
    /// <returns>Null when the cursor is invalid (JSON-RPC -32602).</returns>
    public ListPage? Page(string? cursor, CapabilityKind kind)
    {
        int start = 0;
        if (!string.IsNullOrEmpty(cursor))
        {
            if (ListCursor.Decode(cursor, kind) is not { } position)
                return null;
            start = position.FirstAfter(Entries);
        }

        int end = Math.Min(start + PageSize, Entries.Length);
        bool aligned = start % PageSize == 0 && start / PageSize < Pages.Length;
        byte[] items = aligned ? Pages[start / PageSize] : Join(Entries.AsSpan(start, end - start));
        return new ListPage(items, end < Entries.Length ? ListCursor.Encode(kind, Entries[end - 1].Key) : null);
    }

    /// <summary>Whether both lists show the same bytes.</summary>
    public bool SameAs(CatalogList other) => ReferenceEquals(this, other) || Entries.AsSpan().SequenceEqual(other.Entries.AsSpan());

    private static byte[] Join(ReadOnlySpan<CatalogEntry> entries)
    {
        int size = 2 + Math.Max(0, entries.Length - 1);
        foreach (CatalogEntry entry in entries)
            size += entry.Json.Length;
        byte[] page = new byte[size];
        int at = 0;
        page[at++] = (byte)'[';
        for (int i = 0; i < entries.Length; i++)
        {
            if (i > 0)
                page[at++] = (byte)',';
            entries[i].Json.Span.CopyTo(page.AsSpan(at));
            at += entries[i].Json.Length;
        }

        page[at] = (byte)']';
        return page;
    }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">The items as a JSON array.</param>
/// <param name="NextCursor">The cursor of the page after this one, or null at the end.</param>
public sealed record ListPage(ReadOnlyMemory<byte> Items, string? NextCursor);

/// <summary>One listed item as clients see it.</summary>
/// <param name="Key">Exposed name, URI or template string.</param>
/// <param name="Json">The JSON object shown to clients.</param>
public sealed record CatalogEntry(string Key, ReadOnlyMemory<byte> Json)
{
    /// <inheritdoc />
    public bool Equals(CatalogEntry? other) => other is not null && Key == other.Key && Json.Span.SequenceEqual(other.Json.Span);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Key, Json.Length);
}
