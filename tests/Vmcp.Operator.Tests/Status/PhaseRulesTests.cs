using Vmcp.Operator.Planning.Status;
using Vmcp.Operator.Tests.Planning;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Status;

public sealed class PhaseRulesTests
{
    /// <summary>Every pod state with every backend state: the whole rule (crds.md 2.4, operator.md 5.4).</summary>
    [Theory, Trait("Scenario", "NEW-STAT-01"), Trait("Scenario", "STAT-04"), Trait("Scenario", "STAT-06")]
    [InlineData("None", "None", "Pending", "DeploymentNotReady")]
    [InlineData("None", "Pending", "Pending", "DeploymentNotReady")]
    [InlineData("None", "All", "Pending", "DeploymentNotReady")]
    [InlineData("None", "Some", "Pending", "DeploymentNotReady")]
    [InlineData("None", "NoneRoutable", "Pending", "DeploymentNotReady")]
    [InlineData("Starting", "None", "Pending", "DeploymentNotReady")]
    [InlineData("Starting", "Pending", "Pending", "DeploymentNotReady")]
    [InlineData("Starting", "All", "Pending", "DeploymentNotReady")]
    [InlineData("Starting", "Some", "Pending", "DeploymentNotReady")]
    [InlineData("Starting", "NoneRoutable", "Pending", "DeploymentNotReady")]
    [InlineData("Failing", "None", "Failed", "DeploymentFailed")]
    [InlineData("Failing", "Pending", "Failed", "DeploymentFailed")]
    [InlineData("Failing", "All", "Failed", "DeploymentFailed")]
    [InlineData("Failing", "Some", "Failed", "DeploymentFailed")]
    [InlineData("Failing", "NoneRoutable", "Failed", "DeploymentFailed")]
    [InlineData("Ready", "None", "Ready", "DeploymentReady")]
    [InlineData("Ready", "Pending", "Pending", "BackendsPending")]
    [InlineData("Ready", "All", "Ready", "AllBackendsRoutable")]
    [InlineData("Ready", "Some", "Degraded", "SomeBackendsUnhealthy")]
    [InlineData("Ready", "NoneRoutable", "Failed", "NoRoutableBackends")]
    [InlineData("Stuck", "None", "Degraded", "RolloutStuck")]
    [InlineData("Stuck", "Pending", "Pending", "BackendsPending")]
    [InlineData("Stuck", "All", "Degraded", "RolloutStuck")]
    [InlineData("Stuck", "Some", "Degraded", "SomeBackendsUnhealthy")]
    [InlineData("Stuck", "NoneRoutable", "Failed", "NoRoutableBackends")]
    public void Phase_follows_pods_first_and_backends_second(string pods, string backends, string phase, string reason)
    {
        PhaseVerdict verdict = PhaseRules.Decide(new PodsPicture(Enum.Parse<PodMix>(pods), "pods are so"), Tally(Enum.Parse<BackendMix>(backends)));

        verdict.Phase.ShouldBe(phase);
        verdict.Reason.ShouldBe(reason);
        verdict.Condition.Status.ShouldBe(phase == "Ready" ? "True" : "False");
        verdict.Condition.Reason.ShouldBe(reason);
        if (pods is "Stuck" or "Failing")
            verdict.Message.ShouldContain("pods are so");
    }

    [Theory, Trait("Scenario", "STAT-05")]
    [InlineData("", "None", 0, "No backends")]
    [InlineData("ready ready", "All", 2, "All 2 backends healthy")]
    [InlineData("ready unauthenticated", "All", 2, "All 2 backends healthy")]
    [InlineData("ready unauthenticated unavailable", "Some", 2, "2 of 3 backends healthy; not healthy: b2 (unavailable)")]
    [InlineData("ready degraded", "Some", 1, "1 of 2 backends healthy; not healthy: b1 (degraded)")]
    [InlineData("ready unknown", "Some", 1, "1 of 2 backends healthy; not healthy: b1 (unknown)")]
    [InlineData("degraded degraded", "Some", 0, "0 of 2 backends healthy; not healthy: b0 (degraded), b1 (degraded)")]
    [InlineData("unavailable unavailable", "NoneRoutable", 0, "None of 2 backends can be reached: b0 (unavailable), b1 (unavailable)")]
    [InlineData("unknown unknown", "Pending", 0, "Waiting for the first health check of 2 of 2 backends")]
    [InlineData("unknown unavailable", "Pending", 0, "Waiting for the first health check of 1 of 2 backends")]
    [InlineData("strange ready", "Some", 1, "1 of 2 backends healthy; not healthy: b0 (strange)")]
    public void Backends_are_counted_by_what_calls_can_reach(string states, string mix, int routable, string message)
    {
        BackendTally tally = BackendTally.Of(states.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((s, i) => Hub.Saw($"b{i}", s)));

        tally.Mix.ShouldBe(Enum.Parse<BackendMix>(mix));
        tally.Routable.ShouldBe(routable);
        tally.Message.ShouldBe(message);
    }

    private static BackendTally Tally(BackendMix mix) => mix switch
    {
        BackendMix.None => BackendTally.None,
        BackendMix.Pending => new BackendTally { Unknown = 2 },
        BackendMix.All => new BackendTally { Routable = 2 },
        BackendMix.Some => new BackendTally { Routable = 1, Unavailable = 1 },
        _ => new BackendTally { Unavailable = 2 },
    };
}
