using Vmcp.Gateway.Calls;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>Moves what one backend sends outside of calls to one session's stream.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Session _session;
    // The end of the session reaches it by SessionListeners: a registration in each session's token would cost 270 bytes of an idle one.
    private readonly CancellationTokenSource _stop = new();
    private volatile TaskCompletionSource? _ready = new(TaskCreationOptions.RunContinuationsAsynchronously); // null when it has ended
    private readonly Action _lost;
    private volatile bool _isStopped;
    private volatile bool _isLost;

    /// <summary>
    /// Starts listening; <paramref name="before"/> is the listener this one replaces. <paramref name="lost"/> is called when the backend
    /// no longer knows the session.
    /// </summary>
    public Listener(Session session, BackendLink link, ListenFilter filter, Task? before, Action lost, TimeProvider time)
    {
        _session = session;
        _lost = lost;
        Link = link;
        link.ListensAside = link.Era == Era.Legacy;
        Task = RunToEndAsync(filter, before, time, _stop.Token);
    }

    /// <summary>The link listened on.</summary>
    public BackendLink Link { get; }

    /// <summary>Ends when listening has ended.</summary>
    public Task Task { get; }

    /// <summary>Ends when the stream was open for the first time, or will never be.</summary>
    public Task Ready => _ready?.Task ?? System.Threading.Tasks.Task.CompletedTask;

    /// <summary>Whether it was asked to end.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>Whether it ended because the link's session is gone at the backend.</summary>
    public bool IsLost => _isLost;

    /// <summary>Asks the listener to end.</summary>
    public void Stop()
    {
        _isStopped = true;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself.
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Stop();
        await Task.ConfigureAwait(false);
    }

    private async Task RunToEndAsync(ListenFilter filter, Task? before, TimeProvider time, CancellationToken cancellationToken)
    {
        await RunAsync(filter, before, time, cancellationToken).ConfigureAwait(false);
        _stop.Dispose();
        if (_isLost && !_isStopped)
            _lost();
    }

    private async Task RunAsync(ListenFilter filter, Task? before, TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.Yield();
        TimeSpan pause = TimeSpan.FromSeconds(1);
        bool wasOpen = false;
        void Opened()
        {
            wasOpen = true;
            pause = TimeSpan.FromSeconds(1);
            _ready?.TrySetResult();
        }

        try
        {
            if (before is not null)
                await before.ConfigureAwait(false);
            while (Link.IsAlive)
            {
                BackendFailure? end = await Link.ListenAsync(filter, OnMessageAsync, Opened, cancellationToken)
                    .ConfigureAwait(false);
                _ready?.TrySetResult();
                if (end is { HttpStatus: >= 400 and < 500 and not 429 })
                {
                    // No such stream, or, where there was one, (404) the session is gone, for example because the backend was restarted.
                    _isLost = wasOpen && Link.Era == Era.Legacy && end.HttpStatus == 404;
                    return;
                }

                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                pause = pause < TimeSpan.FromSeconds(30) ? pause * 2 : pause;
            }

            _isLost = true; // the stream was the session
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session ended or another listener took over.
        }
        finally
        {
            _ready?.TrySetResult();
            _ready = null;
        }
    }

    private async ValueTask OnMessageAsync(BackendMessage message)
    {
        switch (message.Method)
        {
            case Methods.ToolsChanged or Methods.ResourcesChanged or Methods.PromptsChanged:
                // The fleet's own listener turns these into one event for all sessions; it may not hear of what only this user sees.
                _session.ListsChanged(Link.Backend);
                return;
            case Methods.Ping when message.Kind == MessageKind.Request:
                await Link.PostAsync(JsonRpc.Result(message.Id.Span, "{}"u8), [], _stop.Token).ConfigureAwait(false);
                return;
            case Methods.Cancelled:
                if (BackendQuestion.Withdraw(_session.Asks, Link, message) is { } withdrawn)
                    _session.Outbox.Add(withdrawn);
                return;
            default:
                break;
        }

        if (Link.TryHandToCall(message))
            return;
        if (message.Kind == MessageKind.Request)
            await QuestionAsync(message).ConfigureAwait(false);
        else
            _session.Outbox.Add(Link.Era == Era.Modern ? WithoutSubscription(message) : message.Json);
    }

    private async Task QuestionAsync(BackendMessage message)
    {
        ReadOnlyMemory<byte> id = message.Id;
        Ask? ask = _session.Capabilities.Allows(message.Method, message.Params.Span)
            ? _session.Asks.Open(
                Link, id, BackendQuestion.ProgressToken(message),
                answer => Link.PostAsync(JsonRpc.WithId(answer, id.Span), [], _session.Ended.Token))
            : null;
        if (ask is not null)
            _session.Outbox.Add(message.WithId(System.Text.Encoding.UTF8.GetBytes(ask.Id)));
        else
            await Link.PostAsync(JsonRpc.Error(id.Span, JsonRpcCodes.MethodNotFound, "The client cannot be asked this."), [], _stop.Token).ConfigureAwait(false);
    }

    /// <summary>A Legacy client knows no subscription ids.</summary>
    private static ReadOnlyMemory<byte> WithoutSubscription(BackendMessage message)
    {
        ReadOnlySpan<byte> parameters = message.Params.Span;
        if (!RawJson.IsObject(parameters))
            return message.Json;
        ReadOnlySpan<byte> meta = parameters[RawJson.Find(parameters, "_meta"u8)];
        byte[] kept = meta.IsEmpty ? [] : RawJson.Rebuild(meta, static (ref RawMembers m) => m.NameStartsWith(ModernMeta.ReservedPrefix), default);
        ReadOnlySpan<byte> append = kept.Length > 2 ? JsonRpc.Join("\"_meta\":"u8, kept, default) : default;
        return JsonRpc.Notification(message.Method, RawJson.Rebuild(parameters, static (ref RawMembers m) => m.NameIs("_meta"u8), append));
    }
}
