using System.Collections.Immutable;
using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs;

/// <summary>Collects who lost which name and hands the reports out in one fixed order.</summary>
internal sealed class ConflictLog
{
    private readonly Dictionary<(CapabilityKind Kind, string Name, string? Winner, string Reason), SortedSet<string>> _losers = [];

    public void Add(CapabilityKind kind, string name, string? winner, string loser, string reason)
    {
        if (!_losers.TryGetValue((kind, name, winner, reason), out SortedSet<string>? losers))
            _losers.Add((kind, name, winner, reason), losers = new SortedSet<string>(StringComparer.Ordinal));
        losers.Add(loser);
    }

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
