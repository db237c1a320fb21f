using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs.Verdicts;

namespace Vmcp.Core.Catalogs;

/// <summary>What the merge needs to know of one backend.</summary>
/// <param name="Backend">The backend's name.</param>
/// <param name="Capabilities">What it offers.</param>
/// <param name="Listed">Whether its health lets its items be listed; otherwise their routes are marked away.</param>
public sealed record MergeInput(string Backend, BackendCapabilities Capabilities, bool Listed);

/// <summary>Merges what the backends offer into one catalog. Pure: equal input gives equal bytes.</summary>
/// <remarks>
/// Names are decided first and visibility afterwards, so hiding a tool never renames or reroutes another one. Whether a name
/// is contested does not depend on health either: a backend that goes away takes no part of another backend's name with it.
/// </remarks>
public static class CatalogMerge
{
    private const string FirstWins =
        "More than one item came out with this name. The first by backend name, then by own name, keeps it; backends out of service come last.";

    private const string FirstRankWins =
        "More than one prompt came out with this name. The first in priorityOrder, then by backend name, keeps it; "
        + "backends out of service come last.";

    private const string FirstUriWins =
        "More than one backend offers this. The first by backend name serves it; backends out of service come last.";

    /// <summary>Builds the catalog with the given version. The order of <paramref name="inputs"/> does not matter.</summary>
    /// <exception cref="ArgumentException">Two inputs have the same backend name.</exception>
    public static Catalog Merge(long version, IReadOnlyCollection<MergeInput> inputs, AggregationPolicy policy) =>
        Merge(version, inputs, policy, new ConflictLog());

    /// <summary>
    /// What becomes of each item when these inputs are merged, sorted by backend, kind and original name. The same merge runs once more and
    /// takes notes; the one that publishes takes none.
    /// </summary>
    /// <exception cref="ArgumentException">Two inputs have the same backend name.</exception>
    public static ImmutableArray<ItemVerdict> Explain(IReadOnlyCollection<MergeInput> inputs, AggregationPolicy policy)
    {
        VerdictBook verdicts = new();
        Merge(0, inputs, policy, new ConflictLog(verdicts));
        return verdicts.ToSorted();
    }

