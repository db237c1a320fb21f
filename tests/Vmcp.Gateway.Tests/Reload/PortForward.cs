using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Vmcp.Gateway.Tests.Reload;

/// <summary>Lends a server a second port on loopback.</summary>
public sealed class PortForward(int target) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _work = [];
    private TcpListener? _listener;

    /// <summary>Starts to accept; waits until the port is free.</summary>
    public async Task ListenAsync(int port)
    {
        await Vmcp.TestKit.Eventually.BecomesAsync(
            () =>
            {
                TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                _listener = listener;
                return true;
            },
            "the port is free");
        _work.Add(AcceptAsync(_listener!));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Dispose();
        await Task.WhenAll(_work);
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _work.Add(CarryAsync(await listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using TcpClient near = client;
        using TcpClient far = new();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, target, _stop.Token);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            Task there = near.GetStream().CopyToAsync(far.GetStream(), end.Token);
            Task back = far.GetStream().CopyToAsync(near.GetStream(), end.Token);
            await Task.WhenAny(there, back);
            await end.CancelAsync();
            await Task.WhenAll(there, back);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // Either end left.
        }
    }
}
