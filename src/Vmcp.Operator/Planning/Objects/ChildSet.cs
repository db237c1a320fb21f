using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Switching;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The children in the order they are written.</summary>
internal static class ChildSet
{
    /// <summary>
    /// Account and rights come first, so that no pod starts without its rights; then what the pod mounts and reads; the Service before the
    /// pods it leads to; then the Deployment, and what protects its pods. Removals come after all of it.
    /// </summary>
    public static ImmutableArray<DesiredObject> InOrder(ChildInput input, AccessPlan access, DesiredObject deployment)
    {
        List<DesiredObject> objects = [.. access.Objects, SessionSecretObject.Of(input)];
        if (OidcKeysObject.Of(input) is { } keys)
            objects.Add(keys);
        objects.AddRange([ConfigMapObject.Of(input), ServiceObject.Of(input), deployment]);
        if (BudgetObject.Wanted(input))
            objects.Add(BudgetObject.Of(input));
        return [.. objects];
    }

    /// <summary>What must go, of what exists and is the server's own.</summary>
    public static ImmutableArray<ChildRef> Removals(ChildInput input, AccessPlan access, OwnedChildren owned)
    {
        string budget = ChildNames.Account(input.Server.Name);
        return !BudgetObject.Wanted(input) && owned.Find(BuiltIn.PodDisruptionBudget, budget) is not null
            ? [.. access.Removals, new ChildRef(BuiltIn.PodDisruptionBudget, budget)]
            : access.Removals;
    }
}
