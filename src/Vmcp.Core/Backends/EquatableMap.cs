using System.Collections;
using System.Collections.Immutable;

namespace Vmcp.Core.Backends;

/// <summary>A small sorted string map with value equality, so that records holding one compare by content.</summary>
public sealed class EquatableMap : IReadOnlyCollection<KeyValuePair<string, string>>, IEquatable<EquatableMap>
{
    private readonly ImmutableArray<KeyValuePair<string, string>> _entries;

    private EquatableMap(ImmutableArray<KeyValuePair<string, string>> entries) => _entries = entries;

    /// <summary>The map without entries.</summary>
    public static EquatableMap Empty { get; } = new([]);

    /// <inheritdoc />
    public int Count => _entries.Length;

    /// <summary>Sorts the entries by key (ordinal).</summary>
    public static EquatableMap Create(IEnumerable<KeyValuePair<string, string>> entries)
    {
        ImmutableArray<KeyValuePair<string, string>> sorted = [.. entries.OrderBy(e => e.Key, StringComparer.Ordinal)];
        return sorted.IsEmpty ? Empty : new EquatableMap(sorted);
    }

    /// <inheritdoc />
    public bool Equals(EquatableMap? other) => other is not null && _entries.AsSpan().SequenceEqual(other._entries.AsSpan());

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as EquatableMap);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach ((string key, string value) in _entries)
            hash.Add(HashCode.Combine(key, value));
        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
