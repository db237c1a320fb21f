using System.Net;
using System.Net.Sockets;

namespace Vmcp.Allocations.Tests;

/// <summary>How a backend speaks.</summary>
internal enum Speech
{
    /// <summary>2025-11-25, calls answered as JSON.</summary>
    LegacyJson,

    /// <summary>2025-11-25, calls answered as event streams.</summary>
    LegacyEvents,

    /// <summary>2026-07-28.</summary>
    Modern,
}

/// <summary>
/// An MCP server with one tool, <c>echo</c>, that allocates nothing once its connections are open: blocking sockets on threads of their own, ready bytes.
/// </summary>
internal sealed class QuietBackend : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Speech _speech;

    public QuietBackend(Speech speech)
    {
        _speech = speech;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/mcp");
        Run(Accept);
    }

    public Uri Url { get; }

    public void Dispose() => _listener.Dispose();

    private static void Run(Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side, or the test, is done.
        }
    })
    { IsBackground = true }.Start();

    private void Accept()
    {
        while (true)
        {
            Socket connection = _listener.Accept();
            connection.NoDelay = true;
            Run(() => Serve(connection));
        }
    }

    private void Serve(Socket connection)
    {
        using Socket open = connection;
        byte[] request = new byte[64 * 1024], response = new byte[64 * 1024];
        int received = 0;
        while (connection.Receive(request.AsSpan(received)) is > 0 and var read)
        {
            received += read;
            if (Bytes.MessageLength(request.AsSpan(0, received)) == 0)
                continue;
            int length = Answer(request.AsSpan(0, received), response);
            received = 0;
            Pause.Take();
            for (int sent = 0; sent < length;)
                sent += connection.Send(response.AsSpan(sent, length - sent));
        }
    }

    private int Answer(ReadOnlySpan<byte> request, Span<byte> response)
    {
        Writer to = new(response);
        ReadOnlySpan<byte> id = Bytes.Id(request);
        if (!request.StartsWith("POST"u8))
            return to.Put("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n"u8).Length;
        if (id.IsEmpty)
            return to.Put("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"u8).Length;
        bool isCall = request.IndexOf("\"tools/call\""u8) >= 0;
        ReadOnlySpan<byte> result = isCall ? "\"content\":[{\"type\":\"text\",\"text\":\"hello world\"}]}}"u8 : OtherResult(request);
        if (result.IsEmpty)
        {
            to.Put(_speech == Speech.Modern ? "HTTP/1.1 404 Not Found"u8 : "HTTP/1.1 200 OK"u8).Put("\r\nContent-Type: application/json\r\n"u8);
            return to.Body("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}"u8, default).Length;
        }

        ReadOnlySpan<byte> open = _speech == Speech.Modern ? ",\"result\":{\"resultType\":\"complete\","u8 : ",\"result\":{"u8;
        to.Put("HTTP/1.1 200 OK\r\n"u8);
        if (isCall && _speech == Speech.LegacyEvents)
        {
            to.Put("Content-Type: text/event-stream\r\n"u8);
            return to.Chunk("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":"u8, id, open, result, "\n\n"u8).Length;
        }

        if (_speech != Speech.Modern && !isCall)
            to.Put("Mcp-Session-Id: quiet\r\n"u8);
        return to.Put("Content-Type: application/json\r\n"u8).Body("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, open, result).Length;
    }

    private ReadOnlySpan<byte> OtherResult(ReadOnlySpan<byte> request)
    {
        if (request.IndexOf("\"tools/list\""u8) >= 0)
            return "\"tools\":[{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\"}}}}]}}"u8;
        if (_speech == Speech.Modern)
        {
            return request.IndexOf("\"server/discover\""u8) >= 0
                ? "\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}}}"u8
                : default;
        }

        return request.IndexOf("\"initialize\""u8) >= 0
            ? "\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"echo\",\"version\":\"1\"}}}"u8
            : default;
    }

    /// <summary>Writes into the one buffer of a connection.</summary>
    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Length { get; private set; }

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref Writer Put(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_buffer[Length..]);
            Length += bytes.Length;
            return ref this;
        }

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref Writer Body(scoped ReadOnlySpan<byte> a, scoped ReadOnlySpan<byte> b, scoped ReadOnlySpan<byte> c, scoped ReadOnlySpan<byte> d)
        {
            Put("Content-Length: "u8);
            (a.Length + b.Length + c.Length + d.Length).TryFormat(_buffer[Length..], out int digits);
            Length += digits;
            return ref Put("\r\n\r\n"u8).Put(a).Put(b).Put(c).Put(d);
        }

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref Writer Chunk(scoped ReadOnlySpan<byte> a, scoped ReadOnlySpan<byte> b, scoped ReadOnlySpan<byte> c, scoped ReadOnlySpan<byte> d, scoped ReadOnlySpan<byte> e)
        {
            Put("Transfer-Encoding: chunked\r\n\r\n"u8);
            (a.Length + b.Length + c.Length + d.Length + e.Length).TryFormat(_buffer[Length..], out int digits, "x");
            Length += digits;
            return ref Put("\r\n"u8).Put(a).Put(b).Put(c).Put(d).Put(e).Put("\r\n0\r\n\r\n"u8);
        }
    }
}
