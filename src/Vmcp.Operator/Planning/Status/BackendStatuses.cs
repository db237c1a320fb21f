using System.Collections.Immutable;
using Vmcp.Operator.Planning.Document;

namespace Vmcp.Operator.Planning.Status;

/// <summary>The runtime's part of the status, which the operator writes for inline gateways (operator.md 5.5).</summary>
internal static class BackendStatuses
{
    /// <summary>Whether backends were found.</summary>
    public const string Discovered = "BackendsDiscovered";

    /// <summary>Whether they work.</summary>
    public const string Healthy = "BackendsHealthy";

    /// <summary>
    /// Joins what the document says with what the pods said. A backend that is left out is unavailable with the reason, whatever an older
    /// pod says of it; one that no longer belongs is gone.
    /// </summary>
    public static ImmutableArray<BackendStatus> Join(
        ImmutableArray<DocumentBackend> known, ImmutableArray<LeftOutBackend> leftOut, ImmutableArray<ObservedBackend> observed)
    {
        Dictionary<string, ObservedBackend> said = ByName(observed, o => o.Name);
        Dictionary<string, LeftOutBackend> why = ByName(leftOut, l => l.Name);
        IEnumerable<DocumentBackend> all = known.Concat(
            leftOut.Where(l => !known.Any(k => k.Name == l.Name)).Select(l => new DocumentBackend(l.Name, Served: false)));
        return [.. all.OrderBy(k => k.Name, StringComparer.Ordinal).Select(k => new BackendStatus(Observe(k, why, said))
        {
            Url = k.Url,
            AuthConfigRef = k.AuthConfigRef,
            AuthSource = k.AuthSource,
        })];
    }

    /// <summary>The whole part. A verdict on discovery that is there already stays.</summary>
    public static BackendStatusPlan Plan(ImmutableArray<BackendStatus> backends, PlannedCondition? discovered, string group)
    {
        BackendTally tally = BackendTally.Of(backends.Select(b => b.Observed));
        discovered ??= backends.IsEmpty
            ? new PlannedCondition(Discovered, "True", Discovered, $"MCPGroup {group} has no backends")
            : new PlannedCondition(Discovered, "True", Discovered, $"{backends.Length} backends in MCPGroup {group}");
        (string status, string reason) = tally.Mix switch
        {
            BackendMix.All => ("True", "AllBackendsHealthy"),
            BackendMix.None => ("True", "NoBackends"),
            BackendMix.Pending => ("Unknown", "BackendsPending"),
            BackendMix.NoneRoutable => ("False", "NoRoutableBackends"),
            _ => ("False", "SomeBackendsUnhealthy"),
        };
        return new BackendStatusPlan
        {
            BackendCount = tally.Routable,
            Backends = backends,
            Conditions = [discovered, new PlannedCondition(Healthy, status, reason, tally.Message)],
        };
    }

    private static ObservedBackend Observe(
        DocumentBackend known, Dictionary<string, LeftOutBackend> leftOut, Dictionary<string, ObservedBackend> observed)
    {
        if (leftOut.TryGetValue(known.Name, out LeftOutBackend? reason))
        {
            return new ObservedBackend
            {
                Name = known.Name,
                Status = "unavailable",
                Message = $"{reason.Reason}: {reason.Message}",
                AuthType = known.AuthType,
            };
        }

        return observed.TryGetValue(known.Name, out ObservedBackend? said)
            ? said with { AuthType = said.AuthType ?? known.AuthType }
            : new ObservedBackend { Name = known.Name, Status = "unknown", AuthType = known.AuthType };
    }

    private static Dictionary<string, T> ByName<T>(ImmutableArray<T> items, Func<T, string> name) =>
        items.GroupBy(name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
}
