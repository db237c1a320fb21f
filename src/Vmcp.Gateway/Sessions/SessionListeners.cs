using System.Collections.Concurrent;

using Vmcp.Gateway.Backends;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// Listens to backends for one Legacy session, for what reaches a client outside of calls: updates of subscribed resources,
/// log messages, late questions. List changes are not its business: the fleet sees them once for all.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="snapshot">The snapshot to look up backends in.</param>
/// <param name="time">The clock.</param>
public sealed class SessionListeners(Session session, Func<GatewaySnapshot> snapshot, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Resources one session may be subscribed to.</summary>
    internal const int MaxSubscriptions = 1000;

    /// <summary>How long the first call of a session waits for the backend's standalone stream.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, Listener> _listeners = new();
    private readonly ConcurrentDictionary<string, string> _subscriptions = new();
    private readonly Lock _lock = new();
    private bool _closed;

    /// <summary>Whether the client reads a standalone stream, so that there is somebody to listen for.</summary>
    public bool HasStream { get; private set; }

    /// <summary>The client opened its stream: listen on every link there is.</summary>
    public void StreamOpened()
    {
        HasStream = true;
        foreach (BackendLink link in session.Links.Live)
            Listen(link.Backend.Name, link);
    }

    /// <summary>A new link: bring it to the session's log level and subscriptions, and listen if anybody would hear it.</summary>
    public async Task OnLinkOpenedAsync(BackendHandle handle, BackendLink link, CancellationToken cancellationToken)
    {
        if (session.LogLevel is { } level)
            await SetLevelAsync(link, level, cancellationToken).ConfigureAwait(false);
        string backend = handle.Backend.Name;
        List<string> uris = [.. _subscriptions.Where(s => s.Value == backend).Select(s => s.Key)];
        foreach (string uri in uris)
            await link.SendOneAsync(Methods.ResourcesSubscribe, JsonRpc.Join("{\"uri\":"u8, RawJson.Quote(uri), "}"u8), cancellationToken).ConfigureAwait(false);
        if (!HasStream && uris.Count == 0 && !session.Capabilities.Any)
            return;
        // Some servers send their questions on the standalone stream only: it should be there before the first call.
        if (Listen(backend, link) is { } listener)
            await Task.WhenAny(listener.Ready, Task.Delay(StreamPatience, time, cancellationToken)).ConfigureAwait(false);
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
            Listen(backend, handle.ModernLink(session.Principal));
            return null;
        }

        LinkOutcome opened = await session.Links.GetAsync(handle, headers, null, cancellationToken).ConfigureAwait(false);
        if (opened.Link is not { } link)
            return Forget(uri, opened.Failure);
        BackendEvent answer = await link.SendOneAsync(Methods.ResourcesSubscribe, JsonRpc.Join("{\"uri\":"u8, RawJson.Quote(uri), "}"u8), cancellationToken)
            .ConfigureAwait(false);
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
            Listen(backend, view.Handle.ModernLink(session.Principal));
            return;
        }

        foreach (BackendLink link in session.Links.Live.Where(l => l.Backend.Name == backend))
            await link.SendOneAsync(Methods.ResourcesUnsubscribe, JsonRpc.Join("{\"uri\":"u8, RawJson.Quote(uri), "}"u8), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops listening to a backend that is gone. Its subscriptions stay: it may come back.</summary>
    public void Drop(string backend)
    {
        if (_listeners.TryRemove(backend, out Listener? listener))
            listener.Stop();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
            _closed = true;
        await Task.WhenAll(_listeners.Values.Select(l => l.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

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

    /// <summary>One listener per backend; a new link, or a changed set of subscriptions, replaces it.</summary>
    private Listener? Listen(string backend, BackendLink link)
    {
        lock (_lock)
        {
            if (_closed)
                return null;
            List<string> uris = [.. _subscriptions.Where(s => s.Value == backend).Select(s => s.Key).Order(StringComparer.Ordinal)];
            if (_listeners.TryGetValue(backend, out Listener? running))
            {
                if (link.Era == Era.Legacy && ReferenceEquals(running.Link, link))
                    return running;
                running.Stop();
            }

            if (link.Era == Era.Modern && uris.Count == 0)
                return null;
            return _listeners[backend] = new Listener(session, link, new ListenFilter(false, false, false, uris), running?.Task, time);
        }
    }
}
