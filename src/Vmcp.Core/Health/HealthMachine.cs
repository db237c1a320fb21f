namespace Vmcp.Core.Health;

/// <summary>The settings of probing (<c>operational.failureHandling</c>).</summary>
public sealed record HealthPolicy
{
    /// <summary>Time between two probes of a backend that is known good.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time one probe may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Failures in a row that take a backend out of the lists; at least 1.</summary>
    public int UnhealthyThreshold { get; init; } = 3;

    /// <summary>An answer that takes longer makes the backend degraded.</summary>
    public TimeSpan SlowThreshold { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>What one probe found out.</summary>
/// <param name="Answer">How the backend answered.</param>
/// <param name="Failure">Why not, for <see cref="ProbeAnswer.Failed"/>; else none.</param>
/// <param name="Elapsed">How long the answer took.</param>
public readonly record struct ProbeOutcome(ProbeAnswer Answer, FailureCategory Failure, TimeSpan Elapsed)
{
    /// <summary>The backend answered as MCP asks, or with 429, which only a living server sends.</summary>
    public static ProbeOutcome Answered(TimeSpan elapsed) => new(ProbeAnswer.Answered, FailureCategory.None, elapsed);

    /// <summary>
    /// The backend answered 401 or 403. With a credential configured that is an answer: it is alive and wants a user's token.
    /// Without one it is a misconfiguration.
    /// </summary>
    public static ProbeOutcome Refused(bool hasCredential, TimeSpan elapsed) => hasCredential
        ? Answered(elapsed)
        : new(ProbeAnswer.Refused, FailureCategory.AuthenticationFailed, elapsed);

    /// <summary>The backend did not answer as MCP asks.</summary>
    public static ProbeOutcome Failed(FailureCategory why, TimeSpan elapsed) => new(ProbeAnswer.Failed, why, elapsed);
}

/// <summary>The three ways a probe ends.</summary>
public enum ProbeAnswer
{
    /// <summary>Alive.</summary>
    Answered,

    /// <summary>401 or 403, and we have no credential to offer.</summary>
    Refused,

    /// <summary>No answer, or none that is MCP.</summary>
    Failed,
}

/// <summary>What is known of one backend's health.</summary>
public sealed record HealthState
{
    /// <summary>Before the first probe.</summary>
    public static HealthState Initial { get; } = new();

    /// <summary>The status clients and operators see.</summary>
    public HealthStatus Status { get; init; } = HealthStatus.Unknown;

    /// <summary>Failures since the last success.</summary>
    public int ConsecutiveFailures { get; init; }

    /// <summary>When the last probe ended; null before the first one.</summary>
    public DateTimeOffset? LastCheck { get; init; }

    /// <summary>Why the last probe failed; none after a success.</summary>
    public FailureCategory LastFailure { get; init; }

    /// <summary>When <see cref="Status"/> last changed; null while it never has.</summary>
    public DateTimeOffset? LastTransition { get; init; }

    /// <summary>The last probe was the first success after failures: degraded for one round.</summary>
    public bool IsRecovering { get; init; }
}

/// <summary>How probes move a backend's health (vmcp-runtime 7.2). Pure.</summary>
public static class HealthMachine
{
    /// <summary>The state after a probe that ended at <paramref name="now"/>.</summary>
    public static HealthState Next(HealthState state, ProbeOutcome outcome, HealthPolicy policy, DateTimeOffset now)
    {
        HealthState next = outcome.Answer == ProbeAnswer.Answered
            ? AfterSuccess(state, outcome, policy)
            : AfterFailure(state, outcome, policy);
        return next with
        {
            LastCheck = now,
            LastTransition = next.Status == state.Status ? state.LastTransition : now,
        };
    }

    /// <summary>Whether the items of a backend with this status are listed (HLTH-05). Null: monitoring is off, everything is listed.</summary>
    public static bool IsListed(HealthStatus? status) => status is null or HealthStatus.Healthy or HealthStatus.Degraded;

    /// <summary>Whether a session may be opened to a backend with this status: unknown ones are tried (HLTH-05).</summary>
    public static bool IsDialled(HealthStatus? status) => status is not (HealthStatus.Unhealthy or HealthStatus.Unauthenticated);

    private static HealthState AfterSuccess(HealthState state, ProbeOutcome outcome, HealthPolicy policy)
    {
        bool recovering = state.ConsecutiveFailures > 0;
        bool slow = outcome.Elapsed > policy.SlowThreshold;
        return state with
        {
            Status = recovering || slow ? HealthStatus.Degraded : HealthStatus.Healthy,
            ConsecutiveFailures = 0,
            LastFailure = FailureCategory.None,
            IsRecovering = recovering,
        };
    }

    private static HealthState AfterFailure(HealthState state, ProbeOutcome outcome, HealthPolicy policy)
    {
        int failures = state.ConsecutiveFailures == int.MaxValue ? int.MaxValue : state.ConsecutiveFailures + 1;
        HealthStatus status = state.Status;
        if (failures >= policy.UnhealthyThreshold)
            status = outcome.Answer == ProbeAnswer.Refused ? HealthStatus.Unauthenticated : HealthStatus.Unhealthy;
        return state with
        {
            Status = status,
            ConsecutiveFailures = failures,
            LastFailure = outcome.Failure,
            IsRecovering = false,
        };
    }
}
