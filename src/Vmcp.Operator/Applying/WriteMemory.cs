using System.Collections.Concurrent;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Applying;

/// <summary>
/// Remembers the last write of each child, so that a cache that has not caught up yet does not cause the same write again, and a value the
/// server normalises does not look like a difference. Bounded by the number of children; forgotten with their server.
/// </summary>
internal sealed class WriteMemory
{
    private readonly ConcurrentDictionary<ObjectKey, ConcurrentDictionary<ChildRef, Memo>> _servers = new();

    /// <summary>One write.</summary>
    /// <param name="DecidedOn">Version of the live object the decision was made on; null when there was none.</param>
    /// <param name="Hash">Hash of what was wanted.</param>
    /// <param name="Result">The object as the server answered.</param>
    internal sealed record Memo(string? DecidedOn, string Hash, KubeObject Result);

    /// <summary>The last write of a child, or null.</summary>
    public Memo? Find(ObjectKey server, ChildRef child) =>
        _servers.TryGetValue(server, out ConcurrentDictionary<ChildRef, Memo>? memos) && memos.TryGetValue(child, out Memo? memo) ? memo : null;

    /// <summary>Keeps a write.</summary>
    public void Keep(ObjectKey server, ChildRef child, Memo memo) =>
        _servers.GetOrAdd(server, static _ => new ConcurrentDictionary<ChildRef, Memo>())[child] = memo;

    /// <summary>Forgets one child: it was deleted.</summary>
    public void Forget(ObjectKey server, ChildRef child)
    {
        if (_servers.TryGetValue(server, out ConcurrentDictionary<ChildRef, Memo>? memos))
            memos.TryRemove(child, out _);
    }

    /// <summary>Forgets a server: it is gone.</summary>
    public void Forget(ObjectKey server) => _servers.TryRemove(server, out _);
}
