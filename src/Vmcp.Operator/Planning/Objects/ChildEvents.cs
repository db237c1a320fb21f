using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Switching;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>What is worth telling about children that are going to be written (crds.md 2.6).</summary>
internal static class ChildEvents
{
    public static IEnumerable<PlannedEvent> Of(ChildInput input, OwnedChildren owned, Rollout rollout)
    {
        string name = input.Server.Name;
        if (owned.Find(BuiltIn.Secret, ChildNames.SessionSecret(name)) is null)
            yield return Created("HMACSecretCreated", "CreateHMACSecret", $"Secret {ChildNames.SessionSecret(name)} for sessions is created");
        if (owned.Find(BuiltIn.Service, ChildNames.Service(name)) is null)
            yield return Created("ServiceCreated", "CreateService", $"Service {ChildNames.Service(name)} is created");
        if (!rollout.Exists)
            yield return Created("DeploymentCreated", "CreateDeployment", $"Deployment {ChildNames.Deployment(name)} is created in mode {input.Mode}");
        else if (!rollout.TemplateIsWanted)
            yield return Created("DeploymentUpdated", "UpdateDeployment", $"Deployment {ChildNames.Deployment(name)} gets a new pod template in mode {input.Mode}");
    }

    private static PlannedEvent Created(string reason, string action, string note) => new(Warning: false, reason, action, note);
}
