using System.Collections.Immutable;

using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Gateway.Dashboard;

/// <summary>The last changes of backends, a bounded number of them.</summary>
/// <param name="feed">Knows why a backend that left is not served.</param>
/// <param name="time">The clock.</param>
public sealed class ChangeLog(BackendFeed feed, TimeProvider time)
{
    /// <summary>Changes remembered.</summary>
    internal const int Size = 100;

    private readonly Lock _lock = new();
    private readonly Queue<BackendChange> _changes = new();

    /// <summary>The changes, newest first.</summary>
    internal ImmutableArray<BackendChange> Newest
    {
        get
        {
            lock (_lock)
                return [.. _changes.Reverse()];
        }
    }

    /// <summary>Notes what differs between two publications.</summary>
    public void Note(GatewaySnapshot before, GatewaySnapshot after)
    {
        List<BackendChange> changes = ChangeFinder.Between(before.Backends, after.Backends, feed.WhyStopped, time.GetUtcNow());
        if (changes.Count == 0)
            return;
        lock (_lock)
        {
            foreach (BackendChange change in changes)
            {
                if (_changes.Count == Size)
                    _changes.Dequeue();
                _changes.Enqueue(change);
            }
        }
    }
}
