using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.ApiServer.Tests.Ring;
using Vmcp.KubeKit.Contract;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Contract;

/// <summary>The shared server with the contract's kind, through our client.</summary>
public sealed class ContractServer(SharedApiServer shared) : IAsyncLifetime
{
    private KubeClient? _client;

    /// <summary>Whether dependents are collected: kube-apiserver alone does not do it.</summary>
    public bool CollectsGarbage => shared.Server.CollectsGarbage;

    public async ValueTask InitializeAsync() => _client = await ConnectAsync(shared.Server);

    public async Task<(ICluster Cluster, string Namespace)> OpenAsync() => (_client!, await shared.Server.CreateNamespaceAsync());

    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A client of a server that serves the contract's kind.</summary>
    internal static async Task<KubeClient> ConnectAsync(Server server)
    {
        var client = new KubeClient(KubeConfig.Load(server.AdminKubeconfig), TimeProvider.System, NullLogger.Instance);
        await client.PatchAsync(
            BuiltIn.CustomResourceDefinition, new ObjectKey("", "widgets.contract.vmcp.test"), new Patch.Apply(Samples.WidgetDefinition),
            new WriteOptions { FieldManager = "contract" }, CancellationToken.None);
        await Eventually.BecomesAsync(
            async () => await client.ListAsync(Samples.Widget, new ListOptions(), CancellationToken.None) is not null, "the new kind to be served");
        return client;
    }
}

/// <summary>A server of its own that keeps no more history than etcd does.</summary>
public sealed class ForgetfulServer : IAsyncLifetime
{
    private Server? _server;
    private KubeClient? _client;

    public async ValueTask InitializeAsync()
    {
        _server = await Server.StartAsync(new ApiServerOptions { WatchCache = false });
        _client = await ContractServer.ConnectAsync(_server);
    }

    public async Task<(ICluster Cluster, string Namespace)> OpenAsync() => (_client!, await _server!.CreateNamespaceAsync());

    public Task CompactAsync() => _server!.CompactAsync();

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
