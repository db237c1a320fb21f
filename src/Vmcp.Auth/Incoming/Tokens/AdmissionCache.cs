using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Vmcp.Auth.Incoming.Tokens;

/// <summary>
/// Remembers verdicts by token, so that a token is judged once and not per request. Bounded: entries live in two generations; when the young
/// one is full the old one is dropped, and what is still used moves over by being used.
/// </summary>
/// <param name="capacity">Most entries.</param>
/// <param name="time">The clock.</param>
internal sealed class AdmissionCache(int capacity, TimeProvider time)
{
    /// <summary>Most characters of tokens; entries hold about three times as many bytes.</summary>
    public const long MaxCharacters = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private volatile ConcurrentDictionary<TokenKey, Entry> _young = new();
    private volatile ConcurrentDictionary<TokenKey, Entry> _old = new();
    private int _count;
    private long _characters;

    /// <summary>Entries now, outdated ones included.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>The very same verdict that was remembered, while it holds.</summary>
    /// <param name="key">The token.</param>
    /// <param name="keys">The keys that count now; a verdict by other keys is none.</param>
    /// <param name="admission">The verdict.</param>
    public bool TryGet(in TokenKey key, object? keys, [NotNullWhen(true)] out Admission? admission)
    {
        admission = null;
        bool isOld = false;
        if (!_young.TryGetValue(key, out Entry? entry))
        {
            if (!_old.TryRemove(key, out entry))
                return false;
            isOld = true;
        }

        if (!ReferenceEquals(entry.Keys, keys) || time.GetUtcNow() >= entry.Until)
            return false;
        if (isOld)
            Add(key, entry);
        admission = entry.Admission;
        return true;
    }

    /// <summary>Remembers a verdict.</summary>
    /// <param name="key">The token.</param>
    /// <param name="keys">The keys it was judged by; null when there were none to it.</param>
    /// <param name="admission">The verdict.</param>
    /// <param name="until">When it must be judged anew.</param>
    /// <param name="characters">The length of the token.</param>
    public void Add(in TokenKey key, object? keys, Admission admission, DateTimeOffset until, int characters) =>
        Add(key, new Entry(admission, until, keys, characters));

    private void Add(in TokenKey key, Entry entry)
    {
        lock (_lock)
        {
            if (_count >= capacity / 2 || _characters >= MaxCharacters / 2)
            {
                _old = _young;
                _young = new ConcurrentDictionary<TokenKey, Entry>();
                (_count, _characters) = (0, 0);
            }

            // Counts a replaced entry twice: the generation then only turns sooner.
            _young[key] = entry;
            _count++;
            _characters += entry.Characters;
        }
    }

    private sealed record Entry(Admission Admission, DateTimeOffset Until, object? Keys, int Characters);
}
