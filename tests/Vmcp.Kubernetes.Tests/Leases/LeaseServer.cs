using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Tests.Leases;

/// <summary>A server that stores one lease, with optimistic locking.</summary>
internal sealed class LeaseServer
{
    private readonly Lock _lock = new();
    private int _version;
    private int _writes;

    public JsonObject? Stored { get; private set; }

    public int Writes => Volatile.Read(ref _writes);

    public string? Holder => Stored?["spec"]?["holderIdentity"]?.GetValue<string>();

    public int Transitions => Stored?["spec"]?["leaseTransitions"]?.GetValue<int>() ?? -1;

    /// <summary>Somebody else's hand in the store.</summary>
    public void Edit(Action<JsonObject> edit)
    {
        lock (_lock)
        {
            edit(Stored!);
            Touch();
        }
    }

    public void Remove()
    {
        lock (_lock)
            Stored = null;
    }

    public KubeObject? Read()
    {
        lock (_lock)
            return Stored is null ? null : KubeObject.From(Stored);
    }

    public KubeObject Write(JsonObject body, bool create)
    {
        lock (_lock)
        {
            if (create && Stored is not null)
                throw new KubeException(KubeError.AlreadyExists, "there is one");
            if (!create && Stored is null)
                throw new KubeException(KubeError.NotFound, "there is none");
            if (!create && Version(body) != Version(Stored!))
                throw new KubeException(KubeError.Conflict, "another version is stored");
            Stored = (JsonObject)body.DeepClone();
            _writes++;
            Touch();
            return KubeObject.From(Stored);
        }
    }

    private void Touch() => Stored!["metadata"]!["resourceVersion"] = $"{++_version}";

    private static string? Version(JsonObject body) => body["metadata"]?["resourceVersion"]?.GetValue<string>();
}

/// <summary>One process's line to a <see cref="LeaseServer"/>.</summary>
internal sealed class LeaseLine(LeaseServer server) : ICluster
{
    /// <summary>Requests fail at once.</summary>
    public bool Down { get; set; }

    /// <summary>Requests end with a bug of ours.</summary>
    public Exception? Bug { get; set; }

    /// <summary>Requests get no answer.</summary>
    public bool Hangs { get; set; }

    /// <summary>Writes arrive, their answers do not.</summary>
    public bool LosesAnswers { get; set; }

    public async Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken)
    {
        await TravelAsync(cancellationToken);
        return server.Read();
    }

    public Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        WriteAsync(body, true, cancellationToken);

    public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        WriteAsync(body, false, cancellationToken);

    public Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, WatchOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private async Task<KubeObject> WriteAsync(JsonObject body, bool create, CancellationToken cancellationToken)
    {
        await TravelAsync(cancellationToken);
        KubeObject stored = server.Write(body, create);
        return LosesAnswers ? throw new KubeException(KubeError.Unreachable, "the answer is lost") : stored;
    }

    private async Task TravelAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (Hangs)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        if (Bug is { } bug)
            throw bug;
        if (Down)
            throw new KubeException(KubeError.Unreachable, "down");
    }
}
