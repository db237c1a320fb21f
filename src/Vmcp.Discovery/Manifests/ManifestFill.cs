using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Manifests;

/// <summary>Brings the cluster that stands for a directory in step with it: writes only what differs.</summary>
/// <param name="cluster">The cluster; nobody else writes there.</param>
internal sealed class ManifestFill(InMemoryCluster cluster)
{
    // What others refer to comes first and goes last, so that nobody sees a member whose Secret is still to come.
    private static readonly ResourceType[] First = [BuiltIn.Secret, BuiltIn.ConfigMap];
    private static readonly ResourceType[] Last = [ToolHive.MCPGroup, ToolHive.VirtualMCPServer, ToolHive.MCPServer, ToolHive.MCPRemoteProxy, ToolHive.MCPServerEntry];
    private static readonly ResourceType[] Order = [.. First, .. ToolHive.All.Except(Last), .. Last];

    private Dictionary<(ResourceType Type, ObjectKey Key), Manifest> _there = [];

    /// <summary>The cluster.</summary>
    public InMemoryCluster Cluster => cluster;

    /// <summary>Makes the cluster hold exactly these; tells what was done, one phrase for each object.</summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(
        IReadOnlyDictionary<(ResourceType Type, ObjectKey Key), Manifest> wanted, CancellationToken cancellationToken)
    {
        List<string> done = [];
        Dictionary<(ResourceType, ObjectKey), Manifest> next = new(_there);
        foreach (Manifest manifest in wanted.Values.OrderBy(m => Array.IndexOf(Order, m.Type)).ThenBy(m => m.Key))
        {
            Manifest? before = _there.GetValueOrDefault((manifest.Type, manifest.Key));
            if (before is not null && JsonNode.DeepEquals(before.Body, manifest.Body))
                continue;
            await PutAsync(manifest, isThere: before is not null, cancellationToken).ConfigureAwait(false);
            next[(manifest.Type, manifest.Key)] = manifest;
            done.Add($"{(before is null ? "added" : "changed")} {manifest.Title}");
        }

        foreach (Manifest gone in _there.Values.Where(m => !wanted.ContainsKey((m.Type, m.Key))).OrderByDescending(m => Array.IndexOf(Order, m.Type)).ThenBy(m => m.Key))
        {
            await cluster.DeleteAsync(gone.Type, gone.Key, DeleteOptions.Default, cancellationToken).ConfigureAwait(false);
            next.Remove((gone.Type, gone.Key));
            done.Add($"removed {gone.Title}");
        }

        _there = next;
        return done;
    }

    private async Task PutAsync(Manifest manifest, bool isThere, CancellationToken cancellationToken)
    {
        JsonObject body = manifest.Body.DeepClone().AsObject();
        if (isThere && await cluster.GetAsync(manifest.Type, manifest.Key, cancellationToken).ConfigureAwait(false) is { } stored)
        {
            JsonObject versioned = body.DeepClone().AsObject();
            versioned["metadata"]!["resourceVersion"] = stored.Meta.ResourceVersion;
            try
            {
                await cluster.ReplaceAsync(manifest.Type, versioned, WriteOptions.Default, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (KubeException e) when (e.Error == KubeError.Invalid)
            {
                // A field that never changes, as the type of a Secret: here it is simply another object.
                await cluster.DeleteAsync(manifest.Type, manifest.Key, DeleteOptions.Default, cancellationToken).ConfigureAwait(false);
            }
        }

        await cluster.CreateAsync(manifest.Type, body, WriteOptions.Default, cancellationToken).ConfigureAwait(false);
    }
}
