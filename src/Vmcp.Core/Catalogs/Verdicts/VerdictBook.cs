using System.Collections.Immutable;
using Vmcp.Core.Capabilities;

namespace Vmcp.Core.Catalogs.Verdicts;

/// <summary>Written by a merge that is asked to explain itself: one verdict for each item that a backend listed.</summary>
internal sealed class VerdictBook
{
    private readonly List<ItemVerdict> _verdicts = [];

    /// <summary>A claim that got a name; visible unless it is hidden or its backend is away.</summary>
    public void Named(CapabilityKind kind, NamedClaim named) =>
        _verdicts.Add(Of(kind, named.Claim) with { ExposedName = named.ExposedName, RenamedBy = Renamed(named) });

    /// <summary>A claim that lost its name, or must not be shown.</summary>
    public void Lost(CapabilityKind kind, Claim claim, Obstacle obstacle)
    {
        ItemVerdict verdict = Of(kind, claim);
        _verdicts.Add(verdict with { Obstacles = Sorted([.. verdict.Obstacles, obstacle]) });
    }

    /// <summary>The verdicts by backend, kind and original name.</summary>
    public ImmutableArray<ItemVerdict> ToSorted() =>
    [
        .. _verdicts
            .OrderBy(v => v.Backend, StringComparer.Ordinal)
            .ThenBy(v => v.Kind)
            .ThenBy(v => v.OriginalName, StringComparer.Ordinal)
            .ThenBy(v => v.Outcome),
    ];

    private static ItemVerdict Of(CapabilityKind kind, Claim claim)
    {
        List<Obstacle> obstacles = [];
        if (claim.Away)
            obstacles.Add(new Obstacle(Outcome.BackendAway, VerdictSentences.Away(claim.Backend)));
        if (claim.Hidden != HiddenBy.Nothing)
        {
            obstacles.Add(new Obstacle(
                claim.Hidden == HiddenBy.Filter ? Outcome.FilteredOut : Outcome.Excluded,
                VerdictSentences.Hidden(claim.Hidden, claim.Backend, claim.Item.Key, claim.Override is { Name.Length: > 0 } change ? change.Name : claim.Item.Key)));
        }

        return new ItemVerdict { Kind = kind, Backend = claim.Backend, OriginalName = claim.Item.Key, Obstacles = Sorted(obstacles) };
    }

    private static ImmutableArray<Obstacle> Sorted(IEnumerable<Obstacle> obstacles) => [.. obstacles.OrderBy(o => o.Outcome)];

    private static Renaming Renamed(NamedClaim named)
    {
        Claim claim = named.Claim;
        Renaming renaming = Renaming.None;
        if (claim.Override is { Name.Length: > 0 } change && change.Name != claim.Item.Key)
            renaming |= Renaming.Override;
        if (claim.Prefix.Length > 0)
            renaming |= Renaming.Prefix;
        if (named.ExposedName != claim.Wanted)
            renaming |= Renaming.Shortened;
        return renaming;
    }
}
