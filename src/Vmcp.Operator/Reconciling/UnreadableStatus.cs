using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Reconciling;

/// <summary>
/// What the status says of a VirtualMCPServer whose JSON does not have the form of its kind, as one stored under an older or edited CRD may not:
/// nothing can be planned for it, and whoever wrote it must hear why. Pure.
/// </summary>
internal static class UnreadableStatus
{
    /// <summary>Reason of the conditions and of the event.</summary>
    public const string Reason = "ValidationFailed";

    /// <summary>Failed, with the field at fault; what the status says of the running gateway stays.</summary>
    public static StatusPlan Of(KubeObject live, string flaw) => new()
    {
        Phase = "Failed",
        Message = flaw,
        Url = Said(live, "url"),
        Mode = Said(live, "mode"),
        OidcConfigHash = Said(live, "oidcConfigHash"),
        AuthzConfigHash = Said(live, "authzConfigHash"),
        TelemetryConfigHash = Said(live, "telemetryConfigHash"),
        ObservedGeneration = live.Meta.Generation,
        Conditions = [new PlannedCondition("Ready", "False", Reason, flaw), new PlannedCondition("Valid", "False", Reason, flaw)],
    };

    private static string? Said(KubeObject live, string field) => live.At("status") is { } status ? StatusBodies.Text(status, field) : null;
}
