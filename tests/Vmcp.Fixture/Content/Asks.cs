using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>The three things a server may ask its client for.</summary>
internal static class Asks
{
    public static Ask Elicit(string key, string message, string schema) => new(key, "elicitation/create", new JsonObject
    {
        ["message"] = message,
        ["requestedSchema"] = Rpc.Parse(schema),
    });

    public static Ask Sample(string key, string prompt, int maxTokens = 100) => new(key, "sampling/createMessage", new JsonObject
    {
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Blocks.Text(prompt) }),
        ["maxTokens"] = maxTokens,
    });

    public static Ask Roots(string key) => new(key, "roots/list", []);

    /// <summary>Asks one thing and gives its answer.</summary>
    public static async Task<JsonObject> AskAsync(this Caller caller, Ask ask, bool keepState = false) =>
        (await caller.AskAsync([ask], keepState))[ask.Key];
}
