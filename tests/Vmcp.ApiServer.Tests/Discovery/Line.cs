using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Vmcp.ApiServer.Tests.Discovery;

/// <summary>A TCP line to a server on this machine that a test can cut, in the middle of what it carries too.</summary>
internal sealed class Line : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Socket, byte> _open = new();
    private readonly int _target;
    private readonly Task _accepting;
    private int _bytesLeft = -1;

    public Line(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Breaks every connection there is; new ones are carried.</summary>
    public void Cut()
    {
        foreach (Socket socket in _open.Keys)
            Break(socket);
    }

    /// <summary>Breaks each connection once the server has sent so many bytes more, wherever in an event that is.</summary>
    public void CutAfter(int bytes) => Volatile.Write(ref _bytesLeft, bytes);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> carried = [];
        try
        {
            while (true)
                carried.Add(CarryAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The line is no more.
        }

        await Task.WhenAll(carried);
    }

    private async Task CarryAsync(Socket client)
    {
        using Socket near = client;
        using Socket far = new(SocketType.Stream, ProtocolType.Tcp);
        _open[near] = _open[far] = 0;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await Task.WhenAny(CopyAsync(near, far, counted: false), CopyAsync(far, near, counted: true));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Either end is gone.
        }
        finally
        {
            foreach (Socket socket in (Socket[])[near, far])
            {
                _open.TryRemove(socket, out _);
                Break(socket);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool counted)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is var read and > 0)
            {
                int left = counted ? Volatile.Read(ref _bytesLeft) : -1;
                bool cut = left >= 0 && read >= left;
                await to.SendAsync(buffer.AsMemory(0, cut ? left : read), _end.Token);
                if (cut)
                {
                    Volatile.Write(ref _bytesLeft, -1);
                    Cut();
                    return;
                }

                if (left >= 0)
                    Volatile.Write(ref _bytesLeft, left - read);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Either end is gone.
        }
    }

    private static void Break(Socket socket)
    {
        try
        {
            // A reset, as a machine that vanished and came back sends.
            socket.Close(0);
        }
        catch (SocketException)
        {
            // It was broken already.
        }
    }
}
