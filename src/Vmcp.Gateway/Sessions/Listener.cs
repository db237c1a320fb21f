using Vmcp.Gateway.Calls;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>Moves what one backend sends outside of calls to one session's stream.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Session _session;
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts listening; <paramref name="before"/> is the listener this one replaces.</summary>
    public Listener(Session session, BackendLink link, ListenFilter filter, Task? before, TimeProvider time)
    {
        _session = session;
        Link = link;
        link.ListensAside = link.Era == Era.Legacy;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(session.Ended.Token);
        Task = RunAsync(filter, before, time, _stop.Token);
    }

    /// <summary>The link listened on.</summary>
    public BackendLink Link { get; }

    /// <summary>Ends when listening has ended.</summary>
    public Task Task { get; }

    /// <summary>Ends when the stream was open for the first time, or will never be.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Asks the listener to end.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(ListenFilter filter, Task? before, TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.Yield();
        TimeSpan pause = TimeSpan.FromSeconds(1);
        void Opened()
        {
            pause = TimeSpan.FromSeconds(1);
            _ready.TrySetResult();
        }

        try
        {
            if (before is not null)
                await before.ConfigureAwait(false);
            while (Link.IsAlive)
            {
                BackendFailure? end = await Link.ListenAsync(filter, OnMessageAsync, Opened, cancellationToken)
                    .ConfigureAwait(false);
                _ready.TrySetResult();
                if (end is { HttpStatus: >= 400 and < 500 and not 429 })
                    return; // no such stream, or the session is gone: the next call opens a new link and listens there
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                pause = pause < TimeSpan.FromSeconds(30) ? pause * 2 : pause;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session ended or another listener took over.
        }
        finally
        {
            _ready.TrySetResult();
        }
    }

    private async ValueTask OnMessageAsync(BackendMessage message)
    {
        switch (message.Method)
        {
            case Methods.ToolsChanged or Methods.ResourcesChanged or Methods.PromptsChanged:
                return; // the fleet's own listener turns these into one event for all sessions
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
