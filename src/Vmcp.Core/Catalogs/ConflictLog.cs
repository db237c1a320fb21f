using System.Collections.Immutable;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs.Verdicts;

namespace Vmcp.Core.Catalogs;

/// <summary>Collects who lost which name and hands the reports out in one fixed order.</summary>
/// <param name="verdicts">Takes a verdict on each item too, when somebody asked for them.</param>
internal sealed class ConflictLog(VerdictBook? verdicts = null)
{
    private readonly Dictionary<(CapabilityKind Kind, string Name, string? Winner, string Reason), SortedSet<string>> _losers = [];

    /// <summary>An item did not get the name, or gets none.</summary>
    public void Lost(CapabilityKind kind, string name, string? winner, Claim loser, Outcome outcome, string reason)
    {
        if (!_losers.TryGetValue((kind, name, winner, reason), out SortedSet<string>? losers))
            _losers.Add((kind, name, winner, reason), losers = new SortedSet<string>(StringComparer.Ordinal));
        losers.Add(loser.Backend);
        verdicts?.Lost(kind, loser, new Obstacle(outcome, reason, winner));
    }

    /// <summary>An item has its name in the catalog.</summary>
    public void Named(CapabilityKind kind, NamedClaim named) => verdicts?.Named(kind, named);

    public ImmutableArray<CatalogConflict> ToSorted() =>
    [
        .. _losers
            .OrderBy(e => e.Key.Kind)
            .ThenBy(e => e.Key.Name, StringComparer.Ordinal)
            .ThenBy(e => e.Key.Winner, StringComparer.Ordinal)
            .ThenBy(e => e.Key.Reason, StringComparer.Ordinal)
            .Select(e => new CatalogConflict(e.Key.Kind, e.Key.Name, e.Key.Winner, [.. e.Value], e.Key.Reason)),
    ];
}
