using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// One owner's sessions with Legacy backends, opened on first use with the client's own capabilities and opened anew when
/// the backend forgot them.
/// </summary>
public sealed class SessionLinks(Func<Caller?> owner, LinkIdentity identity, TaskTracker tasks, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How often a link that is to be closed is looked at: is a call still running on it? The first look waits too, for a call that was just given the link.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, Entry> _entries = [];
    private HashSet<Entry>? _leaving;
    private readonly Lock _lock = new();
    private bool _closed;

    /// <summary>Called for each link that was opened, before its first use.</summary>
    public Func<BackendHandle, BackendLink, CancellationToken, Task>? Opened { get; init; }

    /// <summary>Called for each link that is about to be closed.</summary>
    public Action<BackendLink>? Closing { get; init; }

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

    /// <summary>Whether a call runs on a link, or waits for one.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
                return _entries.Values.Concat(_leaving ?? []).Any(e => !IsIdle(e));
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
        Entry? entry;
        lock (_lock)
        {
            if (_closed)
                return new LinkOutcome(null, handle.Dialect, new BackendFailure(Core.Health.FailureCategory.Cancelled, "was not asked: the session has ended"));
            if (!_entries.TryGetValue(handle.Backend.Name, out entry) || !IsUsable(entry, handle.Backend, stale))
            {
                if (entry is not null)
                    Leave(entry);
                entry = new Entry(handle.Backend, OpenAsync(handle, headers));
                _entries[handle.Backend.Name] = entry;
            }
        }

        return await entry.Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether <see cref="Prune"/> would find something: a link to a backend that is gone or changed.</summary>
    public bool HasStale(GatewaySnapshot snapshot)
    {
        lock (_lock)
            return _entries.Count > 0 && _entries.Values.Any(e => !IsCurrent(e, snapshot));
    }

    /// <summary>Lets go of links to backends that are gone or changed. One with a call on it is closed when the call has ended.</summary>
    public void Prune(GatewaySnapshot snapshot)
    {
        lock (_lock)
        {
            foreach (Entry entry in _entries.Values.Where(e => !IsCurrent(e, snapshot)).ToList())
            {
                _entries.Remove(entry.Backend.Name);
                Leave(entry);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        List<Entry> entries;
        lock (_lock)
        {
            _closed = true;
            entries = [.. _entries.Values, .. _leaving ?? []];
            _entries.Clear();
            _leaving = null;
        }

        await Task.WhenAll(entries.Select(CloseAsync)).ConfigureAwait(false);
    }

    /// <summary>Under the lock: nobody is given this link any more.</summary>
    private void Leave(Entry entry)
    {
        _leaving ??= new HashSet<Entry>(ReferenceEqualityComparer.Instance);
        _leaving.Add(entry);
        tasks.Run("closing a link to a backend", stopping => CloseWhenIdleAsync(entry, stopping));
    }

    private async Task CloseWhenIdleAsync(Entry entry, CancellationToken stopping)
    {
        do
            await Task.Delay(Look, time, stopping).ConfigureAwait(false);
        while (!IsIdle(entry));
        lock (_lock)
        {
            if (_leaving?.Remove(entry) != true)
                return; // the owner ended meanwhile and closes it
        }

        await CloseAsync(entry).ConfigureAwait(false);
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

    private async Task CloseAsync(Entry entry)
    {
        try
        {
            LinkOutcome outcome = await entry.Opening.ConfigureAwait(false);
            if (outcome.Link is not { } link)
                return;
            Closing?.Invoke(link);
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
                handle.Http, handle.Dialect, owner, identity with { Headers = headers }, time, limit.Token).ConfigureAwait(false);
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
