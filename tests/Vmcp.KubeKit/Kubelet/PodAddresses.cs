using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>Loopback addresses for pods: with one of its own each pod has all ports, whatever other pods and other test runs do.</summary>
internal sealed class PodAddresses
{
    private readonly ConcurrentDictionary<IPAddress, byte> _taken = new();

    /// <summary>An address on which these ports are free.</summary>
    public IPAddress Take(IReadOnlyList<int> ports)
    {
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            IPAddress address = new([127, (byte)Random.Shared.Next(2, 255), (byte)Random.Shared.Next(0, 255), (byte)Random.Shared.Next(1, 255)]);
            if (!_taken.TryAdd(address, 0))
                continue;
            if (ports.All(port => IsFree(address, port)))
                return address;
            Release(address);
        }

        throw new InvalidOperationException("no loopback address is free");
    }

    public void Release(IPAddress address) => _taken.TryRemove(address, out _);

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
