using System.Net;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>A pod as the test kubelet has it at one moment.</summary>
public sealed record PodView
{
    internal const string KilledNote = "kubelet: killed after its grace period of";

    /// <summary>Where it is in the API server.</summary>
    public required ObjectKey Key { get; init; }

    /// <summary>Which one of that name.</summary>
    public required string Uid { get; init; }

    /// <summary>Its labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The image of its container.</summary>
    public required string Image { get; init; }

    /// <summary>Its own loopback address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Where its files are, all that the process is given; gone with the pod.</summary>
    public required string Folder { get; init; }

    /// <summary>Its process, or null while none runs.</summary>
    public required int? ProcessId { get; init; }

    /// <summary>Its readiness probe passes and it is to stay.</summary>
    public required bool Ready { get; init; }

    /// <summary>Its deletion was asked for.</summary>
    public required bool Terminating { get; init; }

    /// <summary>How often its container was started again.</summary>
    public required int Restarts { get; init; }

    /// <summary>What its processes wrote so far.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>Whether it did not end in its grace period and was killed.</summary>
    public bool WasKilled => Lines.Any(l => l.StartsWith(KilledNote, StringComparison.Ordinal));
}
