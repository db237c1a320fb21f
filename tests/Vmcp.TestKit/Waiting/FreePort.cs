using System.Net;
using System.Net.Sockets;

namespace Vmcp.TestKit;

/// <summary>
/// A loopback port that is bound but not listened on: connecting to it is refused, and the system hands it to nobody else until disposal.
/// </summary>
public sealed class FreePort : IDisposable
{
    private readonly Socket _socket;

    private FreePort(Socket socket) => _socket = socket;

    /// <summary>The port number.</summary>
    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Reserves <paramref name="port"/>, or one the system chooses.</summary>
    public static FreePort Reserve(int port = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new FreePort(socket);
    }

    /// <summary>
    /// Reserves a port that was listened on until now. A connection of any process may have been given it as its own end in the moment
    /// between; it is waited for then.
    /// </summary>
    public static async Task<FreePort> TakeBackAsync(int port)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Reserve(port);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 600)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    /// <summary>A port that was free a moment ago; for processes that must be told their port.</summary>
    public static int Find()
    {
        using FreePort port = Reserve();
        return port.Number;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
