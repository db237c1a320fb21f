using System.Collections.Concurrent;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// The sessions in memory. Ids are sealed, so a session of another replica, or one that was put out of memory, is taken up
/// again on its next request; ended and expired ones are remembered and stay 404.
/// </summary>
public sealed class SessionTable : IAsyncDisposable
{
    /// <summary>Ended sessions remembered; a forgotten one is older than <see cref="MaxLifetime"/> in all but a flood.</summary>
    private const int MaxEnded = 100_000;

    /// <summary>Ids older than this open nothing new: a session unknown here for a day is gone.</summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, DateTimeOffset> _ended = [];
    private readonly Queue<UInt128> _endedOrder = new();
    private readonly Lock _room = new();
    private readonly Lock _lock = new();
    private readonly GatewayOptions _options;
    private readonly Seal _seal;
    private readonly TaskTracker _tasks;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;

    /// <summary>Creates the table; the seal decides which ids are ours.</summary>
    public SessionTable(GatewayOptions options, Seal seal, TaskTracker tasks, TimeProvider time)
    {
        _options = options;
        _seal = seal;
        _tasks = tasks;
        _time = time;
        _sweeper = time.CreateTimer(static table => ((SessionTable)table!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>The newest snapshot; set once at start.</summary>
    public Func<GatewaySnapshot> Snapshot { get; set; } = static () => GatewaySnapshot.Empty;

    /// <summary>Builds what listens to backends for a session; set once at start.</summary>
    public Func<Session, SessionListeners>? ListenersFor { get; set; }

    /// <summary>Called at each sweep, for what else has to be looked after now and then; set once at start.</summary>
    public Action Swept { get; set; } = static () => { };

    /// <summary>Sessions in memory.</summary>
    public int Count => _sessions.Count;

    /// <summary>All sessions in memory.</summary>
    public IEnumerable<Session> All => _sessions.Values;

    /// <summary>Opens a session. Returns null when the bound is reached and every session is in use.</summary>
    public Session? Open(Caller caller, string revision, ReadOnlyMemory<byte> capabilities, ReadOnlyMemory<byte> clientInfo)
    {
        SessionGrant grant = SessionGrant.Issue(caller.Principal, revision, capabilities, clientInfo, _time.GetUtcNow());
        return Add(grant.ToId(_seal), grant, caller);
    }

    /// <summary>
    /// The session of an id if it lives and belongs to the principal. Anything else is null: a caller must not learn whether
    /// somebody else's id exists.
    /// </summary>
    public Session? Find(string id, Caller caller)
    {
        if (_sessions.TryGetValue(id, out Session? session))
        {
            // Who was here before belongs here still; a token that is known comes with the same object. Saves a hash and 208 bytes a call.
            bool belongs = ReferenceEquals(session.Caller.Principal, caller.Principal) || session.Grant.BelongsTo(caller.Principal);
            if (!belongs || session.Idle > _options.SessionTtl)
                return null;
            session.SeenBy(caller);
            return session;
        }

        if (SessionGrant.FromId(id, _seal) is not { } grant || !grant.BelongsTo(caller.Principal))
            return null;
        if (IsEnded(grant.Key) || _time.GetUtcNow() - grant.IssuedAt > MaxLifetime)
            return null;
        if (Add(id, grant, caller) is not { } taken)
            return null;
        // Whatever changed while it was on its way here, or looks different from here, was told to nobody.
        taken.Outbox.MarkChanged(ListChanges.Tools | ListChanges.Resources | ListChanges.Prompts);
        return taken;
    }

    /// <summary>Ends a session for good.</summary>
    public void End(Session session)
    {
        lock (_lock)
        {
            _ended[session.Grant.Key] = _time.GetUtcNow();
            _endedOrder.Enqueue(session.Grant.Key);
            while (_endedOrder.Count > MaxEnded)
                _ended.Remove(_endedOrder.Dequeue());
        }

        Drop(session);
    }

    /// <summary>Tells every session which of its lists changed.</summary>
    public void NotifyChanged(Func<Session, ListChanges> changesFor)
    {
        foreach (Session session in _sessions.Values)
        {
            if (changesFor(session) is var changes and not ListChanges.None)
                session.Outbox.MarkChanged(changes);
        }
    }

    /// <summary>Has sessions let go of backends that are gone or changed, and listen again to those that are back.</summary>
    public void Follow(GatewaySnapshot snapshot)
    {
        foreach (Session session in _sessions.Values)
        {
            if (session.IsBehind(snapshot))
                session.Follow(snapshot);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_sessions.Values.Select(s => s.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    // Null: there is no room. One at a time, or a flood would find the same room free many times.
    private Session? Add(string id, SessionGrant grant, Caller caller)
    {
        lock (_room)
        {
            if (_sessions.TryGetValue(id, out Session? there))
                return there;
            if (!MakeRoom())
                return null;
            Session created = new(id, grant, caller, _tasks, _time);
            created.Listeners = ListenersFor?.Invoke(created);
            return _sessions[id] = created;
        }
    }

    private bool IsEnded(UInt128 key)
    {
        lock (_lock)
            return _ended.ContainsKey(key);
    }

    /// <summary>
    /// At the bound the longest-idle tenth leaves memory. Their ids stay valid: they only open their backend sessions anew.
    /// </summary>
    private bool MakeRoom()
    {
        if (_sessions.Count < _options.MaxSessions)
            return true;
        Session[] idle = [.. _sessions.Values.Where(s => s.Idle > TimeSpan.Zero).OrderByDescending(s => s.Idle)
            .Take(Math.Max(1, _options.MaxSessions / 10))];
        foreach (Session session in idle)
            Drop(session);
        return idle.Length > 0;
    }

    private void Drop(Session session)
    {
        if (_sessions.TryRemove(session.Id, out _))
            _tasks.Run("closing a session", async _ => await session.DisposeAsync().ConfigureAwait(false));
    }

    private void Sweep()
    {
        foreach (Session session in _sessions.Values)
        {
            session.Replays.Trim();
            if (session.Idle > _options.SessionTtl)
                End(session);
        }

        Follow(Snapshot()); // for what was out of reach at the time of the change
        Swept();
        DateTimeOffset horizon = _time.GetUtcNow() - MaxLifetime;
        lock (_lock)
        {
            while (_endedOrder.TryPeek(out UInt128 oldest) && (!_ended.TryGetValue(oldest, out DateTimeOffset at) || at < horizon))
                _ended.Remove(_endedOrder.Dequeue());
        }
    }
}
