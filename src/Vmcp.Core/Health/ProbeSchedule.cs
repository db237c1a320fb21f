namespace Vmcp.Core.Health;

/// <summary>When a backend is probed next. Pure; the caller brings the dice.</summary>
public static class ProbeSchedule
{
    /// <summary>First wait of the quick cadence.</summary>
    public static readonly TimeSpan QuickStart = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The wait after the last probe. A backend known good is probed each interval. One that is not (unknown, out of service, recovering) is
    /// probed after 1 s, 2 s, 4 s … up to the interval, so a late starter is not hidden for a whole interval.
    /// </summary>
    /// <param name="state">The state after the last probe.</param>
    /// <param name="policy">The settings.</param>
    /// <param name="jitterUnit">A random number from 0 to 1: moves the wait by -10 % to +10 %, so that backends do not get probed in step.</param>
    public static TimeSpan NextDelay(HealthState state, HealthPolicy policy, double jitterUnit)
    {
        bool knownGood = HealthMachine.IsListed(state.Status) && !state.IsRecovering;
        TimeSpan wait = knownGood ? policy.Interval : Quick(state.ConsecutiveFailures, policy.Interval);
        return wait * (0.9 + (0.2 * Math.Clamp(jitterUnit, 0, 1)));
    }

    private static TimeSpan Quick(int failures, TimeSpan interval)
    {
        // 2^30 s is past every interval; the bound keeps the shift defined.
        int doublings = Math.Clamp(failures - 1, 0, 30);
        TimeSpan wait = QuickStart * (1L << doublings);
        return wait < interval ? wait : interval;
    }
}
