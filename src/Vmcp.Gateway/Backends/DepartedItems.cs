using System.Collections.Frozen;
using System.Collections.Immutable;

using Vmcp.Core.Catalogs;

namespace Vmcp.Gateway.Backends;

/// <summary>
/// What backends offered that have left since: a client that still has the old list is told why a name leads nowhere. Bounded; the backend
/// that left longest ago is forgotten first.
/// </summary>
internal sealed class DepartedItems
{
    /// <summary>Backends remembered.</summary>
    internal const int MaxBackends = 256;

    /// <summary>Names remembered of all of them.</summary>
    internal const int MaxNames = 20_000;

    private readonly ImmutableArray<Left> _backends;

    private DepartedItems(ImmutableArray<Left> backends) => _backends = backends;

    /// <summary>Nobody has left.</summary>
    public static DepartedItems None { get; } = new([]);

    /// <summary>The backend that last offered a tool under this name.</summary>
    public string? OwnerOfTool(string name) => Find(l => l.Tools.Contains(name));

    /// <summary>The backend that last offered a prompt under this name.</summary>
    public string? OwnerOfPrompt(string name) => Find(l => l.Prompts.Contains(name));

    /// <summary>The backend that last offered a resource.</summary>
    public string? OwnerOfResource(string uri) => Find(l => l.Resources.Contains(uri));

    /// <summary>After one more publication: who was there before and is no longer leaves its names, who is back takes them along.</summary>
    public DepartedItems After(GatewaySnapshot before, IReadOnlyDictionary<string, BackendView> now)
    {
        List<string> gone = [.. before.Backends.Keys.Where(n => !now.ContainsKey(n)).Order(StringComparer.Ordinal)];
        if (gone.Count == 0 && !_backends.Any(b => now.ContainsKey(b.Backend)))
            return this;
        List<Left> kept = [.. gone.Select(n => Left.Of(n, before.Catalog)).Where(l => l.Count > 0), .. _backends.Where(b => !now.ContainsKey(b.Backend))];
        int names = 0;
        return new DepartedItems([.. kept.Take(MaxBackends).TakeWhile(l => (names += l.Count) <= MaxNames)]);
    }

    private string? Find(Predicate<Left> offers)
    {
        foreach (Left left in _backends)
        {
            if (offers(left))
                return left.Backend;
        }

        return null;
    }

    private sealed record Left(string Backend, FrozenSet<string> Tools, FrozenSet<string> Prompts, FrozenSet<string> Resources)
    {
        public int Count => Tools.Count + Prompts.Count + Resources.Count;

        public static Left Of(string backend, Catalog catalog) => new(
            backend,
            catalog.ToolRoutes.Where(r => r.Value.Backend == backend && r.Value.Visible).Select(r => r.Key).ToFrozenSet(),
            catalog.PromptRoutes.Where(r => r.Value.Backend == backend).Select(r => r.Key).ToFrozenSet(),
            catalog.ResourceRoutes.Where(r => r.Value.Backend == backend).Select(r => r.Key).ToFrozenSet());
    }
}