    private static Catalog Merge(long version, IReadOnlyCollection<MergeInput> inputs, AggregationPolicy policy, ConflictLog log)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(policy);
        ImmutableArray<MergeInput> sorted = [.. inputs.OrderBy(i => i.Backend, StringComparer.Ordinal)];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Backend == sorted[i - 1].Backend)
                throw new ArgumentException($"Two inputs are named \"{sorted[i].Backend}\".", nameof(inputs));
        }

        Catalog catalog = new() { Version = version };
        catalog = AddTools(catalog, sorted, policy, log);
        catalog = AddPrompts(catalog, sorted, policy, log);
        catalog = AddResources(catalog, sorted, log);
        catalog = AddTemplates(catalog, sorted, log);
        return catalog with { Conflicts = log.ToSorted() };
    }

    private static Catalog AddTools(Catalog catalog, ImmutableArray<MergeInput> inputs, AggregationPolicy policy, ConflictLog log)
    {
        List<Claim> claims = [];
        foreach (MergeInput input in inputs)
        {
            ToolShaper shaper = new(input.Backend, policy);
            foreach (CapabilityItem item in Distinct(CapabilityKind.Tools, input, input.Capabilities.Tools, log))
            {
                if (shaper.Shape(item, away: !input.Listed, log) is { } claim)
                    claims.Add(claim);
            }
        }

        List<CatalogEntry> entries = [];
        Dictionary<string, ToolRoute> routes = new(StringComparer.Ordinal);
        IEnumerable<Claim> named = ToolNaming.Apply(claims, policy, log);
        foreach (NamedClaim tool in NameAssignment.Assign(CapabilityKind.Tools, named, FirstWins, log))
        {
            Claim claim = tool.Claim;
            bool away = claim.Away;
            if (claim.Visible && !away)
            {
                if (!TryRewrite(CapabilityKind.Tools, tool, log, out ReadOnlyMemory<byte> json))
                    continue;
                entries.Add(new CatalogEntry(tool.ExposedName, json));
            }

            log.Named(CapabilityKind.Tools, tool);
            routes.Add(tool.ExposedName, new ToolRoute(tool.ExposedName, claim.Backend, claim.Item.Key, claim.Visible, claim.Headers)
            {
                Away = away,
            });
        }

        return catalog with { Tools = List(entries), ToolRoutes = routes.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    private static Catalog AddPrompts(Catalog catalog, ImmutableArray<MergeInput> inputs, AggregationPolicy policy, ConflictLog log)
    {
        List<Claim> claims = [];
        foreach (MergeInput input in inputs)
        {
            // vmcp-runtime 5.5: always prefixed, except that ranked backends keep bare names under priority.
            int rank = policy.Strategy == ConflictStrategy.Priority ? policy.RankOf(input.Backend) : AggregationPolicy.Unranked;
            string prefix = rank == AggregationPolicy.Unranked ? policy.PrefixOf(input.Backend) : "";
            foreach (CapabilityItem item in Distinct(CapabilityKind.Prompts, input, input.Capabilities.Prompts, log))
                claims.Add(new Claim(input.Backend, item, !input.Listed, prefix + item.Key) { Rank = rank, Prefix = prefix });
        }

        List<CatalogEntry> entries = [];
        Dictionary<string, Route> routes = new(StringComparer.Ordinal);
        string reason = policy.Strategy == ConflictStrategy.Priority ? FirstRankWins : FirstWins;
        foreach (NamedClaim prompt in NameAssignment.Assign(CapabilityKind.Prompts, claims, reason, log))
        {
            Claim claim = prompt.Claim;
            if (!claim.Away)
            {
                if (!TryRewrite(CapabilityKind.Prompts, prompt, log, out ReadOnlyMemory<byte> json))
                    continue;
                entries.Add(new CatalogEntry(prompt.ExposedName, json));
            }

            log.Named(CapabilityKind.Prompts, prompt);
            routes.Add(prompt.ExposedName, new Route(prompt.ExposedName, claim.Backend, claim.Item.Key) { Away = claim.Away });
        }

        return catalog with { Prompts = List(entries), PromptRoutes = routes.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    private static Catalog AddResources(Catalog catalog, ImmutableArray<MergeInput> inputs, ConflictLog log)
    {
        List<CatalogEntry> entries = [];
        Dictionary<string, Route> routes = new(StringComparer.Ordinal);
        foreach ((MergeInput input, CapabilityItem item) in FirstByUri(CapabilityKind.Resources, inputs, c => c.Resources, log))
        {
            if (input.Listed)
                entries.Add(new CatalogEntry(item.Key, item.Json));
            routes.Add(item.Key, new Route(item.Key, input.Backend, item.Key) { Away = !input.Listed });
        }

        return catalog with { Resources = List(entries), ResourceRoutes = routes.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    private static Catalog AddTemplates(Catalog catalog, ImmutableArray<MergeInput> inputs, ConflictLog log)
    {
        List<CatalogEntry> entries = [];
        List<TemplateRoute> routes = [];
        foreach ((MergeInput input, CapabilityItem item) in FirstByUri(CapabilityKind.ResourceTemplates, inputs, c => c.ResourceTemplates, log))
        {
            if (input.Listed)
                entries.Add(new CatalogEntry(item.Key, item.Json));
            routes.Add(new TemplateRoute(UriTemplate.Parse(item.Key), input.Backend) { Away = !input.Listed });
        }

        return catalog with
        {
            ResourceTemplates = List(entries),
            TemplateRoutes = [.. routes.OrderBy(r => r.Away).ThenBy(r => r.OriginalName, StringComparer.Ordinal)],
        };
    }

    private static IEnumerable<(MergeInput Input, CapabilityItem Item)> FirstByUri(
        CapabilityKind kind,
        ImmutableArray<MergeInput> inputs,
        Func<BackendCapabilities, ImmutableArray<CapabilityItem>> items,
        ConflictLog log)
    {
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (MergeInput input in inputs.OrderBy(i => !i.Listed))
        {
            foreach (CapabilityItem item in Distinct(kind, input, items(input.Capabilities), log))
            {
                Claim claim = new(input.Backend, item, !input.Listed, item.Key);
                if (owners.TryAdd(item.Key, input.Backend))
                {
                    log.Named(kind, new NamedClaim(claim, item.Key));
                    yield return (input, item);
                }
                else
                {
                    log.Lost(kind, item.Key, owners[item.Key], claim, Outcome.LostConflict, FirstUriWins);
                }
            }
        }
    }

    /// <summary>One backend's items sorted by key, so that its own order cannot change a result; of doubles the first stays.</summary>
    private static List<CapabilityItem> Distinct(
        CapabilityKind kind, MergeInput input, ImmutableArray<CapabilityItem> items, ConflictLog log)
    {
        List<CapabilityItem> distinct = new(items.Length);
        foreach (CapabilityItem item in items.OrderBy(i => i.Key, StringComparer.Ordinal))
        {
            if (item.Key.Length == 0)
                log.Lost(kind, "", null, Unnamed(item), Outcome.InvalidName, "The backend lists an item without a name; it is left out.");
            else if (distinct.Count > 0 && distinct[^1].Key == item.Key)
                log.Lost(kind, item.Key, input.Backend, Unnamed(item), Outcome.ListedTwice, "The backend lists this name more than once; the first one stays.");
            else
                distinct.Add(item);
        }

        return distinct;

        Claim Unnamed(CapabilityItem item) => new(input.Backend, item, !input.Listed, item.Key);
    }

    private static bool TryRewrite(CapabilityKind kind, NamedClaim named, ConflictLog log, out ReadOnlyMemory<byte> json)
    {
        Claim claim = named.Claim;
        try
        {
            string? name = named.ExposedName == claim.Item.Key ? null : named.ExposedName;
            json = ItemSplicer.Rewrite(claim.Item.Json, name, claim.Override);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: escapes of lone surrogates
        {
            json = default;
            log.Lost(kind, named.ExposedName, null, claim, Outcome.InvalidDefinition, "The backend's item is no JSON object; it is left out.");
            return false;
        }
    }

    private static CatalogList List(List<CatalogEntry> entries) =>
        CatalogList.Create([.. entries.OrderBy(e => e.Key, StringComparer.Ordinal)]);
}
