using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory;

/// <summary>A cluster that lives in this process, for tests and offline planning.</summary>
/// <param name="time">The clock of timestamps.</param>
public sealed class InMemoryCluster(TimeProvider time) : ICluster
{
    /// <summary>The clock of timestamps.</summary>
    public TimeProvider Time => time;

    /// <inheritdoc/>
    public Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, WatchOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
