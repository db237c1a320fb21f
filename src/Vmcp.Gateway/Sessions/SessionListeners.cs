using System.Collections.Concurrent;

using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// Listens to backends for one session, for what reaches a client outside of calls: updates of subscribed resources, log
/// messages, late questions. List changes are not its business: the fleet sees them once for all.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="snapshot">The snapshot to look up backends in.</param>
/// <param name="tasks">Runs what no request waits for.</param>
/// <param name="time">The clock.</param>
public sealed class SessionListeners(Session session, Func<GatewaySnapshot> snapshot, TaskTracker tasks, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Resources one session may be subscribed to.</summary>
    internal const int MaxSubscriptions = 1000;

    /// <summary>How long the first call of a session waits for the backend's standalone stream.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromMilliseconds(250);

    private readonly List<Listener> _listeners = [];
    private readonly ConcurrentDictionary<string, string> _subscriptions = new(concurrencyLevel: 1, capacity: 1); // 370 bytes less than the usual 31 slots
    private SemaphoreSlim? _following;
    private readonly Lock _lock = new();
    private int _readers;
    private bool _closed;

    /// <summary>Whether the client reads a standalone stream, so that there is somebody to listen for.</summary>
    public bool HasStream => Volatile.Read(ref _readers) > 0;

    /// <summary>The client opened its stream: listen on every link there is.</summary>
    /// <returns>Dispose it when the stream is closed.</returns>
    public Reader StreamOpened()
    {
        Interlocked.Increment(ref _readers);
        foreach (BackendLink link in session.Links.Live)
            Listen(link.Backend.Name, link);
        return new Reader(this);
    }

    /// <summary>A new link: bring it to the session's log level and subscriptions, and listen if anybody would hear it.</summary>
    public async Task OnLinkOpenedAsync(BackendHandle handle, BackendLink link, CancellationToken cancellationToken)
    {
        if (session.LogLevel is { } level)
            await SetLevelAsync(link, level, cancellationToken).ConfigureAwait(false);
        string backend = handle.Backend.Name;
        List<string> uris = SubscriptionsAt(backend);
        foreach (string uri in uris)
            await link.SendOneAsync(Methods.ResourcesSubscribe, JsonRpc.UriParams(uri), cancellationToken).ConfigureAwait(false);
        if (!HasStream && uris.Count == 0 && !session.Capabilities.Any)
            return;
        // Some servers send their questions on the standalone stream only: it should be there before the first call.
        if (Listen(backend, link) is { } listener)
            await Task.WhenAny(listener.Ready, Task.Delay(StreamPatience, time, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>A link is about to be closed: what listens on it ends.</summary>
    public void LinkClosing(BackendLink link)
    {
        lock (_lock)
            _listeners.Find(l => ReferenceEquals(l.Link, link))?.Stop();
    }

    /// <summary>Sets the log level on every link whose backend logs.</summary>
    public async Task SetLevelAsync(string level, CancellationToken cancellationToken)
    {
        session.LogLevel = level;
        await Task.WhenAll(session.Links.Live.Select(l => SetLevelAsync(l, level, cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Subscribes at the backend. Null: done; else why not.</summary>
    public async Task<BackendFailure?> SubscribeAsync(
        BackendHandle handle, IReadOnlyList<KeyValuePair<string, string>> headers, string uri, CancellationToken cancellationToken)
    {
        if (_subscriptions.Count >= MaxSubscriptions)
            return new BackendFailure(Core.Health.FailureCategory.None, $"was not asked: this session has {MaxSubscriptions} subscriptions already");
        string backend = handle.Backend.Name;
        _subscriptions[uri] = backend;
        if (handle.Era == Era.Modern)
        {
            Listen(backend, handle.ModernLink(() => session.Caller));
            return null;
        }

        LinkOutcome opened = await session.Links.GetAsync(handle, headers, null, cancellationToken).ConfigureAwait(false);
        if (opened.Link is not { } link)
            return Forget(uri, opened.Failure);
        BackendEvent answer = await link.SendOneAsync(Methods.ResourcesSubscribe, JsonRpc.UriParams(uri), cancellationToken).ConfigureAwait(false);
        if (answer.Failure is not null)
            return Forget(uri, answer.Failure);
        if (!answer.Message!.Error.IsEmpty)
            return Forget(uri, new BackendFailure(Core.Health.FailureCategory.None, "refused the subscription"));
        Listen(backend, link);
        return null;
    }

    /// <summary>Ends a subscription; one that does not exist is fine.</summary>
    public async Task UnsubscribeAsync(string uri, CancellationToken cancellationToken)
    {
        if (!_subscriptions.TryRemove(uri, out string? backend) || !snapshot().Backends.TryGetValue(backend, out BackendView? view))
            return;
        if (view.Handle.Era == Era.Modern)
        {
            Listen(backend, view.Handle.ModernLink(() => session.Caller));
            return;
        }

        foreach (BackendLink link in session.Links.Live.Where(l => l.Backend.Name == backend))
            await link.SendOneAsync(Methods.ResourcesUnsubscribe, JsonRpc.UriParams(uri), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether <see cref="Follow"/> would find something to do.</summary>
    public bool IsBehind(GatewaySnapshot now)
    {
        lock (_lock)
            return _listeners.Exists(l => IsAstray(l, now)) || !_subscriptions.IsEmpty && _subscriptions.Values.Any(b => ToResume(b, now) is not null);
    }

    /// <summary>
    /// Stops listening to Modern backends that are gone or changed (on others listening ends with the link), and subscribes again at those
    /// that are back: subscriptions outlive their backend.
    /// </summary>
    public void Follow() => tasks.Run("following the backends of subscriptions", FollowAsync);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        List<Listener> ending;
        lock (_lock)
        {
            _closed = true;
            ending = [.. _listeners];
        }

        await Task.WhenAll(ending.Select(l => l.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, session.Ended.Token);
        SemaphoreSlim following = LazyInitializer.EnsureInitialized(ref _following, static () => new SemaphoreSlim(1));
        await following.WaitAsync(ended.Token).ConfigureAwait(false);
        try
        {
            GatewaySnapshot now = snapshot();
            lock (_lock)
                _listeners.FindAll(l => IsAstray(l, now)).ForEach(l => l.Stop());
            await Task.WhenAll(_subscriptions.Values.Distinct().Select(b => ToResume(b, now)).OfType<BackendHandle>().Select(h => ResumeAsync(h, ended.Token)))
                .ConfigureAwait(false);
        }
        finally
        {
            following.Release();
        }
    }

    /// <summary>A link that has to be opened for it subscribes by itself.</summary>
    private Task ResumeAsync(BackendHandle handle, CancellationToken cancellationToken)
    {
        if (handle.Era == Era.Legacy)
            return session.Links.GetAsync(handle, [], LostLink(handle), cancellationToken);
        Listen(handle.Backend.Name, handle.ModernLink(() => session.Caller));
        return Task.CompletedTask;
    }

    private BackendLink? LostLink(BackendHandle handle)
    {
        lock (_lock)
            return _listeners.Find(l => l.Link.Backend == handle.Backend && l.IsLost)?.Link;
    }

    /// <summary>The backend, if the session has subscriptions there, it is in service, and nobody listens to it as it is now.</summary>
    private BackendHandle? ToResume(string backend, GatewaySnapshot now)
    {
        if (!now.Backends.TryGetValue(backend, out BackendView? view) || !view.Listed || view.Handle.Dialect == BackendDialect.Unknown)
            return null;
        lock (_lock)
        {
            bool served = _listeners.Exists(l => !l.IsStopped && !l.IsLost && l.Link.Era == view.Handle.Era && l.Link.Backend == view.Handle.Backend);
            return served ? null : view.Handle;
        }
    }

    private static bool IsAstray(Listener listener, GatewaySnapshot now) =>
        listener.Link.Era == Era.Modern && !listener.IsStopped
        && !(now.Backends.TryGetValue(listener.Link.Backend.Name, out BackendView? view) && view.Handle.Backend == listener.Link.Backend);

    private List<string> SubscriptionsAt(string backend) => [.. _subscriptions.Where(s => s.Value == backend).Select(s => s.Key).Order(StringComparer.Ordinal)];

    private BackendFailure? Forget(string uri, BackendFailure? failure)
    {
        _subscriptions.TryRemove(uri, out _);
        return failure;
    }

    private static async Task SetLevelAsync(BackendLink link, string level, CancellationToken cancellationToken)
    {
        // Asking a backend that did not advertise logging would only earn an error.
        if (RawJson.Find(link.ServerCapabilities.Span, "logging"u8).End.Value > 0)
            await link.SendOneAsync(Methods.SetLevel, JsonRpc.Join("{\"level\":"u8, RawJson.Quote(level), "}"u8), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One listener per link; for a Modern backend one at all, which a changed set of subscriptions replaces.</summary>
    private Listener? Listen(string backend, BackendLink link)
    {
        lock (_lock)
        {
            if (_closed)
                return null;
            _listeners.RemoveAll(l => l.IsStopped && l.Task.IsCompleted);
            Listener? running = _listeners.Find(l => !l.IsStopped && (ReferenceEquals(l.Link, link) || (link.Era == Era.Modern && l.Link.Era == Era.Modern && l.Link.Backend.Name == backend)));
            if (running is not null && link.Era == Era.Legacy)
                return running;
            running?.Stop();
            List<string> uris = SubscriptionsAt(backend);
            if (link.Era == Era.Modern && uris.Count == 0)
                return null;
            Listener next = new(session, link, new ListenFilter(false, false, false, uris), running?.Task, Follow, time);
            _listeners.Add(next);
            return next;
        }
    }

    /// <summary>A standalone stream that the client reads.</summary>
    /// <param name="owner">Whose.</param>
    public sealed class Reader(SessionListeners owner) : IDisposable
    {
        /// <inheritdoc />
        public void Dispose() => Interlocked.Decrement(ref owner._readers);
    }
}
