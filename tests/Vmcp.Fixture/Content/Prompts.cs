using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>The prompts and their completion.</summary>
internal static class Prompts
{
    public static JsonArray List(Changes changes) =>
    [
        Listed("test_simple_prompt", "A prompt without arguments"),
        Listed("test_prompt_with_arguments", "A prompt with two arguments", "arg1", "arg2"),
        Listed("test_prompt_with_embedded_resource", "A prompt that embeds a resource", "resourceUri"),
        Listed("test_prompt_with_image", "A prompt with an image"),
        Listed("test_input_required_result_prompt", "A prompt that asks the user first"),
        Listed("test_changing_prompt", $"Changed {changes.Revision(Change.Prompts)} times"),
    ];

    public static async Task<JsonObject> GetAsync(string? name, JsonObject arguments, Caller caller)
    {
        string Argument(string key) => arguments[key].Text() ?? throw RpcException.BadParams($"Missing argument {key}");

        switch (name)
        {
            case "test_simple_prompt":
                return Messages(Blocks.Text("This is a simple prompt for testing."));
            case "test_changing_prompt":
                return Messages(Blocks.Text("Still the same prompt."));
            case "test_prompt_with_arguments":
                return Messages(Blocks.Text($"Prompt with arguments: arg1='{Argument("arg1")}', arg2='{Argument("arg2")}'"));
            case "test_prompt_with_embedded_resource":
                return Messages(
                    Blocks.Resource(Argument("resourceUri"), "text/plain", "Embedded resource content for testing."),
                    Blocks.Text("Please process the embedded resource above."));
            case "test_prompt_with_image":
                return Messages(Blocks.Image(), Blocks.Text("Please analyze the image above."));
            case "test_input_required_result_prompt":
                JsonObject answer = await caller.AskAsync(
                    Asks.Elicit("user_context", "What context should the prompt use?", Schemas.AskContext));
                return Messages(Blocks.Text($"Use this context: {answer["content"]?["context"].Text()}"));
            default:
                throw RpcException.BadParams($"Unknown prompt: {name}");
        }
    }

    public static JsonObject Complete(JsonObject parameters)
    {
        string typed = parameters["argument"]?["value"].Text() ?? "";
        string[] words = ["paris", "park", "party", "testValue1", "testValue2"];
        string[] fitting = [.. words.Where(word => word.StartsWith(typed, StringComparison.Ordinal))];
        return new JsonObject
        {
            ["completion"] = new JsonObject
            {
                ["values"] = new JsonArray([.. fitting.Select(word => JsonValue.Create(word))]),
                ["total"] = fitting.Length,
                ["hasMore"] = false,
            },
        };
    }

    private static JsonObject Listed(string name, string description, params string[] arguments) => new()
    {
        ["name"] = name,
        ["description"] = description,
        ["arguments"] = new JsonArray([.. arguments.Select(argument => new JsonObject
        {
            ["name"] = argument,
            ["description"] = $"The {argument}",
            ["required"] = true,
        })]),
    };

    private static JsonObject Messages(params JsonObject[] contents) => new()
    {
        ["messages"] = new JsonArray([.. contents.Select(content => new JsonObject { ["role"] = "user", ["content"] = content })]),
    };
}
