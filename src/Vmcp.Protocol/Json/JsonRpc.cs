using System.Buffers;
using System.Text.Json;

namespace Vmcp.Protocol.Json;

/// <summary>Builds JSON-RPC messages as bytes.</summary>
public static class JsonRpc
{
    /// <summary>A success answer; <paramref name="result"/> is a ready JSON value.</summary>
    public static byte[] Result(ReadOnlySpan<byte> id, ReadOnlySpan<byte> result) =>
        Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, ",\"result\":"u8, result, "}"u8);

    /// <summary>An error answer. An empty id leaves the member out (the id could not be read).</summary>
    public static byte[] Error(ReadOnlySpan<byte> id, int code, string message, ReadOnlySpan<byte> data = default)
    {
        ArrayBufferWriter<byte> buffer = new(128);
        using Utf8JsonWriter writer = new(buffer, JsonText.Relaxed);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        if (!id.IsEmpty)
        {
            writer.WritePropertyName("id"u8);
            writer.WriteRawValue(id);
        }

        writer.WriteStartObject("error"u8);
        writer.WriteNumber("code"u8, code);
        writer.WriteString("message"u8, message);
        if (!data.IsEmpty)
        {
            writer.WritePropertyName("data"u8);
            writer.WriteRawValue(data);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A request; <paramref name="parameters"/> is a ready object or empty for none.</summary>
    public static byte[] Request(ReadOnlySpan<byte> id, string method, ReadOnlySpan<byte> parameters)
    {
        ReadOnlySpan<byte> name = RawJson.Quote(method);
        return parameters.IsEmpty
            ? Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, ",\"method\":"u8, name, "}"u8)
            : Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, ",\"method\":"u8, name, ",\"params\":"u8, parameters, "}"u8);
    }

    /// <summary>The params that name one resource, as subscriptions have them.</summary>
    public static byte[] UriParams(string uri) => Join("{\"uri\":"u8, RawJson.Quote(uri), "}"u8);

    /// <summary>A notification; <paramref name="parameters"/> is a ready object or empty for none.</summary>
    public static byte[] Notification(string method, ReadOnlySpan<byte> parameters = default)
    {
        ReadOnlySpan<byte> name = RawJson.Quote(method);
        return parameters.IsEmpty
            ? Join("{\"jsonrpc\":\"2.0\",\"method\":"u8, name, "}"u8)
            : Join("{\"jsonrpc\":\"2.0\",\"method\":"u8, name, ",\"params\":"u8, parameters, "}"u8);
    }

    /// <summary>A tool result that reports a failure to the model (MCP: errors inside a tool are results).</summary>
    public static byte[] ToolError(string text) =>
        Join("{\"content\":[{\"type\":\"text\",\"text\":"u8, RawJson.Quote(text), "}],\"isError\":true}"u8);

    /// <summary>A scanned message with another id; every other byte stays.</summary>
    public static byte[] WithId(Envelope envelope, ReadOnlySpan<byte> id) =>
        RawJson.Splice(envelope.Body.Span, envelope.Id.Start.Value, envelope.Id.End.Value, id);

    /// <summary>Joins pieces of text.</summary>
    public static byte[] Join(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d = default,
        ReadOnlySpan<byte> e = default, ReadOnlySpan<byte> f = default, ReadOnlySpan<byte> g = default)
    {
        byte[] result = new byte[a.Length + b.Length + c.Length + d.Length + e.Length + f.Length + g.Length];
        Span<byte> rest = result;
        Put(a, ref rest);
        Put(b, ref rest);
        Put(c, ref rest);
        Put(d, ref rest);
        Put(e, ref rest);
        Put(f, ref rest);
        Put(g, ref rest);
        return result;
    }

    private static void Put(ReadOnlySpan<byte> part, ref Span<byte> rest)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }
}
