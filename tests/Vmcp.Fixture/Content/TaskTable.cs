using System.Text.Json.Nodes;
using Vmcp.Fixture.Calls;

namespace Vmcp.Fixture.Content;

/// <summary>The tasks of the modern tasks extension: started by a tool, then polled, fed and cancelled by their id.</summary>
internal sealed class TaskTable
{
    public const string Extension = "io.modelcontextprotocol/tasks";

    private const int Kept = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskEntry> _tasks = [];
    private readonly Queue<string> _order = new();

    /// <summary>What a client must declare for a tool that only runs as a task.</summary>
    public static JsonObject Needed() =>
        new() { ["extensions"] = new JsonObject { [Extension] = new JsonObject() } };

    /// <summary>Runs the work as a task when the client knows tasks, else waits for it.</summary>
    public async Task<JsonObject> RunAsync(ToolCall call, Func<TaskEntry, Task<JsonObject>> work)
    {
        if (call.Caller.Declares(Extension))
            return Start(work);

        using TaskEntry entry = new();
        await using CancellationTokenRegistration cancelled = call.Caller.Cancelled.Register(entry.Cancel);
        return await work(entry);
    }

    public JsonObject Answer(string method, JsonObject parameters, Caller caller)
    {
        if (!caller.Declares(Extension))
            throw new MissingCapabilityException(Needed());

        string id = FixtureServer.Required(parameters, "taskId");
        TaskEntry? entry;
        lock (_gate)
            _tasks.TryGetValue(id, out entry);
        if (entry is null)
            throw RpcException.BadParams($"Unknown task: {id}");

        switch (method)
        {
            case "tasks/update":
                entry.Feed(parameters["inputResponses"] as JsonObject ?? throw RpcException.BadParams("inputResponses must be an object"));
                return [];
            case "tasks/cancel":
                entry.Cancel();
                return [];
            default:
                return entry.Describe();
        }
    }

    private JsonObject Start(Func<TaskEntry, Task<JsonObject>> work)
    {
        TaskEntry entry = new();
        lock (_gate)
        {
            _tasks[entry.Id] = entry;
            _order.Enqueue(entry.Id);
            while (_order.Count > Kept && _tasks.Remove(_order.Dequeue(), out TaskEntry? oldest))
                oldest.Dispose();
        }

        JsonObject created = entry.Describe();
        created["resultType"] = "task";
        entry.Begin(work);
        return created;
    }
}
