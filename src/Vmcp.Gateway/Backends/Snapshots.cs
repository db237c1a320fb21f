using System.Collections.Frozen;
using System.Collections.Immutable;

using Vmcp.Core.Catalogs;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Backends;

/// <summary>Makes the next snapshot out of what the backends say now. Pure.</summary>
internal static class Snapshots
{
    /// <summary>Most rounds only move a health counter; catalogs are merged anew when something they show changed.</summary>
    public static GatewaySnapshot Next(
        GatewaySnapshot before, GatewaySettings settings, FrozenDictionary<string, BackendView> views, FrozenSet<ClientCapabilities> profiles)
    {
        ImmutableArray<PerUserBackend> perUser = PerUserBackend.Of(views.Values, before.PerUser);
        bool varies = views.Values.Any(v => v.Variants is not null && !v.IsPerUser);
        bool same = ReferenceEquals(before.Settings, settings) && before.Backends.Count == views.Count
            && before.Variants.Count == (varies ? profiles.Count : 0)
            && views.Values.All(
                v => before.Backends.TryGetValue(v.Handle.Backend.Name, out BackendView? old)
                    && old.IsPerUser == v.IsPerUser
                    && (v.IsPerUser || (ReferenceEquals(old.Capabilities, v.Capabilities) && ReferenceEquals(old.Variants, v.Variants) && old.Listed == v.Listed)));
        if (same)
            return before with { Backends = views, PerUser = perUser };
        long version = before.Catalog.Version + 1;
        return new GatewaySnapshot(settings, Merge(version, views, settings, ClientCapabilities.All), views)
        {
            Departed = before.Departed.After(before, views),
            PerUser = perUser,
            Variants = varies
                ? profiles.ToFrozenDictionary(p => p, p => Merge(version, views, settings, p))
                : FrozenDictionary<ClientCapabilities, Catalog>.Empty,
        };
    }

    private static Catalog Merge(long version, FrozenDictionary<string, BackendView> views, GatewaySettings settings, ClientCapabilities client) =>
        CatalogMerge.Merge(version, MergeInputs(views, client), settings.Aggregation);

    /// <summary>What the merge sees of the backends, for one kind of client and no user in particular.</summary>
    public static MergeInput[] MergeInputs(FrozenDictionary<string, BackendView> views, ClientCapabilities client) =>
        [.. views.Values.Where(v => v.Capabilities is not null && !v.IsPerUser).Select(v => new MergeInput(v.Handle.Backend.Name, v.CapabilitiesFor(client)!, v.Listed))];

    /// <summary>What a client that saw the first catalog has to be told when it is shown the second.</summary>
    public static ListChanges Compare(Catalog a, Catalog b) =>
        (a.Tools.SameAs(b.Tools) ? ListChanges.None : ListChanges.Tools)
        | (a.Prompts.SameAs(b.Prompts) ? ListChanges.None : ListChanges.Prompts)
        | (a.Resources.SameAs(b.Resources) && a.ResourceTemplates.SameAs(b.ResourceTemplates) ? ListChanges.None : ListChanges.Resources);
}
