using System.Collections.Frozen;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Reconciling;

/// <summary>The events that are told after a pass: planned ones that came true, and what only the writing found out. Pure.</summary>
internal static class WriteEvents
{
    private static readonly FrozenDictionary<string, (ResourceType Type, WriteKind Kind)> TrueByWrite =
        new Dictionary<string, (ResourceType Type, WriteKind Kind)>(StringComparer.Ordinal)
        {
            ["DeploymentCreated"] = (BuiltIn.Deployment, WriteKind.Created),
            ["DeploymentUpdated"] = (BuiltIn.Deployment, WriteKind.Updated),
            ["ServiceCreated"] = (BuiltIn.Service, WriteKind.Created),
            ["HMACSecretCreated"] = (BuiltIn.Secret, WriteKind.Created),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>In the order they came.</summary>
    public static IEnumerable<PlannedEvent> Of(ServerPlan plan, ApplyResult result)
    {
        // A plan made on a cache that lags announces what is done already; only a write is worth an event.
        IEnumerable<PlannedEvent> planned = plan.Events.Where(e => !TrueByWrite.TryGetValue(e.Reason, out (ResourceType Type, WriteKind Kind) write)
            || result.Writes.Any(w => w.Child.Type == write.Type && w.Kind == write.Kind));
        IEnumerable<PlannedEvent> deleted = result.Writes.Where(w => w.Kind == WriteKind.Deleted).Select(w =>
            new PlannedEvent(false, $"{w.Child.Type.Kind}Deleted", "Delete", $"{w.Child.Type.Kind} {w.Child.Name} is deleted: nothing needs it any more"));
        return planned.Concat(deleted).Concat(result.Obstacles.Select(Of));
    }

    private static PlannedEvent Of(Obstacle obstacle)
    {
        // The session Secret goes by another name in events (crds.md 2.6).
        string kind = obstacle.Child.Type == BuiltIn.Secret ? "HMACSecret" : obstacle.Child.Type.Kind;
        (string reason, string action) = obstacle.Reason switch
        {
            "HMACSecretInvalid" => ("HMACSecretValidationFailed", "ValidateHMACSecret"),
            "Rejected" when obstacle.Creating => ($"{kind}CreationFailed", $"Create{kind}"),
            "Rejected" => ($"{kind}UpdateFailed", $"Update{kind}"),
            _ => (obstacle.Reason, "ApplyChildren"),
        };
        return new PlannedEvent(true, reason, action, obstacle.Message);
    }
}
