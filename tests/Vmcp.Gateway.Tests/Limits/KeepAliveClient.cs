using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Vmcp.Gateway.Tests.Limits;

/// <summary>
/// HTTP/1.1 over one connection, with none of the kindness of a real client: a connection that ends without having said so is an error, and
/// nothing is ever sent twice.
/// </summary>
/// <param name="choose">The endpoint of a new connection.</param>
public sealed class KeepAliveClient(Func<IPEndPoint> choose) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;
    private int _length;

    /// <summary>Where the open connection leads; null when the next request opens one.</summary>
    public IPEndPoint? At { get; private set; }

    /// <summary>Connections opened.</summary>
    public int Connections { get; private set; }

    /// <summary>Sends a JSON-RPC request and reads its JSON answer.</summary>
    public async Task<(int Status, JsonElement Body)> PostAsync(string json, params (string Name, string Value)[] headers)
    {
        if (_socket is null)
        {
            At = choose();
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await _socket.ConnectAsync(At);
            Connections++;
        }

        byte[] body = Encoding.UTF8.GetBytes(json);
        StringBuilder head = new("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n");
        foreach ((string name, string value) in headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n");
        await _socket.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head.ToString()), .. body]);
        return await ReadAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private async Task<(int Status, JsonElement Body)> ReadAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
            await MoreAsync();
        string[] lines = Encoding.ASCII.GetString(_buffer, 0, end).Split("\r\n");
        int status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        string? Header(string name) => lines.Skip(1).Where(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(l => l[(name.Length + 1)..].Trim()).FirstOrDefault();
        int length = int.Parse(Header("Content-Length") ?? throw new InvalidDataException("no length: " + string.Join('|', lines)), CultureInfo.InvariantCulture);
        while (_length < end + 4 + length)
            await MoreAsync();
        byte[] body = _buffer.AsSpan(end + 4, length).ToArray();
        _length = 0;
        if (Header("Connection") == "close")
        {
            _socket!.Dispose();
            (_socket, At) = (null, null);
        }

        return (status, length == 0 ? default : JsonDocument.Parse(body).RootElement);
    }

    private async Task MoreAsync()
    {
        int read = await _socket!.ReceiveAsync(_buffer.AsMemory(_length));
        if (read == 0)
            throw new IOException("The connection was closed while an answer was due.");
        _length += read;
    }
}
