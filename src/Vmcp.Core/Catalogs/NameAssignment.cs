using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs.Verdicts;

namespace Vmcp.Core.Catalogs;

/// <summary>Gives each wanted name to one claim and shortens what is too long.</summary>
internal static class NameAssignment
{
    /// <summary>
    /// Claims get their names in one fixed order: backends in service first, names by right before fallbacks, then by rank, backend and
    /// own name. A name already given makes the claim a loser; it is reported and has no route.
    /// </summary>
    public static IEnumerable<NamedClaim> Assign(CapabilityKind kind, IEnumerable<Claim> claims, string reason, ConflictLog log)
    {
        Dictionary<string, Claim> winners = new(StringComparer.Ordinal);
        List<(Claim Winner, Claim Loser)> lost = [];
        foreach (Claim claim in InOrder(claims))
        {
            if (!winners.TryAdd(claim.Wanted, claim))
                lost.Add((winners[claim.Wanted], claim));
        }

        Dictionary<string, string> exposed = Expose(kind, winners.Values, log);
        foreach ((Claim winner, Claim loser) in lost)
            log.Lost(kind, exposed.GetValueOrDefault(winner.Wanted, winner.Wanted), winner.Backend, loser, Outcome.LostConflict, reason);
        return winners.Values
            .Where(c => exposed.ContainsKey(c.Wanted))
            .Select(c => new NamedClaim(c, exposed[c.Wanted]));
    }

    public static IOrderedEnumerable<Claim> InOrder(IEnumerable<Claim> claims) => claims
        .OrderBy(c => c.Away)
        .ThenBy(c => c.IsFallback)
        .ThenBy(c => c.Rank)
        .ThenBy(c => c.Backend, StringComparer.Ordinal)
        .ThenBy(c => c.Item.Key, StringComparer.Ordinal);

    /// <summary>Exposed name by wanted name. Names that fit keep themselves; a short form never takes a name that is in use.</summary>
    private static Dictionary<string, string> Expose(CapabilityKind kind, Dictionary<string, Claim>.ValueCollection claims, ConflictLog log)
    {
        Dictionary<string, string> exposed = new(claims.Count, StringComparer.Ordinal);
        HashSet<string> taken = new(StringComparer.Ordinal);
        List<Claim> tooLong = [];
        foreach (Claim claim in claims)
        {
            if (claim.Wanted.Length > ShortName.MaxLength)
            {
                tooLong.Add(claim);
                continue;
            }

            exposed.Add(claim.Wanted, claim.Wanted);
            taken.Add(claim.Wanted);
        }

        foreach (Claim claim in tooLong)
        {
            if (ShortName.Candidates(claim.Wanted).FirstOrDefault(taken.Add) is { } name)
                exposed.Add(claim.Wanted, name);
            else
                log.Lost(kind, claim.Wanted, null, claim, Outcome.InvalidName, "The name is too long and all of its short forms are taken; it is left out.");
        }

        return exposed;
    }
}
