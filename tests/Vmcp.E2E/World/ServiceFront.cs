using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Polling;

namespace Vmcp.E2E.World;

/// <summary>
/// Plays a Service: new connections go to the ready pods in turn, as they are in the API server; a connection stays with its pod until one of
/// both ends closes it, also when the pod is not an endpoint any more.
/// </summary>
internal sealed class ServiceFront : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly Informer<IPAddress> _pods;
    private ImmutableArray<IPAddress> _endpoints = [];
    private Task _running = Task.CompletedTask;
    private int _turn;
    private int _fewest = int.MaxValue;

    private ServiceFront(Space space, string server)
    {
        Selection selection = new() { Namespace = space.Name, LabelSelector = $"toolhive-name={server}" };
        _pods = new Informer<IPAddress>(space.Cluster.Admin, BuiltIn.Pod, selection, Endpoint, TimeProvider.System, NullLogger.Instance);
        _pods.OnChange(_ => Take());
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/mcp");

    /// <summary>The smallest number of endpoints there ever was since the first look.</summary>
    public int FewestEndpoints => Volatile.Read(ref _fewest);

    /// <summary>Connections for which there was no pod, or whose pod refused them.</summary>
    public IReadOnlyList<string> Troubles => [.. _troubles];

    public static async Task<ServiceFront> StartAsync(Space space, string server)
    {
        ServiceFront front = new(space, server);
        Task informing = front._pods.RunAsync(front._ending.Token);
        await front._pods.WhenSyncedAsync(CancellationToken.None);
        front._running = Task.WhenAll(informing, front.AcceptAsync());
        return front;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    // As the endpoint controller: ready, and not on its way out.
    private static IPAddress Endpoint(KubeObject pod) =>
        pod.Meta.DeletionTimestamp is null && PodTarget.IsReady(pod) && pod.At("status", "podIP")?.GetString() is { } address ? IPAddress.Parse(address) : IPAddress.None;

    private void Take()
    {
        _endpoints = [.. _pods.Snapshot.OrderBy(p => p.Key).Select(p => p.Value).Where(a => !a.Equals(IPAddress.None))];
        if (_pods.Synced)
            _fewest = Math.Min(_fewest, _endpoints.Length);
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(_ending.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException && _ending.IsCancellationRequested)
            {
                return;
            }

            Task serving = ServeAsync(client);
            _connections[serving] = 0;
            _ = serving.ContinueWith(t => _connections.TryRemove(t, out _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using Socket near = client;
        near.NoDelay = true;
        ImmutableArray<IPAddress> endpoints = _endpoints;
        if (endpoints.IsEmpty)
        {
            _troubles.Enqueue("a connection found no endpoint");
            return;
        }

        IPAddress pod = endpoints[(int)((uint)Interlocked.Increment(ref _turn) % (uint)endpoints.Length)];
        using Socket far = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await far.ConnectAsync(new IPEndPoint(pod, 4483), _ending.Token);
        }
        catch (SocketException e)
        {
            _troubles.Enqueue($"pod at {pod} refused a connection: {e.SocketErrorCode}");
            return;
        }

        await Task.WhenAll(PumpAsync(near, far), PumpAsync(far, near));
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _ending.Token)) > 0)
                await to.SendAsync(buffer.AsMemory(0, read), _ending.Token);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A reset of one end is one for the other.
            from.Close(0);
            to.Close(0);
        }
    }
}
