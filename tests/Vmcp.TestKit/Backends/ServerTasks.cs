using System.Collections.Concurrent;

namespace Vmcp.TestKit;

/// <summary>A call that runs as a task.</summary>
internal sealed class ServerTask(string id, Task<string?> answer, CancellationTokenSource cancel)
{
    public string Id => id;

    /// <summary>The whole JSON-RPC answer of the call; null when it was cancelled.</summary>
    public Task<string?> Answer => answer;

    public string CreatedAt { get; } = DateTimeOffset.UtcNow.ToString("O");

    public string Status => !answer.IsCompleted ? (cancel.IsCancellationRequested ? "cancelled" : "working")
        : answer.Result is not { } text ? "cancelled"
        : Rpc.Element(text).TryGetProperty("error", out _) ? "failed" : "completed";

    /// <summary>Result (or error) of the finished call as raw JSON, null while it runs.</summary>
    public string? Part(string name) =>
        answer is { IsCompleted: true, Result: { } text } && Rpc.Element(text).TryGetProperty(name, out var part) ? part.GetRawText() : null;

    public void Cancel() => cancel.Cancel();

    /// <summary>The task object; the lifetime fields are spelled differently in the two eras.</summary>
    public string Json(bool modern) =>
        $$"""
        {"taskId":{{Rpc.Quote(id)}},"status":"{{Status}}","createdAt":"{{CreatedAt}}","lastUpdatedAt":"{{CreatedAt}}",
        """ + (modern ? "\"ttlMs\":60000,\"pollIntervalMs\":10}" : "\"ttl\":60000,\"pollInterval\":10}");
}

/// <summary>The tasks of one session (legacy) or of the backend (modern).</summary>
internal sealed class ServerTasks
{
    private readonly ConcurrentDictionary<string, ServerTask> _tasks = new();
    private int _last;

    public IReadOnlyList<ServerTask> All => [.. _tasks.Values.OrderBy(t => t.CreatedAt, StringComparer.Ordinal)];

    public ServerTask Start(Func<CancellationToken, Task<string?>> run, CancellationToken stopping)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var task = new ServerTask($"task-{Interlocked.Increment(ref _last)}", run(cancel.Token), cancel);
        _tasks[task.Id] = task;
        return task;
    }

    public ServerTask Get(string id) =>
        _tasks.TryGetValue(id, out ServerTask? task) ? task : throw new RpcErrorException(-32602, $"Unknown task: {id}");

    public void CancelAll()
    {
        foreach (ServerTask task in _tasks.Values)
            task.Cancel();
    }
}
