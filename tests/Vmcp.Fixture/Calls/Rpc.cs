using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>JSON-RPC messages.</summary>
internal static class Rpc
{
    public static JsonObject Request(long id, string method, JsonObject parameters) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters };

    public static JsonObject Notification(string method, JsonObject parameters) =>
        new() { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters };

    public static JsonObject Result(JsonNode id, JsonObject result) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone(), ["result"] = result };

    public static JsonObject Error(JsonNode? id, RpcException error) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = id?.DeepClone(), ["error"] = error.ToError() };

    public static string? Text(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
