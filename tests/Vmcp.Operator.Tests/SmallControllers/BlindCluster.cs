using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Tests.SmallControllers;

/// <summary>A cluster whose watches of one kind never tell anything, as those of a slow connection do for a while.</summary>
internal sealed class BlindCluster(ICluster inner, ResourceType blindFor) : ICluster
{
    public Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken) => inner.GetAsync(type, key, cancellationToken);

    public Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken) => inner.ListAsync(type, options, cancellationToken);

    public async IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (type == blindFor)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        await foreach (WatchEvent change in inner.WatchAsync(type, options, cancellationToken))
            yield return change;
    }

    public Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        inner.CreateAsync(type, body, options, cancellationToken);

    public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        inner.ReplaceAsync(type, body, options, cancellationToken);

    public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken) =>
        inner.PatchAsync(type, key, patch, options, cancellationToken);

    public Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken) =>
        inner.DeleteAsync(type, key, options, cancellationToken);
}
