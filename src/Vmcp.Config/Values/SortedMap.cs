using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Vmcp.Config.Values;

/// <summary>An immutable map with text keys, sorted by key (ordinal), with value equality.</summary>
/// <typeparam name="TValue">The value type, itself a value.</typeparam>
public sealed class SortedMap<TValue> : IReadOnlyDictionary<string, TValue>, IEquatable<SortedMap<TValue>>
{
    private readonly ImmutableSortedDictionary<string, TValue> _entries;

    internal SortedMap(ImmutableSortedDictionary<string, TValue> entries) => _entries = entries;

    /// <inheritdoc />
    public int Count => _entries.Count;

    /// <summary>Whether there is no entry.</summary>
    public bool IsEmpty => _entries.IsEmpty;

    /// <inheritdoc />
    public IEnumerable<string> Keys => _entries.Keys;

    /// <inheritdoc />
    public IEnumerable<TValue> Values => _entries.Values;

    /// <inheritdoc />
    public TValue this[string key] => _entries[key];

    /// <summary>The same map with one entry added or replaced.</summary>
    public SortedMap<TValue> With(string key, TValue value) => new(_entries.SetItem(key, value));

    /// <inheritdoc />
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <inheritdoc />
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out TValue value) => _entries.TryGetValue(key, out value);

    /// <inheritdoc />
    public bool Equals(SortedMap<TValue>? other) => other is not null && _entries.SequenceEqual(other._entries);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SortedMap<TValue>);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach ((string key, TValue value) in _entries)
            hash.Add(HashCode.Combine(key, value));
        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, TValue>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes <see cref="SortedMap{TValue}"/>.</summary>
public static class SortedMap
{
    /// <summary>The map without entries.</summary>
    public static SortedMap<TValue> Empty<TValue>() => Holder<TValue>.Empty;

    /// <summary>Copies the entries; of two with one key the last wins.</summary>
    public static SortedMap<TValue> Create<TValue>(IEnumerable<KeyValuePair<string, TValue>> entries)
    {
        ImmutableSortedDictionary<string, TValue> sorted = ImmutableSortedDictionary.Create<string, TValue>(StringComparer.Ordinal).SetItems(entries);
        return sorted.IsEmpty ? Empty<TValue>() : new SortedMap<TValue>(sorted);
    }

    private static class Holder<TValue>
    {
        public static readonly SortedMap<TValue> Empty = new(ImmutableSortedDictionary.Create<string, TValue>(StringComparer.Ordinal));
    }
}
