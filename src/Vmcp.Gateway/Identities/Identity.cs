using System.Collections.Immutable;

using Vmcp.Core.Catalogs;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Identities;

/// <summary>Whose lists: a user as one kind of client, because what a backend lists may depend on both.</summary>
/// <param name="Principal">The user.</param>
/// <param name="Client">What the client can be asked.</param>
internal readonly record struct IdentityKey(Principal Principal, ClientCapabilities Client)
{
    /// <summary>Whose lists a session is shown.</summary>
    public static IdentityKey Of(Session session) => new(session.Caller.Principal, session.Capabilities);
}

/// <summary>One question to a backend that is on its way.</summary>
/// <param name="Backend">Who is asked.</param>
/// <param name="StartedAt">The time stamp of its beginning.</param>
internal sealed record Question(PerUserBackend Backend, long StartedAt)
{
    /// <summary>The lists changed while they were read.</summary>
    public bool IsOutdated { get; set; }

    /// <summary>Ends when the answer was taken, or there will be none.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What the per-user backends said to one user as one kind of client, and the catalog made of it.</summary>
/// <param name="key">Whose.</param>
/// <param name="caller">The user, with the first proof.</param>
/// <param name="told">What clients of this identity may have been shown before; null when there are none.</param>
/// <param name="shared">What users have in common.</param>
internal sealed class Identity(IdentityKey key, Caller caller, Catalog? told, SharedLists shared)
{
    private readonly Dictionary<string, OwnLists> _said = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Question> _asked = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private volatile Caller _caller = caller;
    private Catalog? _told = told;
    private (GatewaySnapshot Base, GatewaySnapshot Own)? _view;
    private ImmutableArray<PerUserBackend> _quietFor = [];
    private long _quietUntil;
    private long _lastUsed;
    private DateTimeOffset _latest;

    /// <summary>Whose lists these are.</summary>
    public IdentityKey Key => key;

    /// <summary>The user, with the newest proof.</summary>
    public Caller Caller => _caller;

    /// <summary>The time stamp of the last use.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>
    /// The user is here, perhaps with a newer proof. After a new login a backend that gave nothing is asked at once, and not when its pause is
    /// over; two proofs that take turns do not count as new ones.
    /// </summary>
    public void Use(Caller newest, long now)
    {
        Caller before = _caller;
        _caller = newest;
        Volatile.Write(ref _lastUsed, now);
        if (ReferenceEquals(newest, before) || newest.Token?.ExpiresAt is not { } end || !(end > before.Token?.ExpiresAt))
            return;
        lock (_lock)
        {
            if (end <= _latest)
                return;
            _latest = end;
            _quietUntil = long.MinValue;
            foreach ((string backend, OwnLists said) in _said.ToArray())
            {
                if (said.Items is null)
                    _said[backend] = said with { DueAt = long.MinValue };
            }
        }
    }

    /// <summary>Whether nobody has to be asked now, and nobody waited for.</summary>
    /// <param name="backends">The per-user backends of now.</param>
    /// <param name="now">The time stamp of now.</param>
    public bool IsQuiet(ImmutableArray<PerUserBackend> backends, long now)
    {
        lock (_lock)
            return _quietFor == backends && now < _quietUntil;
    }

    /// <summary>
    /// Asks the backends whose lists are missing or old. Returns the questions a client has to wait for, because without the answer it would
    /// see nothing of that backend, or could not call it; null when there is none.
    /// </summary>
    /// <param name="backends">The per-user backends of now.</param>
    /// <param name="now">The time stamp of now.</param>
    /// <param name="start">Sends a question on its way; must return at once.</param>
    public List<Question>? Ask(ImmutableArray<PerUserBackend> backends, long now, Action<Question> start)
    {
        lock (_lock)
        {
            if (_quietFor == backends && now < _quietUntil)
                return null;
            if (_quietFor != backends)
                Forget(backends);
            List<Question>? first = null;
            long quietUntil = long.MaxValue;
            foreach (PerUserBackend backend in backends)
            {
                OwnLists? said = _said.GetValueOrDefault(backend.Name);
                Question? question = _asked.GetValueOrDefault(backend.Name);
                if (question?.Backend.Handle != backend.Handle)
                {
                    question = null;
                    if (backend.Dialled && said?.IsDue(backend, now) != false)
                    {
                        _asked[backend.Name] = question = new Question(backend, now);
                        start(question);
                    }
                }

                if (question is null)
                    quietUntil = backend.Dialled && said is not null ? Math.Min(quietUntil, said.DueAt) : quietUntil;
                else if (said?.IsFor(backend) != true || (said.Items is not null && backend.Handle.Dialect == BackendDialect.Unknown))
                    (first ??= []).Add(question);
            }

            // Nothing to wait for and nothing to do until then, or until a backend moves or answers. Requests come here in another order than
            // they took the time, so while there is something to wait for no time is quiet.
            (_quietFor, _quietUntil) = (backends, first is null ? quietUntil : long.MinValue);
            return first;
        }
    }

