using System.Buffers;

using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>Turns a backend's answer into one of the client's era. Members the era does not know are left alone.</summary>
internal static class ResultBridge
{
    /// <summary>
    /// A Legacy backend's answer for a Modern client: <c>resultType</c>, cache hints, a <c>serverInfo</c> and the error codes of
    /// 2026-07-28.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="call">The call.</param>
    /// <param name="serverInfo">Our name as JSON.</param>
    public static ReadOnlyMemory<byte> ToModern(BackendMessage answer, RoutedCall call, ReadOnlySpan<byte> serverInfo)
    {
        if (!answer.Error.IsEmpty)
            return WithCode(answer, call, JsonRpcCodes.ResourceNotFound, JsonRpcCodes.InvalidParams);
        ReadOnlySpan<byte> result = answer.Result.Span;
        if (!RawJson.IsObject(result) || RawJson.Find(result, "resultType"u8).End.Value > 0)
            return answer.WithId(call.Id.Span);
        ReadOnlySpan<byte> meta = result[RawJson.Find(result, "_meta"u8)];
        byte[] info = JsonRpc.Join("\"io.modelcontextprotocol/serverInfo\":"u8, serverInfo, default);
        byte[] named = RawJson.IsObject(meta)
            ? RawJson.Rebuild(meta, static (ref RawMembers m) => m.NameIs("io.modelcontextprotocol/serverInfo"u8), info)
            : JsonRpc.Join("{"u8, info, "}"u8);
        return Rebuilt(
            call, result, static (ref RawMembers m) => m.NameIs("_meta"u8), JsonRpc.Join(Stamp(call.Envelope.Method), ",\"_meta\":"u8, named));
    }

    /// <summary>A Modern backend's answer for a Legacy client.</summary>
    public static ReadOnlyMemory<byte> ToLegacy(BackendMessage answer, RoutedCall call)
    {
        if (!answer.Error.IsEmpty)
        {
            if (call.Envelope.Method == Methods.ToolsCall && answer.ErrorCode == JsonRpcCodes.MissingClientCapability)
                return JsonRpc.Result(call.Id.Span, JsonRpc.ToolError($"The tool needs a client capability this client did not declare."));
            return call.Envelope.Method == Methods.ResourcesRead
                ? WithCode(answer, call, JsonRpcCodes.InvalidParams, JsonRpcCodes.ResourceNotFound)
                : answer.WithId(call.Id.Span);
        }

        ReadOnlySpan<byte> result = answer.Result.Span;
        if (!RawJson.IsObject(result) || RawJson.Find(result, "resultType"u8).End.Value == 0)
            return answer.WithId(call.Id.Span);
        return Rebuilt(call, result, static (ref RawMembers m) => IsModernMember(ref m), default);
    }

    /// <summary>The members every Modern result has, as ready text.</summary>
    public static ReadOnlySpan<byte> Stamp(string method) => method == Methods.ResourcesRead
        ? "\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\""u8
        : "\"resultType\":\"complete\""u8;

    /// <summary>The HTTP status a Modern client expects with an error code (MCP 2026-07-28, status codes).</summary>
    public static int StatusOf(int errorCode) => errorCode switch
    {
        JsonRpcCodes.MethodNotFound => 404,
        JsonRpcCodes.HeaderMismatch or JsonRpcCodes.MissingClientCapability or JsonRpcCodes.UnsupportedVersion => 400,
        _ => 200,
    };

    // Written once, where it is sent from. With the request's (RequestRewriter.Build), 1 MB, 16 clients: resident 417 → 223 MB, Legacy to Modern 11.1 → 6.3 ms of
    // CPU a call.
    private static ReadOnlyMemory<byte> Rebuilt(RoutedCall call, ReadOnlySpan<byte> result, MemberFilter drop, ReadOnlySpan<byte> append)
    {
        ArrayBufferWriter<byte> output = new(result.Length + append.Length + call.Id.Length + 64);
        output.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        output.Write(call.Id.Span);
        output.Write(",\"result\":"u8);
        RawJson.Rebuild(output, result, drop, append);
        output.Write("}"u8);
        return output.WrittenMemory;
    }

    private static bool IsModernMember(ref RawMembers members) =>
        members.NameIs("resultType"u8) || members.NameIs("ttlMs"u8) || members.NameIs("cacheScope"u8);

    private static ReadOnlyMemory<byte> WithCode(BackendMessage answer, RoutedCall call, int from, int to)
    {
        if (answer.ErrorCode != from)
            return answer.WithId(call.Id.Span);
        ReadOnlySpan<byte> error = answer.Error.Span;
        Range code = RawJson.Find(error, "code"u8);
        byte[] changed = RawJson.Splice(error, code.Start.Value, code.End.Value, System.Text.Encoding.ASCII.GetBytes(to.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return JsonRpc.Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, call.Id.Span, ",\"error\":"u8, changed, "}"u8);
    }
}
