using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Backends;

/// <summary>Builds <c>notifications/cancelled</c>.</summary>
internal static class Cancellation
{
    /// <summary>A cancellation of the request with this id token.</summary>
    public static byte[] Build(ReadOnlySpan<byte> id, string? reason)
    {
        byte[] text = reason is null
            ? JsonRpc.Join("{\"requestId\":"u8, id, "}"u8)
            : JsonRpc.Join("{\"requestId\":"u8, id, ",\"reason\":"u8, RawJson.Quote(reason), "}"u8);
        return JsonRpc.Notification(Methods.Cancelled, text);
    }
}
