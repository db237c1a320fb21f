using System.Net;
using System.Net.Sockets;

namespace Vmcp.Bench.Running;

/// <summary>Free loopback ports, chosen by the system.</summary>
internal static class Ports
{
    /// <summary>A port nobody listens on now.</summary>
    public static int Next()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
