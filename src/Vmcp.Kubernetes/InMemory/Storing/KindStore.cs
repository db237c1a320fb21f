using System.Collections.Immutable;
using Vmcp.Kubernetes.InMemory.Rules;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Storing;

/// <summary>The objects of one kind, their history, and the lists that are being paged through.</summary>
internal sealed class KindStore(ResourceType type, KindRules rules, int historySize)
{
    private const int PinnedLists = 64;
    private readonly Dictionary<long, ImmutableSortedDictionary<ObjectKey, Stored>> _pinned = [];
    private readonly Queue<long> _pinnedInOrder = new();

    public ResourceType Type => type;

    public KindRules Rules { get; set; } = rules;

    public History History { get; } = new(historySize);

    /// <summary>By namespace, then name, as etcd has them.</summary>
    public ImmutableSortedDictionary<ObjectKey, Stored> Items { get; private set; } = ImmutableSortedDictionary<ObjectKey, Stored>.Empty;

    public Stored? Find(ObjectKey key) => Items.GetValueOrDefault(key);

    public void Put(Stored? before, Stored after)
    {
        Items = Items.SetItem(after.Object.Key, after);
        History.Add(new Change(after.Version, before, after));
    }

    public void Remove(Stored before, long version)
    {
        Items = Items.Remove(before.Object.Key);
        History.Add(new Change(version, before, null));
    }

    /// <summary>Keeps the objects of now for the next pages of a list.</summary>
    public void Pin(long version)
    {
        if (!_pinned.TryAdd(version, Items))
            return;
        _pinnedInOrder.Enqueue(version);
        while (_pinnedInOrder.Count > PinnedLists)
            _pinned.Remove(_pinnedInOrder.Dequeue());
    }

    /// <summary>The objects of then; null when they are forgotten.</summary>
    public ImmutableSortedDictionary<ObjectKey, Stored>? Pinned(long version) => _pinned.GetValueOrDefault(version);

    public void Forget()
    {
        _pinned.Clear();
        _pinnedInOrder.Clear();
        History.Forget();
    }
}
