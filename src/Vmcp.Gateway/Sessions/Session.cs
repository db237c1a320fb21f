using System.Collections.Concurrent;

using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Hosting;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Sessions;

/// <summary>A Legacy client's session: what it declared, its stream, its links to backends and its open calls.</summary>
public sealed class Session : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private long _lastUsed;
    private int _busy;
    private volatile string? _logLevel;
    private volatile Caller _caller;

    /// <summary>Builds the session behind a grant.</summary>
    public Session(string id, SessionGrant grant, Caller caller, TaskTracker tasks, TimeProvider time)
    {
        Id = id;
        Grant = grant;
        _caller = caller;
        Capabilities = ClientCapabilities.Parse(grant.Capabilities.Span);
        _time = time;
        _lastUsed = time.GetTimestamp();
        Replays = new ReplayStreams(time);
        Owner = () => _caller;
        Links = new SessionLinks(Owner, new LinkIdentity(grant.Revision, grant.Capabilities, grant.ClientInfo), tasks, time)
        {
            Opened = OnLinkOpenedAsync,
            Closing = link => Listeners?.LinkClosing(link),
        };
    }

    /// <summary>The sealed id.</summary>
    public string Id { get; }

    /// <summary>What the id says.</summary>
    public SessionGrant Grant { get; }

    /// <summary>Who owns the session, with the newest proof: what runs between requests goes on with a refreshed token.</summary>
    public Caller Caller => _caller;

    /// <summary>Tells <see cref="Caller"/> to links opened for this session.</summary>
    internal Func<Caller?> Owner { get; }

    /// <summary>What backends may ask of the client.</summary>
    public ClientCapabilities Capabilities { get; }

    /// <summary>What waits for the standalone stream.</summary>
    public Outbox Outbox { get; } = new(Random.Shared.NextInt64(1L << 32, 1L << 48));

    /// <summary>Sessions with Legacy backends.</summary>
    public SessionLinks Links { get; }

    /// <summary>Questions of backends to the client.</summary>
    public AskTable Asks { get; } = new();

    /// <summary>Calls in flight by the client's id token.</summary>
    public ConcurrentDictionary<string, CallHandle> Calls { get; } = new(concurrencyLevel: 1, capacity: 1); // the usual 31 slots would be 370 bytes more for a call at a time

    /// <summary>Event streams of POSTs that a client may take up again.</summary>
    public ReplayStreams Replays { get; }

    /// <summary>Cancelled when the session ends.</summary>
    public CancellationTokenSource Ended { get; } = new();

    /// <summary>Listening to backends on behalf of this session.</summary>
    public SessionListeners? Listeners { get; set; }

    /// <summary>Whether this is a Modern client's stream that holds subscriptions, and no client's session.</summary>
    internal bool IsStream { get; init; }

    /// <summary>Whether the client would hear of a change now.</summary>
    public bool IsListening => IsStream || Listeners?.HasStream == true;

    /// <summary>Called when a backend tells this session that its lists changed; must return at once. Set by who shows the session lists.</summary>
    internal Action<Backend> ListsChanged { get; set; } = static _ => { };

    /// <summary>The level of <c>logging/setLevel</c>, or null when it was never set.</summary>
    public string? LogLevel
    {
        get => _logLevel;
        set => _logLevel = value;
    }

    /// <summary>Time since the last request, or zero while one runs or a stream is open.</summary>
    public TimeSpan Idle => Volatile.Read(ref _busy) > 0 ? TimeSpan.Zero : _time.GetElapsedTime(Volatile.Read(ref _lastUsed));

    /// <summary>Marks the session as in use until disposed.</summary>
    public Use Enter()
    {
        Interlocked.Increment(ref _busy);
        return new Use(this);
    }

    /// <summary>Its owner came back, perhaps with a refreshed token.</summary>
    internal void SeenBy(Caller caller) => _caller = caller;

    /// <summary>Whether <see cref="Follow"/> would find something to do.</summary>
    public bool IsBehind(GatewaySnapshot snapshot) => Links.HasStale(snapshot) || Listeners?.IsBehind(snapshot) == true;

    /// <summary>Lets go of backends that are gone or changed, and listens again to those that are back.</summary>
    public void Follow(GatewaySnapshot snapshot)
    {
        Links.Prune(snapshot);
        Listeners?.Follow();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Ended.CancelAsync().ConfigureAwait(false);
        foreach (CallHandle call in Calls.Values)
            await call.CancelAsync(reason: null).ConfigureAwait(false);
        if (Listeners is not null)
            await Listeners.DisposeAsync().ConfigureAwait(false);
        await Links.DisposeAsync().ConfigureAwait(false);
    }

    private Task OnLinkOpenedAsync(BackendHandle handle, BackendLink link, CancellationToken cancellationToken) =>
        Listeners?.OnLinkOpenedAsync(handle, link, cancellationToken) ?? Task.CompletedTask;

    private void Leave()
    {
        Volatile.Write(ref _lastUsed, _time.GetTimestamp());
        Interlocked.Decrement(ref _busy);
    }

    /// <summary>One use of a session.</summary>
    /// <param name="session">The session.</param>
    public readonly struct Use(Session session) : IDisposable
    {
        /// <inheritdoc />
        public void Dispose() => session.Leave();
    }
}
