using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Content;

/// <summary>Content blocks and the smallest media that are valid.</summary>
internal static class Blocks
{
    /// <summary>One red pixel.</summary>
    public const string Png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

    /// <summary>A header and no samples.</summary>
    public const string Wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

    /// <summary>The name a user gave: under the form's own field, or under the one the suite always fills in.</summary>
    public static string? NameIn(JsonObject answer) => ((answer["content"]?["user_name"] ?? answer["content"]?["name"]) as JsonValue)?.ToString();

    public static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };

    public static JsonObject Image() => new() { ["type"] = "image", ["data"] = Png, ["mimeType"] = "image/png" };

    public static JsonObject Audio() => new() { ["type"] = "audio", ["data"] = Wav, ["mimeType"] = "audio/wav" };

    public static JsonObject Resource(string uri, string mimeType, string text) => new()
    {
        ["type"] = "resource",
        ["resource"] = new JsonObject { ["uri"] = uri, ["mimeType"] = mimeType, ["text"] = text },
    };

    /// <summary>A tool result of these blocks.</summary>
    public static JsonObject Result(params JsonObject[] blocks) => new() { ["content"] = new JsonArray([.. blocks]) };

    /// <summary>A tool result of one text.</summary>
    public static JsonObject Say(string text) => Result(Text(text));

    /// <summary>A tool result that says what went wrong inside the tool.</summary>
    public static JsonObject Failure(string text)
    {
        JsonObject result = Say(text);
        result["isError"] = true;
        return result;
    }
}
