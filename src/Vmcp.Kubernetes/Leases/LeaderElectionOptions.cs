using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Leases;

/// <summary>What is led, and by whom.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>Where the lease is.</summary>
    public required ObjectKey Lease { get; init; }

    /// <summary>Who we are; no two processes may have the same. A pod's name and something random.</summary>
    public required string Identity { get; init; }

    /// <summary>The owner of a lease that is made, as in <c>metadata.ownerReferences</c>: the lease goes with it. Null for none.</summary>
    public JsonObject? Owner { get; init; }

    /// <summary>Others take the lead when it was not renewed for so long.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The leader stops when it could not renew for so long; shorter than <see cref="LeaseDuration"/>, so that it stops first.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between attempts, of the leader and of those who stand by; up to a fifth is added at random.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Why a leadership, or the wait for it, is over.</summary>
public enum LeadershipEnd
{
    /// <summary>We were told to stop.</summary>
    Stopped,

    /// <summary>The work ended by itself; the lease is given back.</summary>
    WorkEnded,

    /// <summary>The lease could not be renewed in time, or somebody else holds it. Best end the process.</summary>
    Lost,
}
