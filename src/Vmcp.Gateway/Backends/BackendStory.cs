using System.Collections.Immutable;

using Microsoft.Extensions.Logging;

using Vmcp.Core.Backends;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Health;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Backends;

/// <summary>
/// Tells the log what happens to one running backend so that its lines read in order as a story: each turn once, with its reason. Whoever
/// ends the story has the last word; a worker that is still on its way out says nothing after it.
/// </summary>
/// <param name="backend">The backend.</param>
/// <param name="again">It ran before and was changed.</param>
/// <param name="logger">Where the lines go.</param>
internal sealed class BackendStory(Backend backend, bool again, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _kindsFailed = [];
    private DateTimeOffset? _failingSince;
    private bool _breakerOpen;
    private bool _ended;

    /// <summary>The breaker is open as the story begins: it stayed so over an edit.</summary>
    public bool BreakerOpen
    {
        init => _breakerOpen = value;
    }

    /// <summary>One check ended.</summary>
    /// <param name="before">What was known before.</param>
    /// <param name="after">What is known now.</param>
    /// <param name="failure">Why the backend gave no good answer, or null.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="policy">The settings it was judged by.</param>
    public void Checked(BackendWorker.State before, BackendWorker.State after, BackendFailure? failure, TimeSpan elapsed, HealthPolicy policy) => Tell(() =>
    {
        // What was taken over from before an edit counts once the backend answered as it is described now.
        bool waited = before.Capabilities is null || before.Taken != Taken.No;
        if (waited && after is { Capabilities: { } first, Taken: Taken.No })
            Joined(first);
        else if (after.WantsUser && !before.WantsUser)
            logger.BackendWantsUsers(backend.Name, backend.Strategy.Type, backend.AuthSource);
        else if (before.Capabilities is { } old && after.Capabilities is { } now && !SameItems(old, now))
            logger.BackendListsChanged(backend.Name, Count(now), Count(old));
        if (failure is not null)
            Failed(before, after, failure, policy);
        else
            Answered(before.Health, after.Health, joined: waited, elapsed);
    });

    /// <summary>Some kinds could not be listed while others could; they stay empty. Each is told once until it works again.</summary>
    public void KindsFailed(IReadOnlyCollection<(CapabilityKind Kind, string Reason)> failures) => Tell(() =>
    {
        _kindsFailed.IntersectWith(failures.Select(f => f.ToString()));
        foreach ((CapabilityKind kind, string reason) in failures)
        {
            if (_kindsFailed.Add((kind, reason).ToString()))
                logger.BackendKindFailed(backend.Name, reason, Core.Status.StatusWords.Word(kind));
        }
    });

    /// <summary>The breaker may have moved. Half-open is no turn of the story: each try of an open breaker passes through it.</summary>
    public void BreakerMoved(BreakerGate gate) => Tell(() =>
    {
        BreakerStatus status = gate.State.Status;
        if (status == BreakerStatus.HalfOpen || (status == BreakerStatus.Open) == _breakerOpen)
            return;
        _breakerOpen = status == BreakerStatus.Open;
        if (_breakerOpen)
            logger.BreakerOpened(backend.Name, gate.RetryAfter.TotalSeconds);
        else
            logger.BreakerClosed(backend.Name);
    });

    /// <summary>Nothing is told after this.</summary>
    public void End()
    {
        lock (_lock)
            _ended = true;
    }

    private void Tell(Action tell)
    {
        lock (_lock)
        {
            if (!_ended)
                tell();
        }
    }

    private void Joined(BackendCapabilities first)
    {
        if (again)
            logger.BackendRejoined(backend.Name, Count(first), first.Revision, backend.Strategy.Type, backend.AuthSource);
        else
            logger.BackendJoined(backend.Name, Count(first), first.Revision, backend.Strategy.Type, backend.AuthSource);
    }

    private void Failed(BackendWorker.State before, BackendWorker.State after, BackendFailure failure, HealthPolicy policy)
    {
        HealthStatus status = after.Health.Status;
        bool first = _failingSince is null;
        _failingSince ??= after.Health.LastCheck;
        if (before.Health.Status != status && !HealthMachine.IsListed(status))
            logger.BackendUnhealthy(backend.Name, Core.Status.StatusWords.Word(status), failure.Reason, after.Health.ConsecutiveFailures);
        else if (first)
            logger.BackendCheckFailed(backend.Name, failure.Reason, Consequence(after, policy));
    }

    private void Answered(HealthState before, HealthState after, bool joined, TimeSpan elapsed)
    {
        TimeSpan? away = after.LastCheck - _failingSince;
        _failingSince = null;
        if (after is { IsRecovering: true } && !joined)
            logger.BackendAnswersAgain(backend.Name, away?.TotalSeconds ?? 0);
        else if (before.Status != after.Status && after.Status == HealthStatus.Degraded && !after.IsRecovering)
            logger.BackendSlow(backend.Name, elapsed.TotalSeconds);
        else if (after.Status == HealthStatus.Healthy && !joined && (before.Status == HealthStatus.Degraded || away is not null))
            logger.BackendHealthyAgain(backend.Name);
    }

    // Without a counted failure it was an answer: 401 or 403 to a credential of ours, or 429. It is alive.
    private static string Consequence(BackendWorker.State after, HealthPolicy policy) => after switch
    {
        { Reached: false, Health.ConsecutiveFailures: 0 } => "it is alive, but lists nothing to us",
        { Reached: false } => "it was not reached yet",
        { Health.ConsecutiveFailures: 0 } => "it is alive and stays listed",
        _ => $"it stays listed until {policy.UnhealthyThreshold} checks in a row fail",
    };

    /// <summary>A backend that lists the same in another order each time has no news.</summary>
    private static bool SameItems(BackendCapabilities a, BackendCapabilities b) => a.SameLists(b)
        || Enum.GetValues<CapabilityKind>().All(k => SameItems(a.Items(k), b.Items(k)));

    private static bool SameItems(ImmutableArray<CapabilityItem> a, ImmutableArray<CapabilityItem> b) =>
        a.Length == b.Length && a.ToHashSet().SetEquals(b);

    private static string Count(BackendCapabilities lists) =>
        $"{lists.Tools.Length} tools, {lists.Resources.Length} resources, {lists.ResourceTemplates.Length} templates, {lists.Prompts.Length} prompts";
}
