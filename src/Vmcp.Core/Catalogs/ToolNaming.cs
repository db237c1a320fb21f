using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs.Verdicts;

namespace Vmcp.Core.Catalogs;

/// <summary>The three conflict strategies for tools (vmcp-runtime 5.2 to 5.4): which name each tool wants, and which tools get none.</summary>
internal static class ToolNaming
{
    private const int MaxNamesShown = 10;

    public static IEnumerable<Claim> Apply(IReadOnlyCollection<Claim> claims, AggregationPolicy policy, ConflictLog log) =>
        policy.Strategy switch
        {
            ConflictStrategy.Prefix => claims.Select(c => Prefixed(c, policy)),
            ConflictStrategy.Priority => ByPriority(claims, policy, log),
            ConflictStrategy.Manual => ByHand(claims, log),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy.Strategy, null),
        };

    private static Claim Prefixed(Claim claim, AggregationPolicy policy)
    {
        string prefix = policy.PrefixOf(claim.Backend);
        return claim with { Wanted = prefix + claim.Wanted, Prefix = prefix };
    }

    private static List<Claim> ByPriority(IReadOnlyCollection<Claim> claims, AggregationPolicy policy, ConflictLog log)
    {
        List<Claim> named = new(claims.Count);
        foreach (IGrouping<string, Claim> group in claims.GroupBy(c => c.Wanted, StringComparer.Ordinal))
        {
            List<Claim> owners = [.. NameAssignment.InOrder(group.Select(c => c with { Rank = policy.RankOf(c.Backend) }))];
            if (owners.Count == 1)
            {
                named.Add(owners[0]);
                continue;
            }

            if (owners.All(c => c.Rank == AggregationPolicy.Unranked))
            {
                named.AddRange(owners.Select(c => Prefixed(c, policy) with { IsFallback = true }));
                continue;
            }

            List<Claim> kept = Contest(owners, policy);
            named.AddRange(kept);
            Claim winner = kept.First(c => !c.IsFallback);
            foreach (Claim loser in owners.Where(o => !kept.Exists(k => k.Backend == o.Backend && k.Item.Key == o.Item.Key)))
                log.Lost(CapabilityKind.Tools, group.Key, winner.Backend, loser, Outcome.LostConflict, PriorityReason(winner));
        }

        return named;
    }

    /// <summary>Who keeps a tool when at least one owner is ranked. The owners are sorted: in service first, then by rank.</summary>
    private static List<Claim> Contest(List<Claim> owners, AggregationPolicy policy)
    {
        if (owners[0].Rank != AggregationPolicy.Unranked)
            return [owners[0]];

        // Every ranked owner is out of service. One stand-in takes the bare name; several would be a new contest, so they get the prefix.
        List<Claim> inService = owners.FindAll(c => !c.Away);
        if (inService.Count == 1)
            return inService;
        Claim ranked = owners.First(c => c.Rank != AggregationPolicy.Unranked);
        return [ranked, .. inService.Select(c => Prefixed(c, policy) with { IsFallback = true })];
    }

    private static string PriorityReason(Claim winner) => winner.Rank == AggregationPolicy.Unranked
        ? "Every backend in priorityOrder that has this tool is out of service; the only other one stands in."
        : "Several backends have a tool of this name; the first in priorityOrder that is in service gets it.";

    private static List<Claim> ByHand(IReadOnlyCollection<Claim> claims, ConflictLog log)
    {
        List<Claim> resolved = new(claims.Count);
        foreach (IGrouping<string, Claim> group in claims.GroupBy(c => c.Item.Key, StringComparer.Ordinal))
        {
            if (!group.Skip(1).Any())
            {
                resolved.Add(group.First());
                continue;
            }

            string reason = $"The backends {Names(group)} have a tool of this name; "
                + "manual conflict resolution needs an override with a new name on each of them. It is left out where that is missing.";
            foreach (Claim claim in group)
            {
                if (claim.Override?.Name is not null)
                    resolved.Add(claim);
                else
                    log.Lost(CapabilityKind.Tools, group.Key, null, claim, Outcome.LostConflict, reason);
            }
        }

        List<Claim> named = new(resolved.Count);
        foreach (IGrouping<string, Claim> group in resolved.GroupBy(c => c.Wanted, StringComparer.Ordinal))
        {
            if (!group.Skip(1).Any())
            {
                named.Add(group.First());
                continue;
            }

            string reason = $"Tools of {Names(group)} have this name after their overrides; "
                + "manual conflict resolution leaves them out until the overrides differ.";
            foreach (Claim claim in group)
                log.Lost(CapabilityKind.Tools, group.Key, null, claim, Outcome.LostConflict, reason);
        }

        return named;
    }

    private static string Names(IEnumerable<Claim> claims)
    {
        string[] names = [.. claims.Select(c => c.Backend).Distinct().Order(StringComparer.Ordinal)];
        string shown = string.Join(", ", names.Take(MaxNamesShown));
        return names.Length > MaxNamesShown ? $"{shown} and {names.Length - MaxNamesShown} more" : shown;
    }
}
