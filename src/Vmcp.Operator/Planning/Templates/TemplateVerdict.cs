using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Templates;

/// <summary>What condition, event and phase say about <c>spec.podTemplateSpec</c> (crds.md 2.5).</summary>
internal static class TemplateVerdict
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "PodTemplateSpecValid";

    /// <summary>Reason when it cannot be used; also the event's.</summary>
    public const string Invalid = "InvalidPodTemplateSpec";

    public static PlannedCondition Valid { get; } = new(Type, "True", Type, "PodTemplateSpec is valid");

    public static PlannedCondition Condition(IReadOnlyList<string> problems) => new(
        Type, "False", Invalid, $"Failed to parse PodTemplateSpec: {Text(problems)}. Deployment blocked until fixed");

    public static Halt Halt(IReadOnlyList<string> problems) => new(Status.Phases.Failed, Invalid, $"Invalid PodTemplateSpec: {Text(problems)}");

    public static PlannedEvent Event(IReadOnlyList<string> problems) =>
        new(Warning: true, Invalid, "ValidatePodTemplateSpec", $"Failed to parse PodTemplateSpec: {Text(problems)}. Deployment blocked until fixed");

    private static string Text(IReadOnlyList<string> problems) => string.Join("; ", problems);
}
