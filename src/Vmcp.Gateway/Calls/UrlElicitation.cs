using System.Buffers;
using System.Text.Json;

using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// A Legacy backend that first wants its user to open a URL says so by error −32042 (MCP 2025-11-25). A Modern client gets
/// the same wish as <c>input_required</c>; its retry is a new call, as the backend expects it.
/// </summary>
internal static class UrlElicitation
{
    /// <summary>The error's code.</summary>
    public const int ErrorCode = -32042;

    /// <summary>The client's answer, or null when the error is malformed and is to be passed on as it is.</summary>
    public static byte[]? Answer(BackendMessage error, RoutedCall call, ClientCapabilities capabilities, out int status)
    {
        status = 200;
        ReadOnlySpan<byte> data = error.Error.Span[RawJson.Find(error.Error.Span, "data"u8)];
        ReadOnlySpan<byte> list = data[RawJson.Find(data, "elicitations"u8)];
        if (list.IsEmpty || list[0] != '[')
            return null;
        if (!capabilities.ElicitationUrl)
        {
            status = 400;
            return JsonRpc.Error(
                call.Id.Span, JsonRpcCodes.MissingClientCapability, "The tool needs elicitation by URL, which this request does not declare.",
                """{"requiredCapabilities":{"elicitation":{"url":{}}}}"""u8);
        }

        ArrayBufferWriter<byte> output = new(256);
        output.Write("{\"resultType\":\"input_required\",\"inputRequests\":{"u8);
        Utf8JsonReader reader = new(list);
        int count = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.StartObject || reader.CurrentDepth != 1)
                continue;
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (count > 0)
                output.Write(","u8);
            output.Write(RawJson.Quote($"url_{++count}"));
            output.Write(":{\"method\":\"elicitation/create\",\"params\":"u8);
            RawJson.Rebuild(output, list[start..(int)reader.BytesConsumed], static (ref RawMembers m) => m.NameIs("elicitationId"u8), default);
            output.Write("}"u8);
        }

        output.Write("}}"u8);
        return count == 0 ? null : JsonRpc.Result(call.Id.Span, output.WrittenSpan);
    }
}
