using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>The server behind every transport: the methods that mean the same in both eras.</summary>
internal sealed class FixtureServer
{
    public Changes Changes { get; } = new();

    public TaskTable Tasks { get; } = new();

    public static JsonObject Info() => new() { ["name"] = "vmcp-fixture", ["version"] = "1.0.0" };

    public static JsonObject Capabilities(bool modern)
    {
        JsonObject capabilities = new()
        {
            ["tools"] = new JsonObject { ["listChanged"] = true },
            ["prompts"] = new JsonObject { ["listChanged"] = true },
            ["resources"] = new JsonObject { ["subscribe"] = true, ["listChanged"] = true },
            ["completions"] = new JsonObject(),
            ["logging"] = new JsonObject(),
        };
        if (modern)
            capabilities["extensions"] = new JsonObject { [TaskTable.Extension] = new JsonObject() };
        return capabilities;
    }

    /// <summary>The tools as they are now; those that only make sense as tasks are there in the modern era.</summary>
    public IEnumerable<Tool> Tools(bool modern) =>
        PlainTools.All(Changes).Concat(AskingTools.All()).Concat(modern ? TaskTools.All(Tasks) : []);

    /// <summary>Answers a request, or throws what the era's transport turns into an error.</summary>
    public async Task<JsonObject> AnswerAsync(string method, JsonObject parameters, Caller caller) => method switch
    {
        "tools/list" => new JsonObject { ["tools"] = new JsonArray([.. Tools(caller.IsModern).Select(tool => tool.Listed())]) },
        "prompts/list" => new JsonObject { ["prompts"] = Prompts.List(Changes) },
        "resources/list" => new JsonObject { ["resources"] = Resources.List(Changes) },
        "resources/templates/list" => new JsonObject { ["resourceTemplates"] = Resources.Templates() },
        "resources/read" => Resources.Read(Required(parameters, "uri"), caller, Changes),
        "prompts/get" => await Prompts.GetAsync(parameters["name"].Text(), parameters["arguments"] as JsonObject ?? [], caller),
        "completion/complete" => Prompts.Complete(parameters),
        "tools/call" => await CallAsync(Required(parameters, "name"), parameters["arguments"] as JsonObject ?? [], caller),
        "tasks/get" or "tasks/update" or "tasks/cancel" when caller.IsModern => Tasks.Answer(method, parameters, caller),
        _ => throw RpcException.UnknownMethod(method),
    };

    public static string Required(JsonObject parameters, string name) =>
        parameters[name].Text() ?? throw RpcException.BadParams($"params.{name} must be a string");

    private async Task<JsonObject> CallAsync(string name, JsonObject arguments, Caller caller)
    {
        Tool tool = Tools(caller.IsModern).FirstOrDefault(candidate => candidate.Name == name)
            ?? throw RpcException.BadParams($"Unknown tool: {name}");
        if (tool.Needs is { } needs && !caller.Declares(TaskTable.Extension))
            throw new MissingCapabilityException(needs);
        try
        {
            return await tool.Run(new ToolCall(arguments, caller));
        }
        catch (AskRefusedException refused)
        {
            return Blocks.Failure($"The client refused: {refused.Message}");
        }
        catch (MissingCapabilityException missing) when (!caller.IsModern)
        {
            return Blocks.Failure(missing.Message);
        }
    }
}
