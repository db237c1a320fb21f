using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Reconciling;

/// <summary>The events that writes are worth (operator.md 1.7). Pure.</summary>
internal static class WriteEvents
{
    /// <summary>In the order of the writes.</summary>
    public static IEnumerable<PlannedEvent> Of(ApplyResult result)
    {
        foreach (Written write in result.Writes)
        {
            if (Of(write) is { } told)
                yield return told;
        }

        foreach (Obstacle obstacle in result.Obstacles)
        {
            string reason = obstacle.Reason switch
            {
                "HMACSecretInvalid" => "HMACSecretValidationFailed",
                "Rejected" => $"{obstacle.Child.Type.Kind}UpdateFailed",
                _ => obstacle.Reason,
            };
            yield return new PlannedEvent(true, reason, "Write", obstacle.Message);
        }
    }

    private static PlannedEvent? Of(Written write)
    {
        (ResourceType type, string name) = (write.Child.Type, write.Child.Name);
        if (type == BuiltIn.Deployment && write.Kind == WriteKind.Created)
            return new PlannedEvent(false, "DeploymentCreated", "Create", $"Created Deployment \"{name}\"");
        if (type == BuiltIn.Deployment && write.Kind == WriteKind.Updated)
        {
            string why = write.Rollout is { } reason ? $"its pods are replaced ({reason})" : "its pods stay";
            return new PlannedEvent(false, "DeploymentUpdated", "Update", $"Updated Deployment \"{name}\": {why}");
        }

        if (type == BuiltIn.Service && write.Kind == WriteKind.Created)
            return new PlannedEvent(false, "ServiceCreated", "Create", $"Created Service \"{name}\"");
        if (type == BuiltIn.Secret && write.Kind == WriteKind.Created)
            return new PlannedEvent(false, "HMACSecretCreated", "Create", $"Created Secret \"{name}\" with a new session key");
        if (write.Kind == WriteKind.Deleted)
            return new PlannedEvent(false, $"{type.Kind}Deleted", "Delete", $"Deleted {type.Kind} \"{name}\": nothing needs it any more");
        return null;
    }
}
