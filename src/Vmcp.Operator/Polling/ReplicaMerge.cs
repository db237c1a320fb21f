using System.Collections.Immutable;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Polling;

/// <summary>One picture from what several replicas say: the worst wins for each backend (operator.md 5.5). Pure.</summary>
internal static class ReplicaMerge
{
    /// <summary>
    /// Merges the answers. A pod that did not answer is not among them: its silence says nothing of the backends while another pod speaks.
    /// </summary>
    public static ImmutableArray<ObservedBackend> Worst(IEnumerable<ImmutableArray<ObservedBackend>> answers)
    {
        SortedDictionary<string, ObservedBackend> merged = new(StringComparer.Ordinal);
        foreach (ObservedBackend backend in answers.SelectMany(a => a))
        {
            if (!merged.TryGetValue(backend.Name, out ObservedBackend? before))
                merged[backend.Name] = backend;
            else
                merged[backend.Name] = Worse(before, backend);
        }

        return [.. merged.Values];
    }

    /// <summary>The picture when no pod answers any more: the same backends, nothing known of them.</summary>
    public static ImmutableArray<ObservedBackend> Unknown(ImmutableArray<ObservedBackend> before) =>
        [.. before.Select(b => new ObservedBackend
        {
            Name = b.Name,
            Status = "unknown",
            Message = "No gateway pod answers when asked for its status.",
            AuthType = b.AuthType,
            McpRevision = b.McpRevision,
            LastHealthCheck = b.LastHealthCheck,
        })];

    /// <summary>Whether two pictures say the same; what merely ticks with each probe says nothing.</summary>
    public static bool Same(ImmutableArray<ObservedBackend> left, ImmutableArray<ObservedBackend> right) =>
        left.Length == right.Length && left.Zip(right).All(pair => pair.First.SameAs(pair.Second));

    // Of two equally bad ones the one with more failures tells more; the order of the replicas must not matter.
    private static ObservedBackend Worse(ObservedBackend left, ObservedBackend right)
    {
        int difference = Rank(left.Status) - Rank(right.Status);
        if (difference == 0)
            difference = left.ConsecutiveFailures - right.ConsecutiveFailures;
        if (difference == 0)
            difference = string.CompareOrdinal(left.Message ?? "", right.Message ?? "");
        ObservedBackend worse = difference >= 0 ? left : right;
        ObservedBackend other = ReferenceEquals(worse, left) ? right : left;
        return worse with
        {
            LastHealthCheck = Later(left.LastHealthCheck, right.LastHealthCheck),
            McpRevision = worse.McpRevision ?? other.McpRevision,
        };
    }

    private static int Rank(string status) => status switch
    {
        "ready" => 0,
        "unauthenticated" => 1,
        "unknown" => 2,
        "degraded" => 3,
        _ => 4,
    };

    private static DateTimeOffset? Later(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null || (right is not null && right > left) ? right : left;
}
