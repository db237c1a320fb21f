using Vmcp.Core.Health;

namespace Vmcp.Core.Tests.Health;

public sealed class HealthMachineTests
{
    private static readonly DateTimeOffset Start = new(2026, 7, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(6);
    private static readonly ProbeOutcome Good = ProbeOutcome.Answered(Fast);
    private static readonly ProbeOutcome Bad = ProbeOutcome.Failed(FailureCategory.ConnectionFailed, Fast);
    private static readonly HealthPolicy Policy = new();

    [Fact]
    public void First_good_probe_makes_a_backend_healthy()
    {
        HealthState state = Play(Good);

        state.Status.ShouldBe(HealthStatus.Healthy);
        state.LastCheck.ShouldBe(Start);
        state.LastTransition.ShouldBe(Start);
        state.LastFailure.ShouldBe(FailureCategory.None);
    }

    [Fact]
    public void First_failure_below_the_threshold_says_unknown()
    {
        HealthState state = Play(Bad);

        state.Status.ShouldBe(HealthStatus.Unknown);
        state.ConsecutiveFailures.ShouldBe(1);
        state.LastTransition.ShouldBeNull();
        state.LastFailure.ShouldBe(FailureCategory.ConnectionFailed);
    }

    [Fact]
    public void First_failure_at_a_threshold_of_one_counts_at_once() =>
        HealthMachine.Next(HealthState.Initial, Bad, Policy with { UnhealthyThreshold = 1 }, Start).Status.ShouldBe(HealthStatus.Unhealthy);

    [Fact]
    [Trait("Scenario", "HLTH-03")]
    public void Failures_below_the_threshold_change_no_status_and_a_success_resets_them()
    {
        List<HealthState> seen = PlayAll(Good, Bad, Bad, Good, Bad, Bad);

        seen.ShouldAllBe(s => s.Status == HealthStatus.Healthy || s.Status == HealthStatus.Degraded);
        seen[2].ConsecutiveFailures.ShouldBe(2);
        seen[3].ConsecutiveFailures.ShouldBe(0);
        seen[5].ConsecutiveFailures.ShouldBe(2);
    }

    [Fact]
    public void Threshold_takes_a_good_backend_out_and_says_when()
    {
        HealthState state = Play(Good, Bad, Bad, Bad, Bad);

        state.Status.ShouldBe(HealthStatus.Unhealthy);
        state.ConsecutiveFailures.ShouldBe(4);
        state.LastTransition.ShouldBe(Start.AddMinutes(3));
        state.LastCheck.ShouldBe(Start.AddMinutes(4));
    }

    [Fact]
    [Trait("Scenario", "HLTH-07")]
    public void Recovery_shows_as_degraded_for_one_round()
    {
        List<HealthState> seen = PlayAll(Bad, Bad, Bad, Good, Good);

        seen[2].Status.ShouldBe(HealthStatus.Unhealthy);
        seen[3].Status.ShouldBe(HealthStatus.Degraded);
        seen[3].ConsecutiveFailures.ShouldBe(0);
        seen[3].IsRecovering.ShouldBeTrue();
        seen[3].LastFailure.ShouldBe(FailureCategory.None);
        seen[4].Status.ShouldBe(HealthStatus.Healthy);
        seen[4].IsRecovering.ShouldBeFalse();
    }

    [Fact]
    [Trait("Scenario", "HLTH-07")]
    public void Slow_answer_is_degraded_and_the_limit_is_a_setting()
    {
        Play(ProbeOutcome.Answered(Slow)).Status.ShouldBe(HealthStatus.Degraded);
        Play(Bad, Good, ProbeOutcome.Answered(Slow)).ShouldSatisfyAllConditions(
            s => s.Status.ShouldBe(HealthStatus.Degraded),
            s => s.IsRecovering.ShouldBeFalse());
        HealthMachine.Next(HealthState.Initial, ProbeOutcome.Answered(Slow), Policy with { SlowThreshold = TimeSpan.FromSeconds(7) }, Start)
            .Status.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    [Trait("Scenario", "HLTH-04")]
    public void Refusal_means_alive_with_a_credential_and_misconfigured_without()
    {
        ProbeOutcome with = ProbeOutcome.Refused(hasCredential: true, Fast), without = ProbeOutcome.Refused(hasCredential: false, Fast);

        Play(with).Status.ShouldBe(HealthStatus.Healthy);
        HealthState state = Play(without, without, without);
        state.Status.ShouldBe(HealthStatus.Unauthenticated);
        state.LastFailure.ShouldBe(FailureCategory.AuthenticationFailed);
        Play(without, without, without, Bad).Status.ShouldBe(HealthStatus.Unhealthy);
    }

    [Theory]
    [InlineData(null, true, true)]
    [InlineData(HealthStatus.Healthy, true, true)]
    [InlineData(HealthStatus.Degraded, true, true)]
    [InlineData(HealthStatus.Unknown, false, true)]
    [InlineData(HealthStatus.Unhealthy, false, false)]
    [InlineData(HealthStatus.Unauthenticated, false, false)]
    [Trait("Scenario", "HLTH-05")]
    public void Status_decides_who_is_listed_and_who_is_dialled(HealthStatus? status, bool listed, bool dialled)
    {
        HealthMachine.IsListed(status).ShouldBe(listed);
        HealthMachine.IsDialled(status).ShouldBe(dialled);
    }

    [Fact]
    public void Good_backend_is_probed_each_interval_with_ten_percent_of_jitter()
    {
        HealthState good = Play(Good);

        Seconds(good, 0.5).ShouldBe(30, 0.001);
        Seconds(good, 0).ShouldBe(27, 0.001);
        Seconds(good, 1).ShouldBe(33, 0.001);
        Seconds(Play(Good, Bad), 0.5).ShouldBe(30, 0.001);
        Seconds(Play(ProbeOutcome.Answered(Slow)), 0.5).ShouldBe(30, 0.001);
    }

    [Fact]
    public void Backend_that_is_not_known_good_is_probed_quickly_up_to_the_interval()
    {
        double[] waits = [.. PlayAll([.. Enumerable.Repeat(Bad, 8)]).Select(s => Seconds(s, 0.5))];

        waits.ShouldBe([1, 2, 4, 8, 16, 30, 30, 30], 0.001);
        Seconds(HealthState.Initial, 0.5).ShouldBe(1, 0.001);
        Seconds(Play(Bad, Bad, Bad, Good), 0.5).ShouldBe(1, 0.001);
        ProbeSchedule.NextDelay(new HealthState { ConsecutiveFailures = int.MaxValue }, Policy, 0.5).ShouldBe(Policy.Interval);
        ProbeSchedule.NextDelay(HealthState.Initial, Policy with { Interval = TimeSpan.FromMilliseconds(50) }, 0.5)
            .ShouldBe(TimeSpan.FromMilliseconds(50));
    }

    private static double Seconds(HealthState state, double jitter) => ProbeSchedule.NextDelay(state, Policy, jitter).TotalSeconds;

    private static HealthState Play(params ProbeOutcome[] outcomes) => PlayAll(outcomes)[^1];

    private static List<HealthState> PlayAll(params ProbeOutcome[] outcomes)
    {
        List<HealthState> seen = [];
        foreach (ProbeOutcome outcome in outcomes)
            seen.Add(HealthMachine.Next(seen.Count == 0 ? HealthState.Initial : seen[^1], outcome, Policy, Start.AddMinutes(seen.Count)));
        return seen;
    }
}
