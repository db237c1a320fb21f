using System.Collections.Immutable;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;

namespace Vmcp.Gateway.Dashboard;

/// <summary>Tells in words what happened to backends between two snapshots. Pure.</summary>
internal static class ChangeFinder
{
    private const int MaxNames = 3;

    /// <summary>The changes, sorted by backend.</summary>
    public static List<BackendChange> Between(
        IReadOnlyDictionary<string, BackendView> before,
        IReadOnlyDictionary<string, BackendView> after,
        Func<string, string> whyLeft,
        DateTimeOffset now)
    {
        List<BackendChange> changes = [];
        foreach ((string name, BackendView view) in after)
        {
            BackendView? known = before.GetValueOrDefault(name);
            if (known is not null && IsSame(known, view))
                continue;
            foreach ((BackendChangeKind kind, string reason) in Between(known, view))
                changes.Add(new BackendChange(now, name, kind, reason));
        }

        foreach (string name in before.Keys.Where(n => !after.ContainsKey(n)))
            changes.Add(new BackendChange(now, name, BackendChangeKind.Left, whyLeft(name)));
        changes.Sort(static (a, b) => (a.Backend, a.Kind).CompareTo((b.Backend, b.Kind)));
        return changes;
    }

    /// <summary>Most backends of most publications: another one had news.</summary>
    private static bool IsSame(BackendView a, BackendView b) =>
        a.Handle == b.Handle && ReferenceEquals(a.Health, b.Health) && ReferenceEquals(a.Capabilities, b.Capabilities) && a.Breaker == b.Breaker;

    private static IEnumerable<(BackendChangeKind Kind, string Reason)> Between(BackendView? before, BackendView after)
    {
        if (before is not null && before.Handle != after.Handle && BackendDifference.Words(before.Handle.Backend, after.Handle.Backend) is { Length: > 0 } edits)
            yield return (BackendChangeKind.Changed, edits);
        if (IsOpen(before) != IsOpen(after))
        {
            yield return IsOpen(after)
                ? (BackendChangeKind.Degraded, "circuit breaker open: calls are refused at once")
                : (BackendChangeKind.Recovered, "circuit breaker closed");
        }

        if (before?.Capabilities is null && after.Capabilities is { } joined)
        {
            yield return (BackendChangeKind.Joined, $"{Count(joined.Tools.Length, "tool")}, MCP {joined.Revision}");
            yield break;
        }

        if (before?.Listed != true && after is { IsPerUser: true, Listed: true, Capabilities: null } && before?.Health.Status is null or HealthStatus.Unknown)
        {
            yield return (BackendChangeKind.Joined, "lists to each user what is theirs");
            yield break;
        }

        if (before?.Capabilities is { } had && after.Capabilities is { } has && !ReferenceEquals(had, has) && ListEdits(had, has) is { Length: > 0 } lists)
            yield return (BackendChangeKind.Changed, lists);
        HealthStatus status = after.Health.Status;
        if (status == (before?.Health.Status ?? HealthStatus.Unknown) || status == HealthStatus.Unknown)
            yield break;
        if (status == HealthStatus.Healthy)
            yield return (BackendChangeKind.Recovered, "healthy");
        else if (status == HealthStatus.Degraded && after.Health.IsRecovering)
            yield return (BackendChangeKind.Recovered, "answers again; healthy after one more good check");
        else
            yield return (BackendChangeKind.Degraded, Trouble(after));
    }

    private static string Trouble(BackendView view)
    {
        if (view.Health.Status == HealthStatus.Degraded)
            return "answers slowly; still served";
        string checks = view.Health.ConsecutiveFailures == 1 ? "a failed check" : $"{view.Health.ConsecutiveFailures} failed checks in a row";
        string lists = view.Capabilities is { } known ? $"its {Count(known.Tools.Length, "tool")} left the lists" : view.IsPerUser ? "its tools left the lists of its users" : "never reached";
        return $"{view.Health.Status.Word()} after {checks} ({view.Health.LastFailure.Word()}); {lists}";
    }

    /// <summary>Half-open is no turn: each try of an open breaker passes through it.</summary>
    private static bool IsOpen(BackendView? view) => view is { Breaker: not BreakerStatus.Closed };

    private static string ListEdits(BackendCapabilities before, BackendCapabilities after)
    {
        List<string> edits = [];
        foreach (CapabilityKind kind in Enum.GetValues<CapabilityKind>())
        {
            ImmutableArray<CapabilityItem> old = before.Items(kind), now = after.Items(kind);
            if (old.AsSpan().SequenceEqual(now.AsSpan()))
                continue;
            string[] added = Missing(now, old), removed = Missing(old, now);
            if (added.Length > 0)
                edits.Add($"{kind.Word()} added: {Names(kind, added)}");
            if (removed.Length > 0)
                edits.Add($"{kind.Word()} removed: {Names(kind, removed)}");
            if (added.Length + removed.Length == 0)
                edits.Add($"{kind.Word()} described differently");
        }

        return StatusText.Sanitise(string.Join("; ", edits));
    }

    private static string[] Missing(ImmutableArray<CapabilityItem> from, ImmutableArray<CapabilityItem> other)
    {
        HashSet<string> known = new(other.Select(i => i.Key), StringComparer.Ordinal);
        return [.. from.Select(i => i.Key).Where(k => !known.Contains(k)).Distinct().Order(StringComparer.Ordinal)];
    }

    // URIs may hold hosts and credentials; tool and prompt names are names.
    private static string Names(CapabilityKind kind, string[] names) => kind is CapabilityKind.Resources or CapabilityKind.ResourceTemplates
        ? $"{names.Length}"
        : string.Join(", ", names.Take(MaxNames).Select(n => n.Length > 64 ? n[..63] + "…" : n)) + (names.Length > MaxNames ? $" and {names.Length - MaxNames} more" : "");

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
