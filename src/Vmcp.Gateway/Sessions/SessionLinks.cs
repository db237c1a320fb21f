using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// One owner's sessions with Legacy backends, opened on first use with the client's own capabilities and opened anew when
/// the backend forgot them.
/// </summary>
public sealed class SessionLinks(Principal principal, LinkIdentity identity, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Links to backends that were changed since: a call may still run on one, so it is closed late.</summary>
    private const int MaxRetired = 4;

    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Queue<Entry> _retired = new();
    private readonly Lock _lock = new();
    private bool _closed;

    /// <summary>Called for each link that was opened, before its first use.</summary>
    public Func<BackendHandle, BackendLink, CancellationToken, Task>? Opened { get; init; }

    /// <summary>The live links, for messages that go to all of them.</summary>
    public IReadOnlyList<BackendLink> Live
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries.Values.Where(e => e.Opening.IsCompletedSuccessfully && e.Opening.Result.Link is { IsAlive: true })
                    .Select(e => e.Opening.Result.Link!)];
            }
        }
    }

    /// <summary>The link to a backend; a failure when it cannot be opened.</summary>
    /// <param name="handle">The backend.</param>
    /// <param name="headers">Passed-through headers of the request at hand.</param>
    /// <param name="stale">A link that turned out to be unusable and must be replaced, or null.</param>
    /// <param name="cancellationToken">Ends the wait, not the opening: others may wait for it too.</param>
    public async Task<LinkOutcome> GetAsync(
        BackendHandle handle, IReadOnlyList<KeyValuePair<string, string>> headers, BackendLink? stale, CancellationToken cancellationToken)
    {
        Entry entry;
        Entry? replaced = null;
        lock (_lock)
        {
            if (_closed)
                return new LinkOutcome(null, handle.Dialect, new BackendFailure(Core.Health.FailureCategory.Cancelled, "was not asked: the session has ended"));
            if (_entries.TryGetValue(handle.Backend.Name, out Entry? found) && IsUsable(found, handle.Backend, stale))
            {
                entry = found;
            }
            else
            {
                replaced = Retire(found);
                entry = new Entry(handle.Backend, OpenAsync(handle, headers));
                _entries[handle.Backend.Name] = entry;
            }
        }

        if (replaced is not null)
            await CloseAsync(replaced).ConfigureAwait(false);
        return await entry.Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether <see cref="PruneAsync"/> would find something: a link to a backend that is gone or changed.</summary>
    public bool HasStale(GatewaySnapshot snapshot)
    {
        lock (_lock)
            return _retired.Count > 0 || _entries.Values.Any(e => !IsCurrent(e, snapshot));
    }

    /// <summary>Closes links to backends that are gone or changed. One with a call on it stays until the call has ended.</summary>
    /// <returns>The names of backends that no longer have a link.</returns>
    public async Task<IReadOnlyList<string>> PruneAsync(GatewaySnapshot snapshot)
    {
        List<Entry> closing;
        List<string> gone;
        lock (_lock)
        {
            closing = [.. _entries.Values.Where(e => !IsCurrent(e, snapshot) && IsIdle(e))];
            gone = [.. closing.Select(e => e.Backend.Name)];
            gone.ForEach(name => _entries.Remove(name));
            closing.AddRange(_retired.Where(IsIdle));
            List<Entry> busy = [.. _retired.Where(e => !IsIdle(e))];
            _retired.Clear();
            busy.ForEach(_retired.Enqueue);
        }

        await Task.WhenAll(closing.Select(CloseAsync)).ConfigureAwait(false);
        return gone;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        List<Entry> entries;
        lock (_lock)
        {
            _closed = true;
            entries = [.. _entries.Values, .. _retired];
            _entries.Clear();
            _retired.Clear();
        }

        await Task.WhenAll(entries.Select(CloseAsync)).ConfigureAwait(false);
    }

    /// <summary>Puts a replaced entry aside; returns one that is to be closed now.</summary>
    private Entry? Retire(Entry? entry)
    {
        if (entry is not null)
            _retired.Enqueue(entry);
        return _retired.Count > MaxRetired ? _retired.Dequeue() : null;
    }

    private static bool IsCurrent(Entry entry, GatewaySnapshot snapshot) =>
        snapshot.Backends.TryGetValue(entry.Backend.Name, out BackendView? view) && view.Handle.Backend == entry.Backend;

    private static bool IsIdle(Entry entry) =>
        entry.Opening.IsCompleted && !(entry.Opening.IsCompletedSuccessfully && entry.Opening.Result.Link is { CallsInFlight: > 0 });

    private static bool IsUsable(Entry entry, Backend backend, BackendLink? stale)
    {
        if (entry.Backend != backend)
            return false;
        if (!entry.Opening.IsCompleted)
            return true;
        return entry.Opening.IsCompletedSuccessfully && entry.Opening.Result.Link is { IsAlive: true } link && !ReferenceEquals(link, stale);
    }

    private static async Task CloseAsync(Entry entry)
    {
        try
        {
            LinkOutcome outcome = await entry.Opening.ConfigureAwait(false);
            if (outcome.Link is { } link)
                await link.DisposeAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The opening ran into its own limit.
        }
    }

    private async Task<LinkOutcome> OpenAsync(BackendHandle handle, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        await Task.Yield(); // the caller holds the lock
        using CancellationTokenSource limit = new(handle.Backend.Timeout, time);
        try
        {
            LinkOutcome outcome = await LinkOpener.OpenAsync(
                handle.Http, handle.Dialect, principal, identity with { Headers = headers }, time, limit.Token).ConfigureAwait(false);
            if (outcome.Link is { } link && Opened is { } opened)
                await opened(handle, link, limit.Token).ConfigureAwait(false);
            return outcome;
        }
        catch (OperationCanceledException)
        {
            return new LinkOutcome(null, handle.Dialect, new BackendFailure(Core.Health.FailureCategory.Timeout, "did not answer the handshake in time"));
        }
    }

    private sealed record Entry(Backend Backend, Task<LinkOutcome> Opening);
}
