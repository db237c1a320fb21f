using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using Vmcp.Core.Backends;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Identity;
using Vmcp.Core.Waiting;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Identities;

/// <summary>
/// Catalogs of users: what is for everybody, and what the backends that are called with each user's own credential list to that user. Filled on
/// first use, kept for a while, told by <c>list_changed</c> when they change. A gateway without such backends pays nothing for it.
/// </summary>
public sealed class IdentityCatalogs
{
    private readonly ConcurrentDictionary<IdentityKey, Identity> _identities = new();
    private readonly AsyncSignal _moved = new();
    private readonly BackendFleet _fleet;
    private readonly GatewayOptions _options;
    private readonly TaskTracker _tasks;
    private readonly TimeProvider _time;
    private readonly ILogger<IdentityCatalogs> _logger;
    private readonly OwnLister _lister;
    private readonly SharedLists _shared;
    private readonly Func<GatewaySnapshot> _current;
    private GatewaySnapshot _followed = GatewaySnapshot.Empty;

    /// <summary>Starts empty and follows the fleet.</summary>
    public IdentityCatalogs(BackendFleet fleet, GatewayOptions options, TaskTracker tasks, TimeProvider time, ILogger<IdentityCatalogs> logger)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        ArgumentNullException.ThrowIfNull(tasks);
        _fleet = fleet;
        _current = () => _fleet.Current;
        _options = options;
        _tasks = tasks;
        _time = time;
        _logger = logger;
        _lister = new OwnLister(time);
        _shared = new SharedLists(options.MaxIdentities);
        fleet.Published += OnPublished;
        tasks.Run("following the catalogs of users", FollowAsync);
    }

    /// <summary>The sessions and streams that are shown catalogs; set once at start.</summary>
    public Func<IEnumerable<Session>> Audience { get; set; } = static () => [];

    /// <summary>Tells clients which of their lists changed; set once at start.</summary>
    public Action<Func<Session, ListChanges>> Tell { get; set; } = static _ => { };

    /// <summary>Users in memory, each once for each kind of client.</summary>
    public int Count => _identities.Count;

    /// <summary>
    /// The snapshot of a request. Where there are per-user backends it shows what they list to this caller, and waits on first use until they
    /// have said so, or <see cref="GatewayOptions.ListPatience"/> is over: what comes later is told by notification.
    /// </summary>
    public ValueTask<GatewaySnapshot> ForAsync(Caller caller, ClientCapabilities client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        GatewaySnapshot now = _fleet.Current;
        // Who has no proof has nothing that could be exchanged for a credential: there is nobody to ask for.
        return now.PerUser.IsEmpty || caller.Token is null ? new ValueTask<GatewaySnapshot>(now) : OwnAsync(now, caller, client, cancellationToken);
    }

    /// <summary>Whether the lists of this session are followed here, and not those for everybody.</summary>
    public bool Has(Session session) => !_identities.IsEmpty && _identities.ContainsKey(IdentityKey.Of(session));

    /// <summary>A backend told a user's session that its lists changed: it is asked anew for that user, whatever the client.</summary>
    public void Outdated(Session session, Backend backend)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(backend);
        GatewaySnapshot now = _fleet.Current;
        if (!backend.Strategy.IsPerUser || now.PerUser.IsEmpty)
            return;
        foreach (Identity identity in _identities.Values.Where(i => i.Key.Principal == session.Caller.Principal))
        {
            identity.Outdate(backend.Name);
            AskAgain(identity, now);
        }
    }

    /// <summary>Forgets users who did not come for a while.</summary>
    public void Sweep()
    {
        if (_identities.IsEmpty)
            return;
        HashSet<IdentityKey> listening = [.. Audience().Where(s => s.IsListening).Select(IdentityKey.Of)];
        foreach ((IdentityKey key, Identity identity) in _identities)
        {
            if (_time.GetElapsedTime(identity.LastUsed) > _options.IdentityTtl && !listening.Contains(key))
                _identities.TryRemove(key, out _);
        }
    }

    // Apart from the usual path: a lambda's captures are allocated where the method begins, used or not.
    private ValueTask<GatewaySnapshot> OwnAsync(GatewaySnapshot now, Caller caller, ClientCapabilities client, CancellationToken cancellationToken)
    {
        long at = _time.GetTimestamp();
        Identity identity = Find(new IdentityKey(caller.Principal, client), caller, now);
        identity.Use(caller, at);
        List<Question>? first = identity.IsQuiet(now.PerUser, at) ? null : Ask(identity, now, at);
        return first is null ? new ValueTask<GatewaySnapshot>(Show(identity)) : WaitAndShowAsync(identity, first, cancellationToken);
    }

    private List<Question>? Ask(Identity identity, GatewaySnapshot now, long at) => identity.Ask(now.PerUser, at, q => Start(identity, q));

    private GatewaySnapshot Show(Identity identity)
    {
        GatewaySnapshot own = identity.Show(_current, out ListChanges changes);
        TellOf(identity, changes);
        return own;
    }

    private async ValueTask<GatewaySnapshot> WaitAndShowAsync(Identity identity, List<Question> first, CancellationToken cancellationToken)
    {
        await WaitAsync(first, cancellationToken).ConfigureAwait(false);
        return Show(identity);
    }

    /// <summary>Waits for answers, each for as long as its question may keep a client waiting.</summary>
    private async Task WaitAsync(List<Question> questions, CancellationToken cancellationToken)
    {
        TimeSpan left = _options.ListPatience - _time.GetElapsedTime(questions.Max(q => q.StartedAt));
        if (left <= TimeSpan.Zero)
            return;
        try
        {
            await Task.WhenAll(questions.Select(q => q.Done.Task)).WaitAsync(left, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The answers come later.
        }
    }

    private Identity Find(IdentityKey key, Caller caller, GatewaySnapshot now)
    {
        if (_identities.TryGetValue(key, out Identity? known))
            return known;
        MakeRoom();
        // A client that is here already was shown lists, perhaps before this identity was forgotten: it is told of what comes.
        Catalog? told = Audience().Any(s => IdentityKey.Of(s) == key) ? now.CatalogFor(key.Client) : null;
        return _identities.GetOrAdd(key, k => new Identity(k, caller, told, _shared));
    }

    private void MakeRoom()
    {
        // It may be emptied by somebody else between the two looks.
        while (_identities.Count >= _options.MaxIdentities && _identities.MinBy(i => i.Value.LastUsed) is { Value: not null } oldest)
            _identities.TryRemove(oldest);
    }

    private void Start(Identity identity, Question question) =>
        _tasks.Run("asking a backend what it lists to a user", stopping => AskAsync(identity, question, stopping));

    private async Task AskAsync(Identity identity, Question question, CancellationToken stopping)
    {
        bool again;
        try
        {
            OwnAnswer answer = await _lister.AskAsync(question.Backend.Handle, () => identity.Caller, identity.Key.Client, stopping).ConfigureAwait(false);
            if (!identity.Take(question, answer, _options.OwnListAge, _time, out again))
                return;
        }
        finally
        {
            identity.Drop(question);
        }

        TellOf(identity, identity.News(_current));
        if (again)
            AskAgain(identity, _fleet.Current);
    }

    /// <summary>Asks what is due, unless the user's proof has run out: then the next request brings a new one.</summary>
    private List<Question>? AskAgain(Identity identity, GatewaySnapshot now) =>
        identity.Caller.Token?.ExpiresAt <= _time.GetUtcNow() ? null : Ask(identity, now, _time.GetTimestamp());

    private void TellOf(Identity identity, ListChanges changes)
    {
        if (changes != ListChanges.None)
            Tell(s => IdentityKey.Of(s) == identity.Key ? changes : ListChanges.None);
    }

    private void OnPublished(GatewaySnapshot before, GatewaySnapshot now)
    {
        if (!ReferenceEquals(before.Catalog, now.Catalog) || before.PerUser != now.PerUser)
            _moved.Set();
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        while (true)
        {
            await _moved.WaitAsync(stopping).ConfigureAwait(false);
            try
            {
                await FollowOnceAsync(stopping).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // One round that fails by a bug must not be the last one; the bug is logged.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                _logger.BackgroundWorkFailed("following the catalogs of users", e);
            }
        }
    }

    /// <summary>
    /// The backends or what is for everybody changed. Who listens has new backends asked on their behalf; then everybody is told what changed
    /// for them, which for most is nothing. Others ask when they come back.
    /// </summary>
    private async Task FollowOnceAsync(CancellationToken stopping)
    {
        GatewaySnapshot now = _fleet.Current;
        GatewaySnapshot before = Interlocked.Exchange(ref _followed, now);
        if (now.PerUser.IsEmpty && _identities.IsEmpty)
            return;
        List<Question> first = [];
        HashSet<IdentityKey> present = [];
        foreach (Session session in Audience())
        {
            present.Add(IdentityKey.Of(session));
            if (session.IsListening && session.Caller.Token is not null && FindFor(session, before) is { } identity)
                first.AddRange(AskAgain(identity, now) ?? []);
        }

        // A backend that was just added, or moved, is one change for clients and not two.
        if (first.Count > 0)
            await WaitAsync(first, stopping).ConfigureAwait(false);
        // Who is not here is told nothing, so there is no catalog to be made for them either.
        Dictionary<IdentityKey, ListChanges> changes = _identities.Where(i => present.Contains(i.Key)).ToDictionary(i => i.Key, i => i.Value.News(_current));
        if (changes.Values.Any(c => c != ListChanges.None))
            Tell(s => changes.GetValueOrDefault(IdentityKey.Of(s)));
        if (now.PerUser.IsEmpty && _fleet.Current.PerUser.IsEmpty)
            _identities.Clear();
    }

    /// <summary>The identity of somebody who listens; a new one only where there is room, for nobody asked.</summary>
    private Identity? FindFor(Session session, GatewaySnapshot before)
    {
        IdentityKey key = IdentityKey.Of(session);
        if (_identities.TryGetValue(key, out Identity? known))
            return known;
        return _identities.Count < _options.MaxIdentities
            ? _identities.GetOrAdd(key, k => new Identity(k, session.Caller, before.CatalogFor(k.Client), _shared))
            : null;
    }
}
