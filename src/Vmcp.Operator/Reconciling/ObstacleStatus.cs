using Vmcp.Operator.Applying;
using Vmcp.Operator.Planning;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Reconciling;

/// <summary>What a status says when a child could not be written: a plan cannot know, for only the write found out. Pure.</summary>
internal static class ObstacleStatus
{
    /// <summary>The planned status, or Failed with the obstacle in it.</summary>
    public static StatusPlan Amend(StatusPlan planned, ApplyResult result)
    {
        if (result.Obstacles.Length == 0)
            return planned;
        Obstacle first = result.Obstacles[0];
        string message = string.Join(" ", result.Obstacles.Select(o => o.Message));
        Dictionary<string, PlannedCondition> conditions = planned.Conditions.ToDictionary(c => c.Type, StringComparer.Ordinal);
        conditions["Ready"] = new PlannedCondition("Ready", "False", first.Reason, message);
        foreach (IGrouping<string, Obstacle> kind in result.Obstacles.GroupBy(o => o.Reason, StringComparer.Ordinal))
            conditions[ConditionOf(kind.Key)] = new PlannedCondition(ConditionOf(kind.Key), StatusOf(kind.Key), kind.Key, string.Join(" ", kind.Select(o => o.Message)));
        return planned with
        {
            Phase = "Failed",
            Message = message,
            Conditions = [.. conditions.Values.OrderBy(c => c.Type, StringComparer.Ordinal)],
        };
    }

    private static string ConditionOf(string reason) => reason switch
    {
        "HMACSecretInvalid" => "SessionSecretValid",
        "Rejected" => "ResourcesAccepted",
        _ => reason,
    };

    // ResourceConflict is true when there is one; the other two say that something is as it should be.
    private static string StatusOf(string reason) => reason is "HMACSecretInvalid" or "Rejected" ? "False" : "True";
}
