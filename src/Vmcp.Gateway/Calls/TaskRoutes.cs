using System.Collections.Concurrent;

using Vmcp.Core.Identity;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// Which backend a task runs on. Task ids pass through unchanged, so what remembers them is a bounded table: after a restart
/// of the gateway a client has to start its task anew.
/// </summary>
public sealed class TaskRoutes
{
    /// <summary>Tasks remembered at once; the oldest are forgotten first.</summary>
    internal const int MaxTasks = 10_000;

    private readonly ConcurrentDictionary<(Principal Owner, string TaskId), string> _backends = new();
    private readonly ConcurrentQueue<(Principal, string)> _order = new();

    /// <summary>Notes the task a call started, if it started one (2025-11-25: <c>task</c>; 2026-07-28: <c>resultType: task</c>).</summary>
    public void Remember(RoutedCall call, BackendMessage answer)
    {
        if (call.Envelope.Method != Methods.ToolsCall || answer.Result.IsEmpty || !RawJson.IsObject(answer.Result.Span))
            return;
        ReadOnlySpan<byte> result = answer.Result.Span;
        // Hardly an answer starts a task, and looking for the word is far cheaper than reading through a large result. An escaped name has a backslash.
        if (result.IndexOf("task"u8) < 0 && !result.Contains((byte)'\\'))
            return;
        ReadOnlySpan<byte> task = result[RawJson.Find(result, "task"u8)];
        ReadOnlySpan<byte> holder = RawJson.IsObject(task) ? task
            : RawJson.ReadString(result[RawJson.Find(result, "resultType"u8)]) == "task" ? result : default;
        if (holder.IsEmpty || RawJson.ReadString(holder[RawJson.Find(holder, "taskId"u8)]) is not { } id)
            return;
        (Principal, string) key = (call.Principal, id);
        if (_backends.TryAdd(key, call.Handle.Backend.Name))
            _order.Enqueue(key);
        while (_backends.Count > MaxTasks && _order.TryDequeue(out (Principal, string) oldest))
            _backends.TryRemove(oldest, out _);
    }

    /// <summary>The backend a principal's task runs on, or null.</summary>
    public string? Find(Principal owner, string taskId) => _backends.GetValueOrDefault((owner, taskId));
}
