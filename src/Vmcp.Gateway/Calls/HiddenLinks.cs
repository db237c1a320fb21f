using System.Collections.Concurrent;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// Sessions with Legacy backends that the gateway holds for Modern clients, who have none. Kept apart by principal and by
/// declared capabilities. A session whose client can be asked questions serves one call at a time, so that each question is
/// known to belong to it; others are shared.
/// </summary>
public sealed class HiddenLinks : IAsyncDisposable
{
    /// <summary>Idle one-call sessions kept for one owner.</summary>
    private const int MaxIdle = 16;

    /// <summary>How long the first call of a session waits for the backend's standalone stream.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<OwnerKey, Owner> _owners = new();
    private readonly GatewayOptions _options;
    private readonly TaskTracker _tasks;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;

    /// <summary>Starts empty.</summary>
    public HiddenLinks(GatewayOptions options, TaskTracker tasks, TimeProvider time)
    {
        _options = options;
        _tasks = tasks;
        _time = time;
        _sweeper = time.CreateTimer(static links => ((HiddenLinks)links!).Sweep(), this, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>The newest snapshot; set once at start.</summary>
    public Func<GatewaySnapshot> Snapshot { get; set; } = static () => GatewaySnapshot.Empty;

    /// <summary>Owners in memory.</summary>
    public int Count => _owners.Count;

    /// <summary>A link for one call; give it back with <see cref="Return"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="capabilities">What this request declares.</param>
    /// <param name="clientInfo">The client's info, or empty.</param>
    /// <param name="stale">A link that just turned out to be unusable, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<(Rented? Link, BackendFailure? Failure)> RentAsync(
        RoutedCall call, ReadOnlyMemory<byte> capabilities, ReadOnlyMemory<byte> clientInfo, BackendLink? stale, CancellationToken cancellationToken)
    {
        OwnerKey key = new(call.Principal, System.Text.Encoding.UTF8.GetString(capabilities.Span));
        LinkIdentity identity = new(Revisions.LatestLegacy, capabilities.ToArray(), clientInfo.ToArray());
        Owner owner = _owners.GetOrAdd(key, _ => new Owner(call.Caller, caller => new SessionLinks(caller, identity, _tasks, _time)));
        owner.Used(call.Caller, _time.GetTimestamp());
        MakeRoom();
        if (!ClientCapabilities.Parse(capabilities.Span).Any)
        {
            LinkOutcome shared = await owner.Shared.GetAsync(call.Handle, call.Headers, stale, cancellationToken).ConfigureAwait(false);
            return (shared.Link is null ? null : new Rented(shared.Link, null, null), shared.Failure);
        }

        if (TakeIdle(owner, call.Handle) is { } idle)
            return (new Rented(idle.Link, idle, owner), null);
        LinkOutcome opened = await LinkOpener.OpenAsync(
            call.Handle.Http, call.Handle.Dialect, () => owner.Caller, identity with { Headers = call.Headers }, _time, cancellationToken).ConfigureAwait(false);
        if (opened.Link is null)
            return (null, opened.Failure);
        HiddenSession session = new(opened.Link);
        await session.ReadyAsync(StreamPatience, _time, cancellationToken).ConfigureAwait(false);
        return (new Rented(opened.Link, session, owner), null);
    }

    /// <summary>Gives a link back. One whose call did not end cleanly is closed: a late message of that call must not reach the next.</summary>
    internal void Return(Rented rented, bool clean)
    {
        if (rented.Owner is not { } owner || rented.Session is not { } session)
            return;
        lock (owner.Idle)
        {
            // The backend may have left while the call ran, or the owner been let go of.
            if (clean && !owner.IsClosed && rented.Link.IsAlive && owner.Idle.Count < MaxIdle && IsCurrent(session, Snapshot()))
            {
                session.IdleSince = _time.GetTimestamp();
                owner.Idle.Add(session);
                return;
            }
        }

        Close(session);
    }

    /// <summary>Closes links to backends that are gone or changed.</summary>
    public void Prune(GatewaySnapshot snapshot)
    {
        foreach (Owner owner in _owners.Values)
        {
            owner.Shared.Prune(snapshot);
            CloseIdle(owner, s => !IsCurrent(s, snapshot));
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        foreach (Owner owner in _owners.Values)
            await CloseAsync(owner).ConfigureAwait(false);
    }

    private static bool IsCurrent(HiddenSession session, GatewaySnapshot snapshot) =>
        snapshot.Backends.TryGetValue(session.Link.Backend.Name, out BackendView? view) && view.Handle.Backend == session.Link.Backend;

    private static HiddenSession? TakeIdle(Owner owner, BackendHandle handle)
    {
        lock (owner.Idle)
        {
            for (int i = owner.Idle.Count - 1; i >= 0; i--)
            {
                HiddenSession session = owner.Idle[i];
                if (!session.Link.IsAlive || session.Link.Backend != handle.Backend)
                    continue;
                owner.Idle.RemoveAt(i);
                return session;
            }
        }

        return null;
    }

    private void MakeRoom()
    {
        if (_owners.Count <= _options.MaxHiddenOwners)
            return;
        OwnerKey oldest = _owners.MinBy(o => (o.Value.Shared.IsBusy, o.Value.LastUsed)).Key;
        if (_owners.TryRemove(oldest, out Owner? owner))
            _tasks.Run("closing idle backend sessions", _ => CloseAsync(owner));
    }

    private void Sweep()
    {
        foreach ((OwnerKey key, Owner owner) in _owners)
        {
            // A call may run for longer than that.
            if (_time.GetElapsedTime(owner.LastUsed) > IdleLimit * 2 && !owner.Shared.IsBusy && _owners.TryRemove(key, out _))
            {
                _tasks.Run("closing idle backend sessions", _ => CloseAsync(owner));
                continue;
            }

            CloseIdle(owner, s => _time.GetElapsedTime(s.IdleSince) > IdleLimit || !s.Link.IsAlive);
        }
    }

    private void CloseIdle(Owner owner, Predicate<HiddenSession> which)
    {
        List<HiddenSession> closing;
        lock (owner.Idle)
        {
            closing = owner.Idle.FindAll(which);
            owner.Idle.RemoveAll(closing.Contains);
        }

        closing.ForEach(Close);
    }

    private void Close(HiddenSession session) =>
        _tasks.Run("closing a backend session", async _ => await session.DisposeAsync().ConfigureAwait(false));

    private static async Task CloseAsync(Owner owner)
    {
        List<HiddenSession> idle;
        lock (owner.Idle)
        {
            owner.IsClosed = true;
            idle = [.. owner.Idle];
            owner.Idle.Clear();
        }

        await owner.Shared.DisposeAsync().ConfigureAwait(false);
        foreach (HiddenSession session in idle)
            await session.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A link lent to one call.</summary>
    /// <param name="Link">The link.</param>
    /// <param name="Session">The one-call session the link belongs to; null for a shared one.</param>
    /// <param name="Owner">Where a one-call session goes back to; null for a shared one.</param>
    internal sealed record Rented(BackendLink Link, HiddenSession? Session, Owner? Owner);

    /// <summary>The links of one principal with one set of capabilities.</summary>
    internal sealed class Owner
    {
        private volatile Caller _caller;

        /// <summary>Begins with the proof of its first call.</summary>
        public Owner(Caller caller, Func<Func<Caller?>, SessionLinks> share)
        {
            _caller = caller;
            Shared = share(() => _caller);
        }

        /// <summary>The principal with the newest proof.</summary>
        public Caller Caller => _caller;

        /// <summary>Links any number of calls may use at once.</summary>
        public SessionLinks Shared { get; }

        /// <summary>One-call sessions nobody uses now.</summary>
        public List<HiddenSession> Idle { get; } = [];

        /// <summary>Whether it was let go of: nothing is kept for it any more. Under the lock of <see cref="Idle"/>.</summary>
        public bool IsClosed { get; set; }

        /// <summary>When a call last asked for a link.</summary>
        public long LastUsed { get; private set; }

        /// <summary>A call asks for a link.</summary>
        public void Used(Caller caller, long at) => (_caller, LastUsed) = (caller, at);
    }

    private sealed record OwnerKey(Principal Principal, string Capabilities);
}
