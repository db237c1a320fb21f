using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>
/// Plays the workload controllers and the kubelet of a cluster: Deployments become pods, and pods become processes of this machine, each with
/// files, variables, a token and a loopback address of its own. What it shortens is in <see cref="KubeletOptions"/>.
/// </summary>
/// <remarks>
/// Not as in a cluster: no network or mount namespace and no user of its own, one container for each pod, and a program
/// listens on its pod's loopback address instead of all addresses. Mounted paths in a document (<c>.yaml</c> of a ConfigMap) are therefore written
/// as those of this machine. What is mounted follows its object at once; a cluster takes up to a minute.
/// </remarks>
public sealed class TestKubelet : IAsyncDisposable
{
    private readonly ApiServer _server;
    private readonly KubeClient _cluster;
    private readonly KubeletOptions _options;
    private readonly DeploymentController _deployments;
    private readonly PodAddresses _addresses = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromMinutes(1) };
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _wake = new(1);
    private readonly ConcurrentDictionary<string, PodRunner> _pods = new();
    private readonly ConcurrentQueue<PodView> _ended = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly string _folder;
    private Task _running = Task.CompletedTask;

    private TestKubelet(ApiServer server, KubeletOptions options)
    {
        _server = server;
        _options = options;
        _cluster = new KubeClient(KubeConfig.Load(server.AdminKubeconfig), TimeProvider.System, NullLogger.Instance);
        _deployments = new DeploymentController(_cluster, options.NodeName);
        _folder = Directory.CreateDirectory(Path.Combine(server.Folder, $"pods-{Guid.NewGuid():N}")).FullName;
    }

    /// <summary>The pods that exist now.</summary>
    public IReadOnlyList<PodView> Pods => [.. _pods.Values.Select(p => p.View).OrderBy(p => p.Key)];

    /// <summary>The pods that are gone.</summary>
    public IReadOnlyList<PodView> Ended => [.. _ended];

    /// <summary>Starts it for all namespaces of a server.</summary>
    public static TestKubelet Start(ApiServer server, KubeletOptions options)
    {
        TestKubelet kubelet = new(server, options);
        kubelet._running = Task.WhenAll(
            kubelet.LoopAsync(),
            kubelet.WatchAsync(BuiltIn.Pod, _ => kubelet.Wake()),
            kubelet.WatchAsync(BuiltIn.Deployment, _ => kubelet.Wake()),
            kubelet.WatchAsync(BuiltIn.ConfigMap, key => kubelet.Tell(BuiltIn.ConfigMap, key)),
            kubelet.WatchAsync(BuiltIn.Secret, key => kubelet.Tell(BuiltIn.Secret, key)));
        return kubelet;
    }

    /// <summary>Replaces the token of a pod, as happens well before it runs out.</summary>
    public Task RotateTokenAsync(PodView pod, CancellationToken cancellationToken = default) => _pods[pod.Uid].RotateTokenAsync(cancellationToken);

    /// <summary>Ends all processes at once. What went wrong inside the kubelet itself fails here.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (PodRunner pod in _pods.Values)
            pod.Kill();
        foreach (PodRunner pod in _pods.Values)
            await EndedAsync(pod);
        _cluster.Dispose();
        _http.Dispose();
        _ending.Dispose();
        _wake.Dispose();
        Directory.Delete(_folder, recursive: true);
        if (!_failures.IsEmpty)
            throw new AggregateException("the test kubelet failed", _failures);
    }

    private async Task WatchAsync(ResourceType type, Action<ObjectKey> changed)
    {
        Informer<string> informer = new(_cluster, type, new Selection(), o => o.Meta.ResourceVersion, TimeProvider.System, NullLogger.Instance);
        informer.OnChange(c => changed(c.Key));
        try
        {
            await informer.RunAsync(_ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
        }
    }

    private void Tell(ResourceType type, ObjectKey key)
    {
        foreach (PodRunner pod in _pods.Values)
            pod.Changed(type, key);
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
                _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Two at once: it is awake.
        }
    }

    private async Task LoopAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                // The pods first: one whose Deployment is not in the later list has none.
                ObjectPage pods = await _cluster.ListAsync(BuiltIn.Pod, new ListOptions(), _ending.Token);
                ObjectPage deployments = await _cluster.ListAsync(BuiltIn.Deployment, new ListOptions(), _ending.Token);
                await FollowAsync(pods.Items);
                await _deployments.StepAsync(pods.Items, deployments.Items, _ending.Token);
                // Seldom without being woken: for a pod whose runner ended.
                await _wake.WaitAsync(TimeSpan.FromSeconds(2), _ending.Token);
            }
            catch (KubeException e) when (e.IsTransient)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), CancellationToken.None);
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _failures.Enqueue(e);
                return;
            }
        }
    }

    private async Task FollowAsync(IReadOnlyList<KubeObject> pods)
    {
        KubeObject[] ours = [.. pods.Where(p => p.At("spec", "nodeName")?.GetString() == _options.NodeName)];
        foreach (PodRunner gone in _pods.Values.ExceptBy(ours.Select(p => p.Meta.Uid), p => p.Pod.Meta.Uid))
            gone.Kill();
        foreach (PodRunner ended in _pods.Values.Where(p => p.Running.IsCompleted))
            await EndedAsync(ended);
        foreach (KubeObject pod in ours)
        {
            if (!_pods.TryGetValue(pod.Meta.Uid, out PodRunner? runner))
            {
                // One that ended a moment ago may still be in this list.
                if (_ended.Any(e => e.Uid == pod.Meta.Uid))
                    continue;
                string folder = Path.Combine(_folder, pod.Meta.Namespace);
                runner = new PodRunner(_server, _cluster, _options, _addresses, _http, folder, pod);
                runner.Start();
                _pods[pod.Meta.Uid] = runner;
            }

            if (pod.Meta.DeletionTimestamp is not null)
                runner.Terminate();
        }
    }

    private async Task EndedAsync(PodRunner pod)
    {
        try
        {
            await pod.Running;
        }
        catch (Exception e)
        {
            _failures.Enqueue(e);
        }

        PodView last = pod.View;
        _pods.TryRemove(last.Uid, out _);
        _ended.Enqueue(last);
        pod.Dispose();
    }
}
