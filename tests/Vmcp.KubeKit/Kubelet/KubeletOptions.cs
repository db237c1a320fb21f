using System.Net;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>How the test kubelet runs pods.</summary>
public sealed record KubeletOptions
{
    /// <summary>Which program stands for a container, by its image.</summary>
    public required Func<ContainerStart, ProgramStart> Program { get; init; }

    /// <summary>The node its pods are on.</summary>
    public string NodeName { get; init; } = "test-node";

    /// <summary>
    /// By how much probes come more often than the pod says. The failures that are let pass grow by the same, so that a slow program gets all
    /// the time it would have in a cluster.
    /// </summary>
    public int ProbeSpeed { get; init; } = 10;

    /// <summary>The part of a preStop sleep that is slept. The order stays: not an endpoint any more, the sleep, SIGTERM.</summary>
    public double PreStopShare { get; init; } = 0.4;

    /// <summary>The longest wait before a container that crashed is started again; the first one is at once, as in a cluster.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a pod's token lives; it is renewed after four fifths of that.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>A container about to start.</summary>
/// <param name="Image">Its image.</param>
/// <param name="Arguments">Its arguments; paths are those of this machine already.</param>
/// <param name="Address">The pod's own address, which it must listen on instead of all.</param>
public sealed record ContainerStart(string Image, IReadOnlyList<string> Arguments, IPAddress Address);

/// <summary>A program of this machine.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ProgramStart(string Path, IReadOnlyList<string> Arguments);
