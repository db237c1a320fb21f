using System.Buffers;
using System.Text;

namespace Vmcp.Protocol.Sse;

/// <summary>Writes server-sent events.</summary>
public static class SseFrame
{
    /// <summary>A comment that keeps the connection alive.</summary>
    public static ReadOnlySpan<byte> Ping => ": ping\n\n"u8;

    /// <summary>Writes one <c>message</c> event.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="json">The message; line breaks in it become several data lines.</param>
    /// <param name="id">The event id, or null for none.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> json, string? id)
    {
        if (id is not null)
        {
            output.Write("id: "u8);
            Encoding.ASCII.GetBytes(id, output);
            output.Write("\n"u8);
        }

        output.Write("event: message\n"u8);
        while (true)
        {
            int end = json.IndexOfAny((byte)'\n', (byte)'\r');
            output.Write("data: "u8);
            output.Write(end < 0 ? json : json[..end]);
            output.Write("\n"u8);
            if (end < 0)
                break;
            json = json[(end + 1)..];
        }

        output.Write("\n"u8);
    }
}
