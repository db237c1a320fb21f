using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>Tools that answer by themselves: content kinds, errors, progress, logging, changes.</summary>
internal static class PlainTools
{
    public static IEnumerable<Tool> All(Changes changes) =>
    [
        new("test_simple_text", "Answers with one text", () => Blocks.Say("This is a simple text response for testing.")),
        new("test_image_content", "Answers with an image", () => Blocks.Result(Blocks.Image())),
        new("test_audio_content", "Answers with audio", () => Blocks.Result(Blocks.Audio())),
        new("test_embedded_resource", "Answers with an embedded resource", () =>
            Blocks.Result(Blocks.Resource("test://embedded-resource", "text/plain", "This is an embedded resource content."))),
        new("test_multiple_content_types", "Answers with text, image and resource", () => Blocks.Result(
            Blocks.Text("Multiple content types test:"),
            Blocks.Image(),
            Blocks.Resource("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""))),
        new("test_error_handling", "Always fails", () => Blocks.Failure("This tool intentionally returns an error for testing")),
        new("test_tool_with_progress", "Reports 0, 50 and 100 of 100", ProgressAsync),
        new("test_progress_burst", "Reports many steps without a pause", Schemas.Burst, BurstAsync),
        new("test_tool_with_logging", "Logs three times while it runs", LogAsync),
        new("test_logging_tool", "Logs once", call =>
        {
            call.Caller.Log("info", "A log message from the tool");
            return Task.FromResult(Blocks.Say("Logged, if you wanted it"));
        }),
        new("test_reconnection", "Ends its stream before the result, which is had by resuming", async call =>
        {
            call.Caller.Disconnect();
            await call.PauseAsync(100);
            return Blocks.Say("Result after the reconnection");
        }),
        new("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", Schemas.Draft202012,
            call => Task.FromResult(Blocks.Say($"Arguments: {call.Arguments.ToJsonString()}"))),
        new("test_custom_headers", "Has parameters that are copied into HTTP headers", Schemas.Headers,
            call => Task.FromResult(Blocks.Say($"Arguments: {call.Arguments.ToJsonString()}"))),
        new("test_changing_tool", $"Changed {changes.Revision(Change.Tools)} times", () => Blocks.Say("Still the same tool")),
        Trigger("test_trigger_tool_change", "Changes the list of tools", changes, new Change(Change.Tools)),
        Trigger("test_trigger_prompt_change", "Changes the list of prompts", changes, new Change(Change.Prompts)),
        Trigger("test_trigger_resource_change", "Changes the list of resources", changes, new Change(Change.Resources)),
        Trigger("test_trigger_resource_update", "Updates the watched resource", changes,
            new Change(Change.ResourceUpdated, Resources.Watched)),
    ];

    private static Tool Trigger(string name, string description, Changes changes, Change change) => new(name, description, () =>
    {
        changes.Announce(change);
        return Blocks.Say("Done");
    });

    private static async Task<JsonObject> ProgressAsync(ToolCall call)
    {
        call.Caller.Progress(0, 100);
        await call.PauseAsync(50);
        call.Caller.Progress(50, 100);
        await call.PauseAsync(50);
        call.Caller.Progress(100, 100);
        return Blocks.Say("Finished in three steps");
    }

    private static Task<JsonObject> BurstAsync(ToolCall call)
    {
        int steps = Math.Clamp(call.Number("count", 200), 1, EventStream.Kept - 1);
        for (int step = 1; step <= steps; step++)
            call.Caller.Progress(step, steps);
        return Task.FromResult(Blocks.Say($"Finished in {steps} steps"));
    }

    private static async Task<JsonObject> LogAsync(ToolCall call)
    {
        call.Caller.Log("info", "Tool execution started");
        await call.PauseAsync(50);
        call.Caller.Log("info", "Tool processing data");
        await call.PauseAsync(50);
        call.Caller.Log("info", "Tool execution completed");
        return Blocks.Say("Tool with logging executed");
    }
}
