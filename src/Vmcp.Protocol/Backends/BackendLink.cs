using System.Threading.Channels;

using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Backends;

/// <summary>A conversation with one backend on behalf of one owner: a client's session, a principal, or the gateway's own probe.</summary>
public abstract class BackendLink : IAsyncDisposable
{
    private readonly List<ChannelWriter<BackendMessage>> _calls = [];
    private long _lastOwnId;
    private int _inFlight;

    /// <summary>The backend as it was configured when the link was opened.</summary>
    public required Backend Backend { get; init; }

    /// <summary>
    /// On whose behalf, as of now: the owner's newest proof, for what no request of a client carries its own for. Null for the gateway itself.
    /// </summary>
    public Func<Caller?> Owner { get; init; } = Gateway;

    /// <summary>The owner of links that speak for the gateway itself.</summary>
    public static Func<Caller?> Gateway { get; } = static () => null;

    /// <summary>The revision both sides speak on this link.</summary>
    public abstract string Revision { get; }

    /// <summary>The era of <see cref="Revision"/>.</summary>
    public abstract Era Era { get; }

    /// <summary>The backend's <c>capabilities</c> object (UTF-8 JSON).</summary>
    public abstract ReadOnlyMemory<byte> ServerCapabilities { get; }

    /// <summary>
    /// Sends a request. Never throws for trouble with the backend: the exchange then ends in a failure.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public abstract ValueTask<Exchange> SendAsync(OutgoingRequest request, CancellationToken cancellationToken);

    /// <summary>Sends a notification or a response; null when the backend took it.</summary>
    public abstract Task<BackendFailure?> PostAsync(
        ReadOnlyMemory<byte> message, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken);

    /// <summary>Whether new requests can be sent; a link that lost its stream or session stays dead.</summary>
    public virtual bool IsAlive => true;

    /// <summary>Calls that have not ended yet.</summary>
    public int CallsInFlight => Volatile.Read(ref _inFlight);

    /// <summary>A call begins.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>A call has ended.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Whether somebody reads the standalone stream, so that <see cref="TryHandToCall"/> may be called.</summary>
    public bool ListensAside { get; set; }

    /// <summary>Registers a call in flight: what the backend sends outside of any call's stream may be meant for it.</summary>
    public void Enter(ChannelWriter<BackendMessage> aside)
    {
        lock (_calls)
            _calls.Add(aside);
    }

    /// <summary>The call is over.</summary>
    public void Leave(ChannelWriter<BackendMessage> aside)
    {
        lock (_calls)
            _calls.Remove(aside);
    }

    /// <summary>
    /// Hands a message from the standalone stream to the call it belongs to. Some servers send their questions there; they
    /// belong to the one call in flight, and to nobody when there are several.
    /// </summary>
    public bool TryHandToCall(BackendMessage message)
    {
        lock (_calls)
            return _calls.Count == 1 && _calls[0].TryWrite(message);
    }

    /// <summary>Sends a request of the gateway's own and returns its answer or failure; whatever comes before it is of no interest.</summary>
    public Task<BackendEvent> SendOneAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken)
    {
        byte[] id = RawJson.Quote($"vmcp-own-{Interlocked.Increment(ref _lastOwnId)}");
        return LinkOpener.AnswerOf(this, new OutgoingRequest(method, id, JsonRpc.Request(id, method, parameters.Span)), cancellationToken);
    }

    /// <summary>Tells the backend that nobody waits for this request any more. A Modern backend learns it from the closed stream.</summary>
    public virtual Task CancelAsync(OutgoingRequest request, string? reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Receives what the backend sends outside of calls until its stream ends or the token is cancelled.
    /// <paramref name="opened"/> is called when the stream is live.
    /// </summary>
    /// <returns>Null after a graceful end; else why it ended or could not be opened.</returns>
    public abstract Task<BackendFailure?> ListenAsync(
        ListenFilter filter, Func<BackendMessage, ValueTask> onMessage, Action opened, CancellationToken cancellationToken);

    /// <inheritdoc />
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }
}

/// <summary>What a listener wants of a Modern backend; Legacy streams carry everything anyway.</summary>
/// <param name="Tools">Changes of the tool list.</param>
/// <param name="Prompts">Changes of the prompt list.</param>
/// <param name="Resources">Changes of the resource lists.</param>
/// <param name="Subscriptions">Resources whose updates are wanted.</param>
public sealed record ListenFilter(bool Tools, bool Prompts, bool Resources, IReadOnlyList<string> Subscriptions)
{
    /// <summary>Everything a Legacy stream carries; for Modern links nothing in particular.</summary>
    public static ListenFilter None { get; } = new(false, false, false, []);
}
