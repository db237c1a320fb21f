using System.Collections.Frozen;
using System.Collections.Immutable;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Health;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Backends;

/// <summary>One backend at one moment.</summary>
/// <param name="Handle">Its running side.</param>
/// <param name="Health">What probes say of it.</param>
/// <param name="Capabilities">What it last listed; null until it was reached.</param>
/// <param name="Listed">Whether its items are shown.</param>
public sealed record BackendView(BackendHandle Handle, HealthState Health, BackendCapabilities? Capabilities, bool Listed)
{
    /// <summary>How it spoke at this moment.</summary>
    internal BackendDialect Dialect { get; init; }

    /// <summary>Whether it is reached the same way as at another moment, and is in service if it was then.</summary>
    internal bool IsAs(BackendView other) => Handle == other.Handle && Listed == other.Listed && Dialect == other.Dialect;

    /// <summary>Whether it is called with each user's own credential; then <see cref="Capabilities"/> is what the gateway's own probe saw, and shown to nobody.</summary>
    internal bool IsPerUser => Handle.Backend.Strategy.IsPerUser;

    /// <summary>How often it told the gateway that its lists changed.</summary>
    internal long ListChanges { get; init; }

    /// <summary>What it lists to lesser clients; null when that is the same.</summary>
    internal FrozenDictionary<ClientCapabilities, BackendCapabilities>? Variants { get; init; }

    /// <summary>The breaker's position.</summary>
    internal BreakerStatus Breaker { get; init; }

    /// <summary>What it lists to a client.</summary>
    internal BackendCapabilities? CapabilitiesFor(ClientCapabilities client)
    {
        if (Variants is null || client == ClientCapabilities.All)
            return Capabilities;
        return Variants.TryGetValue(client, out BackendCapabilities? variant) ? variant : Variants[ClientCapabilities.None];
    }
}

/// <summary>Everything one request looks at, taken once.</summary>
/// <param name="Settings">The settings in force.</param>
/// <param name="Catalog">What is listed to a client that can do everything, and where names lead.</param>
/// <param name="Backends">All configured backends by name.</param>
public sealed record GatewaySnapshot(GatewaySettings Settings, Catalog Catalog, FrozenDictionary<string, BackendView> Backends)
{
    /// <summary>Before any backend is known.</summary>
    public static GatewaySnapshot Empty { get; } = new(new GatewaySettings(), Catalog.Empty, FrozenDictionary<string, BackendView>.Empty);

    /// <summary>What backends offered that have left.</summary>
    internal DepartedItems Departed { get; init; } = DepartedItems.None;

    /// <summary>What is listed to lesser clients, where that differs.</summary>
    internal FrozenDictionary<ClientCapabilities, Catalog> Variants { get; init; } = FrozenDictionary<ClientCapabilities, Catalog>.Empty;

    /// <summary>The backends that list to each user what is theirs; the same array as long as nothing of it changed.</summary>
    internal ImmutableArray<PerUserBackend> PerUser { get; init; } = [];

    /// <summary>What those backends list to the caller this snapshot was made for; null when it is for nobody in particular.</summary>
    internal OwnItems? Own { get; init; }

    /// <summary>What a backend offers to the caller this snapshot was made for; null when nothing is known.</summary>
    internal BackendCapabilities? CapabilitiesOf(BackendView view) => view.IsPerUser ? Own?.Of(view.Handle.Backend.Name) : view.Capabilities;

    /// <summary>Whether the backend is still reached this way.</summary>
    public bool Has(BackendHandle handle) => Backends.TryGetValue(handle.Backend.Name, out BackendView? view) && view.Handle == handle;

    /// <summary>
    /// The catalog of a client. For a kind of client that was not seen before it is the one that every client can use, until
    /// the backends were asked.
    /// </summary>
    public Catalog CatalogFor(ClientCapabilities client)
    {
        if (Variants.Count == 0 || client == ClientCapabilities.All)
            return Catalog;
        return Variants.TryGetValue(client, out Catalog? catalog) ? catalog : Variants[ClientCapabilities.None];
    }
}

/// <summary>Kinds of lists, as flags: which of them changed.</summary>
[Flags]
public enum ListChanges
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>notifications/tools/list_changed</c>.</summary>
    Tools = 1,

    /// <summary><c>notifications/resources/list_changed</c>: resources or templates.</summary>
    Resources = 2,

    /// <summary><c>notifications/prompts/list_changed</c>.</summary>
    Prompts = 4,
}
