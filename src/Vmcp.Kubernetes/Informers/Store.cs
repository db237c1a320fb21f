using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Informers;

/// <summary>
/// The objects an informer knows: the converted ones for all to read, and their versions, by which a list that brought nothing new is told
/// from one that did. Written by one thread.
/// </summary>
internal sealed class Store<T>(string kind, Func<KubeObject, T> convert, ILogger logger)
    where T : notnull
{
    private readonly Dictionary<ObjectKey, Seen> _seen = [];
    private ImmutableDictionary<ObjectKey, T> _snapshot = ImmutableDictionary<ObjectKey, T>.Empty;

    public ImmutableDictionary<ObjectKey, T> Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Takes a change of a watch; null when it changes nothing that is known.</summary>
    public Change<T>? Apply(WatchEvent change)
    {
        ObjectKey key = change.Object.Key;
        T? old = Snapshot.GetValueOrDefault(key);
        if (change.Kind == WatchEventKind.Deleted)
        {
            bool known = Snapshot.ContainsKey(key);
            _seen.Remove(key);
            if (!known)
                return null;
            Publish(Snapshot.Remove(key));
            return new Change<T>(key, old, default);
        }

        Listing next = Begin();
        Take(change.Object, next);
        foreach ((ObjectKey seenKey, Seen seen) in next.Seen)
            _seen[seenKey] = seen;
        Publish(next.Objects.ToImmutable());
        return next.Changes.Count > 0 ? next.Changes[0] : null;
    }

    /// <summary>Begins a list; pages go to <see cref="Take"/>, so that no page's JSON outlives it.</summary>
    public Listing Begin() => new(Snapshot.ToBuilder());

    /// <summary>Takes one object of a list.</summary>
    public void Take(KubeObject item, Listing into)
    {
        ObjectKey key = item.Key;
        into.Keys.Add(key);
        Seen? before = _seen.TryGetValue(key, out Seen seen) ? seen : null;
        if (before is { } known && known.Version == item.Meta.ResourceVersion && known.Uid == item.Meta.Uid)
            return;
        // The value is of the caller's list, which may be given up halfway: what a relist finds must be found again by the next.
        bool had = into.Objects.TryGetValue(key, out T? old);
        Seen now = new(item.Meta.Uid, item.Meta.ResourceVersion);
        into.Seen[key] = now;
        try
        {
            T value = convert(item);
            into.Objects[key] = value;
            into.Changes.Add(new Change<T>(key, had ? old : default, value));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The last good value of this object stays; of an object that was replaced by another of its name there is none.
            bool keep = had && before?.Uid == item.Meta.Uid;
            logger.NotUnderstood(kind, key, item.Meta.ResourceVersion, keep ? "the last good one is kept" : "it is left out", Reason(e));
            if (had && !keep)
            {
                into.Objects.Remove(key);
                into.Changes.Add(new Change<T>(key, old, default));
            }
        }
    }

    /// <summary>The list is complete: what it did not bring is gone. Returns every change.</summary>
    public IReadOnlyList<Change<T>> Commit(Listing listing)
    {
        foreach ((ObjectKey key, Seen seen) in listing.Seen)
            _seen[key] = seen;
        foreach (ObjectKey key in _seen.Keys.Where(k => !listing.Keys.Contains(k)).ToList())
        {
            _seen.Remove(key);
            if (listing.Objects.TryGetValue(key, out T? old))
            {
                listing.Objects.Remove(key);
                listing.Changes.Add(new Change<T>(key, old, default));
            }
        }

        Publish(listing.Objects.ToImmutable());
        return listing.Changes;
    }

    // A parser's message may quote the object, and the object may be a Secret.
    private static string Reason(Exception e) =>
        e is JsonException json ? $"{json.Path ?? "its JSON"} does not have the form expected" : $"{e.GetType().Name}: {e.Message}";

    private void Publish(ImmutableDictionary<ObjectKey, T> next) => Volatile.Write(ref _snapshot, next);

    internal readonly record struct Seen(string Uid, string Version);

    /// <summary>A list on its way.</summary>
    internal sealed class Listing(ImmutableDictionary<ObjectKey, T>.Builder objects)
    {
        public ImmutableDictionary<ObjectKey, T>.Builder Objects => objects;

        public HashSet<ObjectKey> Keys { get; } = [];

        public Dictionary<ObjectKey, Seen> Seen { get; } = [];

        public List<Change<T>> Changes { get; } = [];
    }
}
