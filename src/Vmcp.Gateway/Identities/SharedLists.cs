using System.Collections.Immutable;
using System.Runtime.CompilerServices;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Identities;

/// <summary>
/// Most users see the same: lists with equal content are kept once, and so is the catalog that is merged from the same lists. What differs in
/// a single byte is not shared.
/// </summary>
/// <param name="maxCatalogs">Catalogs kept for the newest snapshot.</param>
internal sealed class SharedLists(int maxCatalogs)
{
    private readonly ConditionalWeakTable<BackendHandle, Dictionary<int, List<WeakReference<BackendCapabilities>>>> _lists = [];
    private readonly Dictionary<CatalogKey, Catalog> _catalogs = [];
    private readonly Lock _lock = new();
    private Catalog? _base;

    /// <summary>Lists of this backend with the same content that are in use, or else these.</summary>
    public BackendCapabilities Share(BackendHandle handle, BackendCapabilities lists)
    {
        int hash = HashOf(lists);
        lock (_lock)
        {
            Dictionary<int, List<WeakReference<BackendCapabilities>>> known = _lists.GetValue(handle, static _ => []);
            if (!known.TryGetValue(hash, out List<WeakReference<BackendCapabilities>>? candidates))
            {
                // Lists nobody uses any more leave with the next ones that are new.
                foreach ((int key, List<WeakReference<BackendCapabilities>> old) in known)
                {
                    if (old.RemoveAll(r => !r.TryGetTarget(out _)) > 0 && old.Count == 0)
                        known.Remove(key);
                }

                known[hash] = candidates = [];
            }

            foreach (WeakReference<BackendCapabilities> candidate in candidates)
            {
                if (candidate.TryGetTarget(out BackendCapabilities? same) && IsSame(same, lists))
                    return same;
            }

            candidates.Add(new WeakReference<BackendCapabilities>(lists));
            return lists;
        }
    }

    /// <summary>The catalog of what is for everybody and of these lists.</summary>
    /// <param name="now">The snapshot for nobody in particular.</param>
    /// <param name="client">The kind of client.</param>
    /// <param name="own">The lists, sorted by backend.</param>
    public Catalog Merge(GatewaySnapshot now, ClientCapabilities client, ImmutableArray<MergeInput> own)
    {
        CatalogKey key = new(client, own);
        lock (_lock)
        {
            if (!ReferenceEquals(_base, now.Catalog) || _catalogs.Count >= maxCatalogs)
                _catalogs.Clear();
            _base = now.Catalog;
            if (_catalogs.TryGetValue(key, out Catalog? known))
                return known;
        }

        // Not under the lock: a merge may take milliseconds, and two at once give the same.
        Catalog merged = CatalogMerge.Merge(now.Catalog.Version, [.. Snapshots.MergeInputs(now.Backends, client), .. own], now.Settings.Aggregation);
        lock (_lock)
        {
            if (ReferenceEquals(_base, now.Catalog))
                _catalogs[key] = merged;
        }

        return merged;
    }

    private static int HashOf(BackendCapabilities lists)
    {
        HashCode hash = default;
        hash.Add(lists.Revision);
        foreach (CapabilityKind kind in ListReader.Kinds)
        {
            hash.Add(kind);
            foreach (CapabilityItem item in lists.Items(kind))
                hash.Add(item);
        }

        return hash.ToHashCode();
    }

    private static bool IsSame(BackendCapabilities a, BackendCapabilities b) =>
        a.Revision == b.Revision && a.ServerCapabilities.Span.SequenceEqual(b.ServerCapabilities.Span) && a.SameLists(b);

    /// <summary>The very same lists of the very same backends, listed or not.</summary>
    private readonly record struct CatalogKey(ClientCapabilities Client, ImmutableArray<MergeInput> Own)
    {
        public bool Equals(CatalogKey other) => Client == other.Client && Own.Length == other.Own.Length
            && Own.Zip(other.Own).All(p => p.First.Backend == p.Second.Backend && p.First.Listed == p.Second.Listed
                && ReferenceEquals(p.First.Capabilities, p.Second.Capabilities));

        public override int GetHashCode() => Own.Aggregate(
            Client.GetHashCode(), static (hash, input) => HashCode.Combine(hash, input.Backend, input.Listed, RuntimeHelpers.GetHashCode(input.Capabilities)));
    }
}
