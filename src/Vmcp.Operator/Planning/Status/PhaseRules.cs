using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Status;

/// <summary>A phase, the reason of the <c>Ready</c> condition and a sentence for both.</summary>
/// <param name="Phase"><c>Pending</c>, <c>Ready</c>, <c>Degraded</c> or <c>Failed</c>.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence.</param>
internal sealed record PhaseVerdict(string Phase, string Reason, string Message)
{
    /// <summary>The <c>Ready</c> condition: True in phase Ready only (operator.md 5.2).</summary>
    public PlannedCondition Condition => new("Ready", Phase == Phases.Ready ? "True" : "False", Reason, Message);
}

/// <summary>The phases (crds.md 2.4).</summary>
internal static class Phases
{
    public const string Pending = "Pending";
    public const string Ready = "Ready";
    public const string Degraded = "Degraded";
    public const string Failed = "Failed";
}

/// <summary>
/// The one place where a phase is decided (scenario NEW-STAT-01). Pods first, because backends seen by pods that are gone say nothing;
/// then backends: Failed before Pending before Degraded before Ready (operator.md 5.4).
/// </summary>
/// <remarks>
/// Of the original's two writers one calls a server without any reachable backend Degraded, the other Failed. Here it is Failed
/// (scenario STAT-04): nothing a client asks for can be answered.
/// </remarks>
internal static class PhaseRules
{
    public static PhaseVerdict Decide(PodsPicture pods, BackendTally backends) => (pods.Mix, backends.Mix) switch
    {
        (PodMix.Failing, _) => new(Phases.Failed, "DeploymentFailed", pods.Message),
        (PodMix.None or PodMix.Starting, _) => new(Phases.Pending, "DeploymentNotReady", pods.Message),
        (_, BackendMix.NoneRoutable) => new(Phases.Failed, "NoRoutableBackends", Join(backends, pods)),
        (_, BackendMix.Pending) => new(Phases.Pending, "BackendsPending", Join(backends, pods)),
        (_, BackendMix.Some) => new(Phases.Degraded, "SomeBackendsUnhealthy", Join(backends, pods)),
        (PodMix.Stuck, _) => new(Phases.Degraded, "RolloutStuck", pods.Message),
        (_, BackendMix.None) => new(Phases.Ready, "DeploymentReady", pods.Message),
        _ => new(Phases.Ready, "AllBackendsRoutable", backends.Message),
    };

    private static string Join(BackendTally backends, PodsPicture pods) =>
        pods.Mix == PodMix.Stuck ? $"{backends.Message}; {pods.Message}" : backends.Message;
}
