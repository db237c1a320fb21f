using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>One call of a tool.</summary>
internal sealed record ToolCall(JsonObject Arguments, Caller Caller)
{
    public string Text(string name, string otherwise) => Arguments[name].Text() ?? otherwise;

    public int Number(string name, int otherwise) =>
        Arguments[name] is JsonValue value && value.TryGetValue(out int number) ? number : otherwise;

    public Task PauseAsync(int milliseconds) => Task.Delay(milliseconds, Caller.Cancelled);
}

/// <summary>A tool as listed and as run.</summary>
internal sealed record Tool(string Name, string Description, string InputSchema, Func<ToolCall, Task<JsonObject>> Run)
{
    public const string NoArguments = """{"type":"object","properties":{}}""";

    /// <summary>Modern era: what must be in the client's capabilities before the tool is run at all; null for nothing.</summary>
    public JsonObject? Needs { get; init; }

    public Tool(string name, string description, Func<ToolCall, Task<JsonObject>> run) : this(name, description, NoArguments, run)
    {
    }

    public Tool(string name, string description, Func<JsonObject> run) : this(name, description, _ => Task.FromResult(run()))
    {
    }

    public JsonObject Listed() => new()
    {
        ["name"] = Name,
        ["description"] = Description,
        ["inputSchema"] = Rpc.Parse(InputSchema),
    };
}
