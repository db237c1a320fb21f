using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>JSON-RPC batches, which only 2025-03-26 knows.</summary>
internal static class RpcBatch
{
    /// <summary>The JSON value; undefined when the bytes aren't JSON.</summary>
    public static JsonElement TryParse(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
