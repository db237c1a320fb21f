using Vmcp.Kubernetes.Objects;
using Vmcp.Resources.Status;

namespace Vmcp.Discovery.Reporting;

/// <summary>Which VirtualMCPServer a gateway reports to, and how often.</summary>
public sealed record RuntimeStatusOptions
{
    /// <summary>The VirtualMCPServer.</summary>
    public required ObjectKey Server { get; init; }

    /// <summary>Name of the pod; something random is added, for a container that starts anew is another process.</summary>
    public required string Pod { get; init; }

    /// <summary>
    /// How often what is stored is read again, for somebody may have taken our words away (<c>statusReportingInterval</c>); at least 5 s. A
    /// change of ours does not wait for it.
    /// </summary>
    public TimeSpan Recheck { get; init => field = value < TimeSpan.FromSeconds(5) ? TimeSpan.FromSeconds(5) : value; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the gateway's own picture is looked at.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a backend that is being checked for the first time may hold a change up.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same for the first words of a leader: what stands there is another's, and known to more than we know yet.</summary>
    public TimeSpan FirstChecks { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two writes at least: a backend that comes and goes must not keep the API server busy.</summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How old the time of the last check may become while nothing changes.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one exchange with the API server may take.</summary>
    public TimeSpan RequestLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Others report when the lease was not renewed for so long.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>We stop reporting when we could not renew for so long; there is time for two attempts.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Between renewals, and between the looks of those who stand by: the only traffic at rest.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The lease.</summary>
    public ObjectKey Lease => new(Server.Namespace, RuntimeHalf.LeaseOf(Server.Name));
}
