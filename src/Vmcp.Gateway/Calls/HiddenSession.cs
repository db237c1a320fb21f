using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// A one-call-at-a-time session with a Legacy backend and its standalone stream: some servers send their questions there.
/// </summary>
internal sealed class HiddenSession : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;

    /// <summary>Starts listening on a link that was just opened.</summary>
    public HiddenSession(BackendLink link)
    {
        Link = link;
        link.ListensAside = true;
        _listening = ListenAsync(_stop.Token);
    }

    /// <summary>The link.</summary>
    public BackendLink Link { get; }

    /// <summary>Since when it is idle.</summary>
    public long IdleSince { get; set; }

    /// <summary>Waits until the stream is open or will never be, but not longer than the limit.</summary>
    public Task ReadyAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken) =>
        Task.WhenAny(_ready.Task, Task.Delay(limit, time, cancellationToken));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _listening.ConfigureAwait(false);
        await Link.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            // Not reopened when it ends: the session serves on without, and its successor gets a stream of its own.
            await Link.ListenAsync(ListenFilter.None, OnMessageAsync, () => _ready.TrySetResult(), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Closed.
        }
        finally
        {
            _ready.TrySetResult();
        }
    }

    private async ValueTask OnMessageAsync(BackendMessage message)
    {
        // No call's business, and each event a call sees starts its silence anew: a storm of changes would keep it waiting.
        if (message.Method is Methods.ToolsChanged or Methods.ResourcesChanged or Methods.PromptsChanged or Methods.ResourceUpdated)
            return;
        if (Link.TryHandToCall(message) || message.Kind != MessageKind.Request)
            return;
        byte[] answer = message.Method == Methods.Ping
            ? JsonRpc.Result(message.Id.Span, "{}"u8)
            : JsonRpc.Error(message.Id.Span, JsonRpcCodes.MethodNotFound, "No call is in flight that this could be about.");
        await Link.PostAsync(answer, [], _stop.Token).ConfigureAwait(false);
    }
}
