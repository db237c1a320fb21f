using System.Collections.Immutable;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Applying;

/// <summary>What writing a plan came to.</summary>
public sealed record ApplyResult
{
    /// <summary>The writes done, in order; empty at rest.</summary>
    public ImmutableArray<Written> Writes { get; init; } = [];

    /// <summary>
    /// Children that could not be written. The rest is written all the same, save that no pod is made or told anything new while its account,
    /// its rights or its document could not be written.
    /// </summary>
    public ImmutableArray<Obstacle> Obstacles { get; init; } = [];

    /// <summary>Removals put off because a fresh look at the cluster says they are still needed.</summary>
    public bool RemovalsDeferred { get; init; }
}

/// <summary>One write.</summary>
/// <param name="Child">The child.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Because">The path of the first member that differed; empty for creations and deletions.</param>
public sealed record Written(ChildRef Child, WriteKind Kind, string Because = "")
{
    /// <summary>For a Deployment whose pods are replaced: why, one word of a small fixed set; null when no pod is.</summary>
    public string? Rollout { get; init; }
}

/// <summary>Kinds of write.</summary>
public enum WriteKind
{
    /// <summary>It did not exist.</summary>
    Created,

    /// <summary>It differed.</summary>
    Updated,

    /// <summary>It had to go.</summary>
    Deleted,
}

/// <summary>A child that cannot be as planned until somebody does something.</summary>
/// <param name="Child">The child.</param>
/// <param name="Reason">One word: <c>ResourceConflict</c>, <c>HMACSecretInvalid</c>, <c>Rejected</c>.</param>
/// <param name="Message">What is wrong and what to do; no secret is in it.</param>
/// <param name="Creating">There was none yet.</param>
public sealed record Obstacle(ChildRef Child, string Reason, string Message, bool Creating = false);
