using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Planning.Status;

namespace Vmcp.Operator.Planning.Switching;

/// <summary>Account and rights, and what of them must go.</summary>
/// <param name="Objects">ServiceAccount, Role and RoleBinding as far as they are wanted or still needed; written before anything else.</param>
/// <param name="Removals">Those nobody uses any more; removed after everything is written.</param>
/// <param name="Held">Role or RoleBinding are no longer wanted and wait for the last pod that uses them.</param>
internal sealed record AccessPlan(ImmutableArray<DesiredObject> Objects, ImmutableArray<ChildRef> Removals, bool Held)
{
    /// <summary>
    /// Rights are there before the first pod that needs them and go after the last one that does (design 5.10). Made from what exists only,
    /// so it goes on wherever a crash left it.
    /// </summary>
    public static AccessPlan Of(ChildInput input, OwnedChildren owned, Rollout rollout, IReadOnlyList<PodFacts> pods)
    {
        string account = ChildNames.Account(input.Server.Name);
        List<DesiredObject> objects = [];
        List<ChildRef> removals = [];
        bool rightsInUse = !rollout.Complete || pods.Any(p => p.UsesRightsOf(account));
        bool accountInUse = !rollout.Complete || pods.Any(p => !p.Finished && (p.Account is null || p.Account == account));
        bool ownAccount = input.ServiceAccount is null;
        bool held = false;
        if (ownAccount || (accountInUse && owned.Find(BuiltIn.ServiceAccount, account) is not null))
            objects.Add(AccountObject.Of(input));
        if (ownAccount && input.UsesApi)
        {
            objects.Add(AccessObjects.Role(input));
            objects.Add(AccessObjects.Binding(input));
        }
        else
        {
            foreach (ResourceType type in (ReadOnlySpan<ResourceType>)[BuiltIn.Role, BuiltIn.RoleBinding])
            {
                if (owned.Find(type, account) is not { } live)
                    continue;
                held |= rightsInUse;
                if (rightsInUse)
                    objects.Add(AccessObjects.AsItIs(input, type, live));
                else
                    removals.Insert(0, new ChildRef(type, account));
            }
        }

        if (!ownAccount && !accountInUse && owned.Find(BuiltIn.ServiceAccount, account) is not null)
            removals.Add(new ChildRef(BuiltIn.ServiceAccount, account));
        return new AccessPlan([.. objects], [.. removals], held);
    }
}
