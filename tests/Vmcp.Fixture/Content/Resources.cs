using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>The resources and the one template.</summary>
internal static class Resources
{
    public const string Watched = "test://watched-resource";

    private const string TemplateStart = "test://template/";
    private const string TemplateEnd = "/data";

    public static JsonArray List(Changes changes) =>
    [
        Listed("test://static-text", "Static text", "A text that never changes", "text/plain"),
        Listed("test://static-binary", "Static image", "One red pixel", "image/png"),
        Listed(Watched, "Watched resource", $"The list changed {changes.Revision(Change.Resources)} times", "text/plain"),
    ];

    public static JsonArray Templates() =>
    [
        new JsonObject
        {
            ["uriTemplate"] = $"{TemplateStart}{{id}}{TemplateEnd}",
            ["name"] = "Data by id",
            ["description"] = "Puts the id into its content",
            ["mimeType"] = "application/json",
        },
    ];

    public static JsonObject Read(string uri, Caller caller, Changes changes)
    {
        switch (uri)
        {
            case "test://static-text":
                return Text(uri, "text/plain", "This is the content of the static text resource.");
            case "test://static-binary":
                return Contents(new JsonObject { ["uri"] = uri, ["mimeType"] = "image/png", ["blob"] = Blocks.Png });
            case Watched:
                return Text(uri, "text/plain", $"Updated {changes.Revision(Change.ResourceUpdated)} times");
        }

        if (uri.StartsWith(TemplateStart, StringComparison.Ordinal) && uri.EndsWith(TemplateEnd, StringComparison.Ordinal)
            && uri.Length > TemplateStart.Length + TemplateEnd.Length)
        {
            string id = uri[TemplateStart.Length..^TemplateEnd.Length];
            JsonObject data = new() { ["id"] = id, ["templateTest"] = true, ["data"] = $"Data for ID: {id}" };
            return Text(uri, "application/json", data.ToJsonString());
        }

        int code = caller.IsModern ? RpcException.InvalidParams : RpcException.LegacyResourceNotFound;
        throw new RpcException(code, "Resource not found", new JsonObject { ["uri"] = uri });
    }

    private static JsonObject Listed(string uri, string name, string description, string mimeType) =>
        new() { ["uri"] = uri, ["name"] = name, ["description"] = description, ["mimeType"] = mimeType };

    private static JsonObject Text(string uri, string mimeType, string text) =>
        Contents(new JsonObject { ["uri"] = uri, ["mimeType"] = mimeType, ["text"] = text });

    private static JsonObject Contents(JsonObject content) => new() { ["contents"] = new JsonArray(content) };
}
