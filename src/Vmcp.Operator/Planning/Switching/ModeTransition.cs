using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Planning.Status;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Switching;

/// <summary>The condition <c>ModeTransition</c>: True while pods or rights of the other mode are still there (operator.md 3).</summary>
internal static class ModeTransition
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "ModeTransition";

    /// <summary>Reason while it goes on.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Reason when it does not.</summary>
    public const string Complete = "Complete";

    private const int NamesShown = 3;

    public static PlannedCondition Of(ChildInput input, OwnedChildren owned, Rollout rollout, IReadOnlyList<PodFacts> pods)
    {
        List<string> awaited = [];
        string deployment = ChildNames.Deployment(input.Server.Name);
        PodFacts[] others = [.. pods.Where(p => !p.Finished && p.Mode != input.Mode)];
        if (rollout.Mode is { } mode && mode != input.Mode)
            awaited.Add($"Deployment {deployment} to be written");
        if (others.Length > 0)
            awaited.Add($"{Count(others.Length)} of mode {others[0].Mode} to end ({Names(others)})");
        string account = ChildNames.Account(input.Server.Name);
        ResourceType[] rights = input.UsesApi
            ? []
            : [.. new[] { BuiltIn.Role, BuiltIn.RoleBinding }.Where(t => owned.Find(t, account) is not null)];
        if (rights.Length > 0)
        {
            if (awaited.Count == 0 && !rollout.Complete)
                awaited.Add($"the rollout of Deployment {deployment} ({rollout.Updated} of {rollout.Replicas} pods updated)");
            awaited.Add($"then {string.Join(" and ", rights.Select(t => t.Kind))} {account} to be removed");
        }

        return awaited.Count == 0
            ? new PlannedCondition(Type, "False", Complete, $"No switch goes on; the mode is {input.Mode}.")
            : new PlannedCondition(Type, "True", Progressing, $"Switching to {input.Mode}. Waiting for: {string.Join("; ", awaited)}.");
    }

    private static string Count(int pods) => pods == 1 ? "1 pod" : $"{pods} pods";

    private static string Names(PodFacts[] pods) =>
        string.Join(", ", pods.Take(NamesShown).Select(p => p.Name)) + (pods.Length > NamesShown ? ", …" : "");
}
