using System.Collections.Immutable;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Identities;

/// <summary>What the per-user backends of one snapshot offer to one user as one kind of client, sorted by backend. Immutable.</summary>
/// <param name="Entries">The backends, and what each last said; null while it has said nothing.</param>
internal sealed record OwnItems(ImmutableArray<(PerUserBackend Backend, OwnLists? Said)> Entries)
{
    /// <summary>What a backend offers; null when nothing is known.</summary>
    public BackendCapabilities? Of(string backend)
    {
        foreach ((PerUserBackend entry, OwnLists? said) in Entries)
        {
            if (entry.Name == backend)
                return ItemsOf(entry, said);
        }

        return null;
    }

    /// <summary>What a backend last said; null while it has said nothing.</summary>
    public OwnLists? SaidBy(PerUserBackend backend)
    {
        foreach ((PerUserBackend entry, OwnLists? said) in Entries)
        {
            if (entry.Handle == backend.Handle)
                return said;
        }

        return null;
    }

    /// <summary>The snapshot as this user sees it: what is for everybody, and what is theirs.</summary>
    /// <param name="now">The snapshot for nobody in particular.</param>
    /// <param name="client">The kind of client.</param>
    /// <param name="shared">What users have in common.</param>
    public GatewaySnapshot Over(GatewaySnapshot now, ClientCapabilities client, SharedLists shared)
    {
        ImmutableArray<MergeInput>.Builder own = ImmutableArray.CreateBuilder<MergeInput>();
        foreach ((PerUserBackend backend, OwnLists? said) in Entries)
        {
            if (ItemsOf(backend, said) is { } items)
                own.Add(new MergeInput(backend.Name, items, backend.Listed || (backend.Untried && said!.Handle == backend.Handle)));
        }

        return Dress(now, own.Count == 0 ? now.CatalogFor(client) : shared.Merge(now, client, own.DrainToImmutable()));
    }

    /// <summary>The same over a later snapshot in which only health and the like moved.</summary>
    public GatewaySnapshot Dress(GatewaySnapshot now, Catalog catalog) => now with
    {
        Catalog = catalog,
        // The lists were asked for as this kind of client: there is nothing lesser to show.
        Variants = System.Collections.Frozen.FrozenDictionary<ClientCapabilities, Catalog>.Empty,
        Own = this,
    };

    private static BackendCapabilities? ItemsOf(PerUserBackend backend, OwnLists? said) => said?.IsFor(backend) == true ? said.Items : null;
}
