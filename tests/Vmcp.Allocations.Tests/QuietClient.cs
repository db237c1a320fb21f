using System.Net.Sockets;
using System.Text;

namespace Vmcp.Allocations.Tests;

/// <summary>A client of one connection that allocates nothing while it calls: a blocking socket on the thread of the caller, one buffer, ready bytes.</summary>
internal sealed class QuietClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly string _host;

    public QuietClient(Uri url)
    {
        _host = url.Authority;
        _socket.Connect(url.Host, url.Port);
    }

    /// <summary>A POST of a message, ready to be sent many times.</summary>
    /// <param name="json">The message.</param>
    /// <param name="headers">Lines of further headers, each with its end.</param>
    public byte[] Request(string json, string headers) => Encoding.UTF8.GetBytes(
        $"POST /mcp HTTP/1.1\r\nHost: {_host}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{headers}"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    /// <summary>Sends a request; the response stands in the client's buffer until the next call.</summary>
    public ReadOnlySpan<byte> Send(ReadOnlySpan<byte> request)
    {
        Pause.Take();
        while (!request.IsEmpty)
            request = request[_socket.Send(request)..];
        int received = 0;
        while (true)
        {
            int read = _socket.Receive(_buffer.AsSpan(received));
            if (read == 0)
                throw new IOException("The gateway closed the connection.");
            received += read;
            if (Bytes.MessageLength(_buffer.AsSpan(0, received)) is > 0 and var length)
                return _buffer.AsSpan(0, length);
        }
    }

    public void Dispose() => _socket.Dispose();
}
