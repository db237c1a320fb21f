namespace Vmcp.Kubernetes.Api;

/// <summary>The limits of a client.</summary>
public sealed record KubeClientOptions
{
    /// <summary>All defaults.</summary>
    public static KubeClientOptions Default { get; } = new();

    /// <summary>How long one request may take, its answer included; watches excepted.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the server is asked to keep a watch open, at least; up to half as long again is added at random so that the watches of a
    /// restarted server do not end together.
    /// </summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A watch on which nothing at all comes for its timeout and this long is broken off.</summary>
    public TimeSpan WatchMargin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest answer taken, in bytes; ask for smaller pages when a list is larger.</summary>
    public int MaxBody { get; init; } = 64 << 20;

    /// <summary>The largest single event of a watch, in bytes; etcd stores no object above 1.5 MiB.</summary>
    public int MaxEvent { get; init; } = 8 << 20;
}
