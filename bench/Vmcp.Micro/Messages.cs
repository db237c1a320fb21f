using System.Text;

using Vmcp.Protocol.Json;

namespace Vmcp.Micro;

/// <summary>The messages that are measured.</summary>
internal static class Messages
{
    /// <summary>A Legacy call whose whole text has about so many bytes.</summary>
    public static byte[] LegacyCall(int size = 200, string tool = "b0_echo0") => Call(size, tool, "");

    /// <summary>A Modern call whose whole text has about so many bytes.</summary>
    public static byte[] ModernCall(int size = 400, string tool = "b0_echo0") => Call(
        size, tool,
        ",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"micro\",\"version\":\"1\"},"
        + "\"io.modelcontextprotocol/clientCapabilities\":{}}");

    /// <summary>The answer to such a call.</summary>
    public static byte[] Answer(int size = 200) => Encoding.UTF8.GetBytes(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"" + new string('x', size) + "\"}]}}");

    /// <summary>A scanned message.</summary>
    public static Envelope Scan(byte[] message) => EnvelopeScanner.Scan(message, out _) ?? throw new InvalidOperationException("not a message");

    private static byte[] Call(int size, string tool, string meta)
    {
        string head = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool + "\",\"arguments\":{\"message\":\"";
        string tail = "\"}" + meta + "}}";
        return Encoding.UTF8.GetBytes(head + new string('x', Math.Max(0, size - head.Length - tail.Length)) + tail);
    }
}
