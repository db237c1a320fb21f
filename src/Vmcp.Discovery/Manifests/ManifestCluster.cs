using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Manifests;

/// <summary>The cluster that stands for a directory.</summary>
internal static class ManifestCluster
{
    // A watcher that falls behind lists anew. What was stored before stays in memory that long, Secrets too.
    private const int History = 256;

    /// <summary>An empty one.</summary>
    public static InMemoryCluster Create(TimeProvider time)
    {
        InMemoryCluster cluster = new(time) { HistorySize = History, RequestsKept = 0 };
        // No subresource: an object and the status beside it in the file come in one write, and nobody sees one without the other.
        foreach (ResourceType type in ToolHive.All)
            cluster.Register(type, status: false);
        return cluster;
    }
}
