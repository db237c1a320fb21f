using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.KubeKit.Kubelet;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.World;

/// <summary>
/// A whole cluster: etcd and kube-apiserver with <c>deploy/crds</c>, and <c>deploy/operator</c> applied as it is. The test kubelet runs the
/// operator's own Deployment, with the operator's own token, like any other.
/// </summary>
public sealed class Cluster : IAsyncDisposable
{
    public const string OperatorNamespace = "vmcp-system";
    public const string OperatorAccount = "system:serviceaccount:vmcp-system:vmcp-operator";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private Cluster(ApiServer server)
    {
        Server = server;
        Admin = new KubeClient(KubeConfig.Load(server.AdminKubeconfig), TimeProvider.System, NullLogger.Instance);
        Kubelet = TestKubelet.Start(server, new KubeletOptions { Program = Programs.Of });
    }

    /// <summary>The API server, with a full audit.</summary>
    public ApiServer Server { get; }

    /// <summary>A client that may do everything.</summary>
    public KubeClient Admin { get; }

    public TestKubelet Kubelet { get; }

    /// <summary>A cluster with the operator installed and at work.</summary>
    public static async Task<Cluster> StartAsync()
    {
        Cluster cluster = await StartEmptyAsync();
        try
        {
            await cluster.Server.ApplyCrdsAsync();
            await cluster.Server.KubectlAsync("apply", "-k", Path.Combine(Repository.Root, "deploy", "operator"));
            await cluster.OperatorLeadsAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A cluster in which nothing of ours is installed.</summary>
    public static async Task<Cluster> StartEmptyAsync() => new(await ApiServer.StartAsync(new ApiServerOptions { AuditPolicy = ApiServerOptions.AuditEveryRequest }));

    /// <summary>The pods of the operator; they are of one Deployment.</summary>
    public IReadOnlyList<PodView> Operators => [.. Kubelet.Pods.Where(p => p.Key.Namespace == OperatorNamespace)];

    /// <summary>The name of the operator's pod that holds the Lease, or null.</summary>
    public async Task<string?> LeaderAsync()
    {
        KubeObject? lease = await Admin.GetAsync(BuiltIn.Lease, new ObjectKey(OperatorNamespace, "toolhive-operator-leader-election"), CancellationToken.None);
        string? holder = lease?.At("spec", "holderIdentity") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        return Operators.FirstOrDefault(p => holder?.StartsWith(p.Key.Name + "_", StringComparison.Ordinal) == true)?.Key.Name;
    }

    /// <summary>Everything the operator's pods ever wrote; for failures, and to look for what must not be in it.</summary>
    public IEnumerable<string> OperatorLines => Kubelet.Pods.Concat(Kubelet.Ended).Where(p => p.Key.Namespace == OperatorNamespace).SelectMany(p => p.Lines);

    /// <summary>A namespace for one test.</summary>
    public async Task<Space> SpaceAsync() => new(this, await Server.CreateNamespaceAsync());

    /// <summary>Waits until both pods of the operator are ready and one of them leads.</summary>
    public async Task OperatorLeadsAsync()
    {
        try
        {
            await Eventually.BecomesAsync(
                async () => Operators.Count == 2 && Operators.All(p => p.Ready) && await LeaderAsync() is not null, "the operator leads", StartLimit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{string.Join('\n', OperatorLines.TakeLast(40))}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Kubelet.DisposeAsync();
        Admin.Dispose();
        await Server.DisposeAsync();
    }
}
