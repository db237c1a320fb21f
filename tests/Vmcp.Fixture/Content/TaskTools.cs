using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>Tools of the tasks extension: run as tasks for clients that know them, plainly for the others.</summary>
internal static class TaskTools
{
    private const string Seconds =
        """{"type":"object","properties":{"seconds":{"type":"number"},"label":{"type":"string"}},"required":["seconds"]}""";

    private const string Name = """{"type":"object","properties":{"name":{"type":"string"}}}""";

    private const string File = """{"type":"object","properties":{"filename":{"type":"string"}},"required":["filename"]}""";

    public static IEnumerable<Tool> All(TaskTable tasks) =>
    [
        new("greet", "Greets at once, never as a task", Name, call =>
            Task.FromResult(Blocks.Say($"Hello, {call.Text("name", "World")}!"))),
        new("slow_compute", "Takes as many seconds as asked", Seconds, call => tasks.RunAsync(call, async task =>
        {
            await Task.Delay(TimeSpan.FromSeconds(call.Number("seconds", 0)), task.Cancelled);
            return Blocks.Say($"Computed {call.Text("label", "")}");
        })),
        new("failing_job", "Ends with a tool error", call => tasks.RunAsync(call, _ =>
            Task.FromResult(Blocks.Failure("The job failed"))))
        { Needs = TaskTable.Needed() },
        new("protocol_error_job", "Ends with a protocol error", call => tasks.RunAsync(call, _ =>
            throw new RpcException(-32603, "The job broke")))
        { Needs = TaskTable.Needed() },
        new("confirm_delete", "Waits for a confirmation", File, call => tasks.RunAsync(call, async task =>
        {
            JsonObject answers = await task.AskAsync(
                Asks.Elicit("confirm", $"Delete {call.Text("filename", "")}?", Schemas.AskOk));
            return Blocks.Say($"Answer: {answers["confirm"]?.ToJsonString()}");
        }))
        { Needs = TaskTable.Needed() },
        new("multi_input", "Waits for two answers", call => tasks.RunAsync(call, async task =>
        {
            JsonObject answers = await task.AskAsync(
                Asks.Elicit("first", "What is your name?", Schemas.AskName),
                Asks.Elicit("second", "What is your favorite color?", Schemas.AskColor));
            return Blocks.Say($"Answers: {answers.ToJsonString()}");
        }))
        { Needs = TaskTable.Needed() },
        new("test_tool_with_task", "Asks for a name, then goes on as a task", async call =>
        {
            JsonObject answer = await call.Caller.AskAsync(
                Asks.Elicit("user_name", "What is your name?", Schemas.AskName), keepState: true);
            string text = $"Hello, {Blocks.NameIn(answer)}!";
            return await tasks.RunAsync(call, _ => Task.FromResult(Blocks.Say(text)));
        })
        { Needs = TaskTable.Needed() },
    ];
}
