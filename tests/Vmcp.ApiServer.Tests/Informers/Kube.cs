using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Informers;

/// <summary>Clients, objects and informers of these tests.</summary>
internal static class Kube
{
    public static KubeClient Client(Server server, KubeClientOptions? options = null) => Client(server.AdminKubeconfig, options);

    public static KubeClient Client(string kubeconfig, KubeClientOptions? options = null) =>
        new(KubeConfig.Load(kubeconfig), TimeProvider.System, NullLogger.Instance, options);

    public static JsonObject ConfigMap(string space, string name, string value = "1", string? label = null) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["namespace"] = space,
            ["name"] = name,
            ["labels"] = label is null ? null : new JsonObject { ["tier"] = label },
        },
        ["data"] = new JsonObject { ["value"] = value },
    };

    public static Task<KubeObject> PutAsync(ICluster cluster, string space, string name, string value = "1", string? label = null) =>
        cluster.PatchAsync(
            BuiltIn.ConfigMap, new ObjectKey(space, name), new Patch.Apply(ConfigMap(space, name, value, label)),
            new WriteOptions { FieldManager = "test" }, CancellationToken.None);

    public static Task<bool> DeleteAsync(ICluster cluster, string space, string name) =>
        cluster.DeleteAsync(BuiltIn.ConfigMap, new ObjectKey(space, name), DeleteOptions.Default, CancellationToken.None);

    public static string Value(KubeObject map) => map.At("data", "value")?.GetString() ?? "";

    public static RunningInformer Watch(ICluster cluster, Selection selection, int pageSize = 500) =>
        new(new Informer<string>(cluster, BuiltIn.ConfigMap, selection, Value, TimeProvider.System, NullLogger.Instance, pageSize));
}

/// <summary>An informer at work and what it told.</summary>
internal sealed class RunningInformer : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<string> _told = [];
    private readonly Task _run;

    public RunningInformer(Informer<string> informer)
    {
        Informer = informer;
        informer.OnChange(c =>
        {
            lock (_told)
                _told.Add($"{c.Key.Name}: {c.Old ?? "-"} > {c.New ?? "-"}");
        });
        _run = informer.RunAsync(_end.Token);
    }

    public Informer<string> Informer { get; }

    public string[] Told
    {
        get
        {
            lock (_told)
                return [.. _told];
        }
    }

    /// <summary>The config maps known, <c>name=value</c>, without the one every namespace is given.</summary>
    public string[] Known =>
        [.. Informer.Snapshot.Where(p => p.Key.Name != "kube-root-ca.crt").OrderBy(p => p.Key).Select(p => $"{p.Key.Name}={p.Value}")];

    public Task SyncedAsync() => Informer.WhenSyncedAsync(CancellationToken.None).WaitAsync(Eventually.DefaultLimit);

    public Task KnowsAsync(params string[] known) =>
        Eventually.ReadsAsync(() => Task.FromResult(string.Join(", ", Known)), k => k == string.Join(", ", known), "known config maps");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _run.WaitAsync(Eventually.DefaultLimit);
        _end.Dispose();
    }
}
