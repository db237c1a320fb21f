using Microsoft.Extensions.Time.Testing;
using Vmcp.KubeKit.Contract;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;

namespace Vmcp.Kubernetes.Tests.Contract;

/// <summary>The contract on the in-memory cluster; one for all tests, as an API server would be.</summary>
internal static class Shared
{
    public static InMemoryCluster Cluster { get; } = New();

    public static Task<(ICluster Cluster, string Namespace)> OpenAsync() => Task.FromResult<(ICluster, string)>((Cluster, $"t-{Guid.NewGuid():N}"));

    public static InMemoryCluster New()
    {
        var cluster = new InMemoryCluster(new FakeTimeProvider());
        cluster.Register(Samples.WidgetDefinition);
        return cluster;
    }
}

public sealed class InMemoryWriteTests : WriteContract
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => Shared.OpenAsync();
}

public sealed class InMemoryReadTests : ReadContract
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => Shared.OpenAsync();
}

public sealed class InMemoryWatchTests : WatchContract
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => Shared.OpenAsync();
}

public sealed class InMemoryApplyTests : ApplyContract
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => Shared.OpenAsync();
}

public sealed class InMemoryDeletionTests : DeletionContract
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => Shared.OpenAsync();
}

public sealed class InMemoryExpiryTests : ExpiryContract
{
    private readonly InMemoryCluster _cluster = Shared.New();

    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => Task.FromResult<(ICluster, string)>((_cluster, "t"));

    protected override Task CompactAsync()
    {
        _cluster.Compact();
        return Task.CompletedTask;
    }
}
