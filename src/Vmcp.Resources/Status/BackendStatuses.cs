using System.Collections.Immutable;
using Vmcp.Core.Backends;

namespace Vmcp.Resources.Status;

/// <summary>
/// The runtime's part of the status: what is known of the backends, joined with what was seen of them. The gateway says it of itself, the
/// operator for inline gateways (operator.md 5.5). Pure.
/// </summary>
public static class BackendStatuses
{
    /// <summary>Whether backends were found.</summary>
    public const string Discovered = "BackendsDiscovered";

    /// <summary>Whether they work.</summary>
    public const string Healthy = "BackendsHealthy";

    /// <summary>Backends listed at most: what a cluster stores of one object is bounded to about 1.5 MB. All of them are counted.</summary>
    public const int MaxListed = 1000;

    private const int MaxMessage = 1000;

    /// <summary>
    /// Joins what is known of the backends with what was seen of them. A backend that is left out is unavailable with the reason, whatever an
    /// older pod says of it; one that no longer belongs is gone.
    /// </summary>
    public static ImmutableArray<BackendStatus> Join(
        ImmutableArray<KnownBackend> known, ImmutableArray<UnservedBackend> leftOut, ImmutableArray<ObservedBackend> observed)
    {
        Dictionary<string, ObservedBackend> said = ByName(observed, o => o.Name);
        Dictionary<string, UnservedBackend> why = ByName(leftOut, l => l.Name);
        HashSet<string> names = [.. known.Select(k => k.Name)];
        IEnumerable<KnownBackend> all = known.Concat(leftOut.Where(l => !names.Contains(l.Name)).Select(l => new KnownBackend(l.Name, Served: false)));
        return [.. all.OrderBy(k => k.Name, StringComparer.Ordinal).Select(k => new BackendStatus(Observe(k, why, said))
        {
            Url = k.Url,
            AuthConfigRef = k.AuthConfigRef,
            AuthSource = k.AuthSource,
        })];
    }

    /// <summary>
    /// What health and phase are judged by: what the gateway spoke of, and what is left out. A backend no pod spoke of yet is one of a rollout
    /// that goes on, no sick one; before the gateway said anything at all nothing is known.
    /// </summary>
    public static BackendTally Tally(ImmutableArray<ObservedBackend> observed, ImmutableArray<UnservedBackend> leftOut, Func<string, bool> belongs)
    {
        HashSet<string> gone = [.. leftOut.Select(l => l.Name)];
        ObservedBackend[] said = [.. observed.Where(o => belongs(o.Name))];
        return said.Length == 0
            ? BackendTally.None
            : BackendTally.Of(
            [
                .. said.Where(o => !gone.Contains(o.Name)),
                .. gone.Select(name => new ObservedBackend { Name = name, Status = "unavailable" }),
            ]);
    }

    /// <summary>The whole part. A verdict on discovery that is there already stays.</summary>
    public static BackendStatusPlan Plan(ImmutableArray<BackendStatus> backends, BackendTally tally, PlannedCondition? discovered, string group)
    {
        string more = backends.Length > MaxListed ? $"; the first {MaxListed} are listed" : "";
        discovered ??= new PlannedCondition(
            Discovered, "True", Discovered, backends.IsEmpty ? $"MCPGroup {group} has no backends" : $"{backends.Length} backends in MCPGroup {group}{more}");
        PlannedCondition healthy = tally.Mix switch
        {
            BackendMix.All => new(Healthy, "True", "AllBackendsHealthy", tally.Message),
            BackendMix.None when backends.IsEmpty => new(Healthy, "True", "NoBackends", tally.Message),
            BackendMix.None => new(Healthy, "Unknown", "BackendsPending", "No ready pod has told of its backends yet"),
            BackendMix.Pending => new(Healthy, "Unknown", "BackendsPending", tally.Message),
            BackendMix.NoneRoutable => new(Healthy, "False", "NoRoutableBackends", tally.Message),
            _ => new(Healthy, "False", "SomeBackendsUnhealthy", tally.Message),
        };
        return new BackendStatusPlan
        {
            BackendCount = backends.Count(b => BackendTally.IsRoutable(b.Observed)),
            Backends = [.. backends.Take(MaxListed)],
            Conditions = [discovered, healthy],
        };
    }

    private static ObservedBackend Observe(
        KnownBackend known, Dictionary<string, UnservedBackend> leftOut, Dictionary<string, ObservedBackend> observed)
    {
        if (leftOut.TryGetValue(known.Name, out UnservedBackend? reason))
        {
            return new ObservedBackend
            {
                Name = known.Name,
                Status = "unavailable",
                Message = Cut($"{reason.Reason}: {reason.Message}"),
                AuthType = known.AuthType,
            };
        }

        return observed.TryGetValue(known.Name, out ObservedBackend? said)
            ? said with { AuthType = said.AuthType ?? known.AuthType }
            : new ObservedBackend { Name = known.Name, Status = "unknown", AuthType = known.AuthType };
    }

    private static string Cut(string text) =>
        text.Length <= MaxMessage ? text : text[..(char.IsHighSurrogate(text[MaxMessage - 2]) ? MaxMessage - 2 : MaxMessage - 1)] + "…";

    private static Dictionary<string, T> ByName<T>(ImmutableArray<T> items, Func<T, string> name) =>
        items.GroupBy(name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
}
