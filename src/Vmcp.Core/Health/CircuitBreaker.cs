namespace Vmcp.Core.Health;

/// <summary>The settings of the breaker (<c>operational.failureHandling.circuitBreaker</c>).</summary>
public sealed record BreakerPolicy
{
    /// <summary>False: always closed, nothing is counted.</summary>
    public bool Enabled { get; init; }

    /// <summary>Failures in a row that open the breaker; at least 1.</summary>
    public int FailureThreshold { get; init; } = 5;

    /// <summary>How long an open breaker refuses before it lets a probe through.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>The three positions of a breaker.</summary>
public enum BreakerStatus
{
    /// <summary>Everything passes.</summary>
    Closed,

    /// <summary>Nothing passes.</summary>
    Open,

    /// <summary>One probe passes at a time; its outcome decides.</summary>
    HalfOpen,
}

/// <summary>A breaker at one moment.</summary>
public sealed record BreakerState
{
    /// <summary>Closed, never changed.</summary>
    public static BreakerState Initial { get; } = new();

    /// <summary>The position.</summary>
    public BreakerStatus Status { get; init; }

    /// <summary>Failures in a row while closed.</summary>
    public int Failures { get; init; }

    /// <summary>When the position last changed; null while it never has.</summary>
    public DateTimeOffset? LastChanged { get; init; }

    /// <summary>Number of the probe that is out while half-open; 0 when none is.</summary>
    public long ProbeOut { get; init; }

    /// <summary>When that probe was let through.</summary>
    public DateTimeOffset ProbeSince { get; init; }

    /// <summary>Number of the last probe let through; outcomes of older ones count no more.</summary>
    public long LastProbe { get; init; }
}

/// <summary>The answer to "may this call go out?".</summary>
/// <param name="Allowed">Whether it may.</param>
/// <param name="Probe">The probe's number when the call decides a half-open breaker; 0 for a plain call.</param>
/// <param name="Next">The state afterwards.</param>
public readonly record struct BreakerEntry(bool Allowed, long Probe, BreakerState Next);

/// <summary>How calls and probes move a breaker (vmcp-runtime 7.3, but real calls count too). Pure.</summary>
public static class CircuitBreaker
{
    /// <summary>Whether <see cref="Enter"/> would let a call through.</summary>
    public static bool Allows(BreakerState state, BreakerPolicy policy, DateTimeOffset now) =>
        !policy.Enabled || state.Status == BreakerStatus.Closed || RetryAfter(state, policy, now) == TimeSpan.Zero;

    /// <summary>How long to wait until a call may get through again; zero when one may now.</summary>
    public static TimeSpan RetryAfter(BreakerState state, BreakerPolicy policy, DateTimeOffset now)
    {
        DateTimeOffset? since = state switch
        {
            _ when !policy.Enabled => null,
            { Status: BreakerStatus.Open } => state.LastChanged,

            // A probe that never came back must not keep the breaker half-open for ever.
            { Status: BreakerStatus.HalfOpen, ProbeOut: not 0 } => state.ProbeSince,
            _ => null,
        };
        if (since is null)
            return TimeSpan.Zero;
        TimeSpan left = since.Value + policy.OpenTimeout - now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Asks to send a call or probe. One that is allowed reports back by success, failure or <see cref="GiveBack"/>.</summary>
    public static BreakerEntry Enter(BreakerState state, BreakerPolicy policy, DateTimeOffset now)
    {
        if (!policy.Enabled || state.Status == BreakerStatus.Closed)
            return new BreakerEntry(true, 0, state);
        if (!Allows(state, policy, now))
            return new BreakerEntry(false, 0, state);
        BreakerState next = Change(state, BreakerStatus.HalfOpen, now) with
        {
            ProbeOut = state.LastProbe + 1,
            ProbeSince = now,
            LastProbe = state.LastProbe + 1,
        };
        return new BreakerEntry(true, next.ProbeOut, next);
    }

    /// <summary>The call entered as <paramref name="probe"/> succeeded.</summary>
    public static BreakerState OnSuccess(BreakerState state, BreakerPolicy policy, long probe, DateTimeOffset now)
    {
        if (!policy.Enabled)
            return state;
        if (state.Status == BreakerStatus.Closed)
            return state.Failures == 0 ? state : state with { Failures = 0 };
        return Decides(state, probe) ? Change(state, BreakerStatus.Closed, now) with { Failures = 0, ProbeOut = 0 } : state;
    }

    /// <summary>The call entered as <paramref name="probe"/> failed in a way that speaks against the backend.</summary>
    public static BreakerState OnFailure(BreakerState state, BreakerPolicy policy, long probe, DateTimeOffset now)
    {
        if (!policy.Enabled)
            return state;
        if (state.Status == BreakerStatus.Closed)
        {
            BreakerState counted = state with { Failures = state.Failures + 1 };
            return counted.Failures >= policy.FailureThreshold ? Change(counted, BreakerStatus.Open, now) : counted;
        }

        return Decides(state, probe) ? Change(state, BreakerStatus.Open, now) with { ProbeOut = 0 } : state;
    }

    /// <summary>The call entered as <paramref name="probe"/> ended without telling anything of the backend (the client left).</summary>
    public static BreakerState GiveBack(BreakerState state, long probe) =>
        Decides(state, probe) ? state with { ProbeOut = 0 } : state;

    // While not closed only the probe that is out decides: calls that left earlier are news of yesterday.
    private static bool Decides(BreakerState state, long probe) =>
        state.Status == BreakerStatus.HalfOpen && probe != 0 && state.ProbeOut == probe;

    private static BreakerState Change(BreakerState state, BreakerStatus status, DateTimeOffset now) =>
        state.Status == status ? state : state with { Status = status, LastChanged = now };
}