    /// <summary>What a backend said is no longer true. One that is being asked is asked once more: it may have read the old list.</summary>
    public void Outdate(string backend)
    {
        lock (_lock)
        {
            _quietUntil = long.MinValue;
            if (_asked.TryGetValue(backend, out Question? question))
                question.IsOutdated = true;
            else if (_said.TryGetValue(backend, out OwnLists? said))
                _said[backend] = said with { DueAt = long.MinValue };
        }
    }

    /// <summary>Takes the answer to a question; false when it came too late to matter.</summary>
    /// <param name="question">The question.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="age">How long good lists stay good.</param>
    /// <param name="time">The clock.</param>
    /// <param name="again">Whether it is outdated already.</param>
    public bool Take(Question question, OwnAnswer answer, TimeSpan age, TimeProvider time, out bool again)
    {
        lock (_lock)
        {
            again = question.IsOutdated;
            string name = question.Backend.Name;
            if (!_asked.TryGetValue(name, out Question? asked) || asked != question)
                return false;
            _asked.Remove(name);
            if (answer.Items is { } items)
                answer = answer with { Items = shared.Share(question.Backend.Handle, items) };
            OwnLists said = OwnLists.After(_said.GetValueOrDefault(name), question.Backend, answer, age, time);
            _said[name] = again ? said with { DueAt = long.MinValue } : said;
            _view = null;
            _quietUntil = long.MinValue;
            return true;
        }
    }

    /// <summary>A question ended without an answer, for example because the gateway stops.</summary>
    public void Drop(Question question)
    {
        lock (_lock)
        {
            if (_asked.GetValueOrDefault(question.Backend.Name) == question)
                _asked.Remove(question.Backend.Name);
            _quietUntil = long.MinValue;
        }

        question.Done.TrySetResult();
    }

    /// <summary>What this user is shown now, and what clients that were shown another catalog before have to be told.</summary>
    /// <param name="current">Gives the newest snapshot for nobody in particular.</param>
    /// <param name="changes">What changed since the last time; nothing at the first time.</param>
    public GatewaySnapshot Show(Func<GatewaySnapshot> current, out ListChanges changes)
    {
        lock (_lock)
        {
            GatewaySnapshot own = Look(current());
            changes = _told is null || ReferenceEquals(_told, own.Catalog) ? ListChanges.None : Snapshots.Compare(_told, own.Catalog);
            _told = own.Catalog;
            return own;
        }
    }

    /// <summary>The same for clients that are not asking: what was never shown to anybody is no news.</summary>
    public ListChanges News(Func<GatewaySnapshot> current)
    {
        lock (_lock)
        {
            if (_told is null)
                return ListChanges.None;
        }

        Show(current, out ListChanges changes);
        return changes;
    }

    private GatewaySnapshot Look(GatewaySnapshot now)
    {
        if (_view is { } view && ReferenceEquals(view.Base.Catalog, now.Catalog) && view.Base.PerUser == now.PerUser)
        {
            if (!ReferenceEquals(view.Base, now))
                _view = view = (now, view.Own.Own!.Dress(now, view.Own.Catalog));
            return view.Own;
        }

        GatewaySnapshot own = new OwnItems([.. now.PerUser.Select(b => (b, _said.GetValueOrDefault(b.Name)))]).Over(now, key.Client, shared);
        _view = (now, own);
        return own;
    }

    /// <summary>What a backend said that has left is not shown as another one's of the same name.</summary>
    private void Forget(ImmutableArray<PerUserBackend> backends)
    {
        HashSet<string> names = [.. backends.Select(b => b.Name)];
        foreach (string gone in _said.Keys.Where(n => !names.Contains(n)).ToList())
            _said.Remove(gone);
        foreach (string gone in _asked.Keys.Where(n => !names.Contains(n)).ToList())
            _asked.Remove(gone);
    }
}
