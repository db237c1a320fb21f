using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>HTTP/1.1 byte by byte, for requests that no client library agrees to send.</summary>
public static class RawHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Writes the bytes on a connection of their own and reads one answer.</summary>
    /// <param name="server">Where to connect.</param>
    /// <param name="request">All bytes of the request.</param>
    /// <param name="leaves">Whether the client says that nothing more will come; the server may then give the request up.</param>
    /// <returns>The answer; status 0 when the server closed the connection without one.</returns>
    public static async Task<RawAnswer> SendAsync(Uri server, byte[] request, bool leaves = false)
    {
        using CancellationTokenSource patience = new(Patience);
        using TcpClient client = new();
        await client.ConnectAsync(server.Host, server.Port, patience.Token);
        NetworkStream stream = client.GetStream();
        using MemoryStream received = new();
        try
        {
            await stream.WriteAsync(request, patience.Token);
            if (leaves)
                client.Client.Shutdown(SocketShutdown.Send);
            byte[] buffer = new byte[16384];
            while (!IsComplete(received) && await stream.ReadAsync(buffer, patience.Token) is var read and > 0)
                received.Write(buffer, 0, read);
        }
        catch (IOException)
        {
            // reset: what came so far is the answer
        }

        string text = Encoding.UTF8.GetString(received.ToArray());
        int status = text.StartsWith("HTTP/1.", StringComparison.Ordinal) ? int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0;
        return new RawAnswer(status, text);
    }

    /// <summary>A request of header lines and a body; the lines stand exactly as given.</summary>
    public static byte[] Compose(string verb, string target, IEnumerable<string> lines, byte[]? body = null, string version = "HTTP/1.1")
    {
        StringBuilder head = new StringBuilder(verb).Append(' ').Append(target).Append(' ').Append(version).Append("\r\n");
        foreach (string line in lines)
            head.Append(line).Append("\r\n");
        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body ?? []];
    }

    // An event stream may never end: its head is answer enough.
    private static bool IsComplete(MemoryStream received)
    {
        string text = Encoding.Latin1.GetString(received.GetBuffer(), 0, (int)received.Length);
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        string head = text[..end];
        int length = head.IndexOf("\r\nContent-Length:", StringComparison.OrdinalIgnoreCase);
        if (length >= 0)
            return text.Length >= end + 4 + int.Parse(head[(length + 17)..].Split("\r\n")[0], CultureInfo.InvariantCulture);
        return text.EndsWith("0\r\n\r\n", StringComparison.Ordinal) || head.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>What came back.</summary>
/// <param name="Status">The status; 0 for none.</param>
/// <param name="Text">All of it, head and body.</param>
public sealed record RawAnswer(int Status, string Text);
