using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

using Vmcp.Core.Health;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// One request on its way at a backend. Reads event by event; a read that nobody waits for any more stays pending and is
/// taken up by the next caller, so a parked call loses nothing.
/// </summary>
/// <param name="link">The link it goes over.</param>
/// <param name="request">The request.</param>
/// <param name="silence">Longest time without an event; each event starts it anew (operational.timeouts).</param>
/// <param name="keepAlive">How often a waiting client gets a sign of life.</param>
/// <param name="time">The clock.</param>
internal sealed class BackendCall(BackendLink link, OutgoingRequest request, TimeSpan silence, TimeSpan keepAlive, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>Telling a backend that a call is cancelled may not hold up the client's answer for longer.</summary>
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(2);

    /// <summary>Messages for this call that came on the standalone stream, waiting to be read.</summary>
    private const int MaxAside = 256;

    private readonly CancellationTokenSource _reading = new();

    // Only where somebody listens aside: most calls never need it.
    private readonly Channel<BackendMessage>? _aside = link.ListensAside ? Channel.CreateBounded<BackendMessage>(MaxAside) : null;

    private Exchange? _exchange;
    private Task<BackendEvent>? _pending;
    private Task? _asideReady;
    private bool _begun;
    private bool _ended;

    /// <summary>The link the call goes over.</summary>
    public BackendLink Link => link;

    /// <summary>The request as sent.</summary>
    public OutgoingRequest Request => request;

    /// <summary>Waits for the next event. A backend that stays silent for too long fails the call.</summary>
    /// <param name="client">Gets signs of life; while it waits for its user the silence does not count.</param>
    /// <param name="within">Gives up the wait, not the call, after this time and returns null.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<BackendEvent?> NextAsync(ICallClient client, TimeSpan? within, CancellationToken cancellationToken)
    {
        Task<BackendEvent> next = _pending ??= StartReading();
        BackendMessage? aside;
        while (!TryTakeAside(out aside) && !next.IsCompleted)
        {
            // A wake-up may be for a message that was taken before it; then there is nothing yet and the wait goes on.
            if (await WaitAsync(next, client, within, cancellationToken).ConfigureAwait(false))
                continue;
            if (within is not null)
                return null;
            await CancelAsync("timeout").ConfigureAwait(false);
            _ended = true;
            return BackendEvent.Failed(new BackendFailure(FailureCategory.Timeout, $"did not answer in {silence.TotalSeconds:0.###} s"));
        }

        if (aside is not null)
            return BackendEvent.Of(aside) with { Aside = true };
        BackendEvent result = await next.ConfigureAwait(false);
        _pending = null;
        _ended = result.IsLast;
        return result;
    }

    /// <summary>Tells the backend that nobody waits any more and stops reading.</summary>
    public async Task CancelAsync(string? reason)
    {
        if (_ended)
            return;
        _ended = true;
        using CancellationTokenSource limit = new(CancelLimit, time);
        try
        {
            await link.CancelAsync(request, reason, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A backend too slow to take a cancellation finds out by the closed connection.
        }

        await _reading.CancelAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_aside is not null)
            link.Leave(_aside.Writer);
        if (_begun)
            link.End();
        if (_pending is { } pending)
        {
            await _reading.CancelAsync().ConfigureAwait(false);
            try
            {
                await pending.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Just cancelled.
            }
        }

        if (_exchange is not null)
            await _exchange.DisposeAsync().ConfigureAwait(false);
        _reading.Dispose();
    }

    private bool TryTakeAside([NotNullWhen(true)] out BackendMessage? message)
    {
        message = null;
        return _aside is not null && _aside.Reader.TryRead(out message);
    }

    private Task<BackendEvent> StartReading()
    {
        if (!_begun)
        {
            _begun = true;
            link.Begin();
            if (_aside is not null)
                link.Enter(_aside.Writer);
        }

        return ReadAsync();
    }

    private async Task<BackendEvent> ReadAsync()
    {
        _exchange ??= await link.SendAsync(request, _reading.Token).ConfigureAwait(false);
        return await _exchange.NextAsync(_reading.Token).ConfigureAwait(false);
    }

    /// <summary>Completes when something waits aside; one task for all waits, so that a long call does not pile them up.</summary>
    private Task Aside(Channel<BackendMessage> aside)
    {
        if (_asideReady is not { IsCompleted: false })
            _asideReady = aside.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        return _asideReady;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(Task<BackendEvent> next, ICallClient client, TimeSpan? within, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            TimeSpan elapsed = time.GetElapsedTime(started);
            TimeSpan left = (within ?? silence) - elapsed;
            if (left <= TimeSpan.Zero)
            {
                if (within is not null || !client.WaitsForUser)
                    return false;
                left = keepAlive;
            }

            try
            {
                Task any = _aside is null ? next : Task.WhenAny(next, Aside(_aside));
                await any.WaitAsync(left < keepAlive ? left : keepAlive, time, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException) when (!next.IsCompleted)
            {
                if (client.WaitsForUser && within is null)
                    started = time.GetTimestamp();
                if (time.GetElapsedTime(started) >= keepAlive || client.WaitsForUser)
                    await client.KeepAliveAsync().ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return true;
            }
        }
    }
}

/// <summary>The side of a call that faces the client.</summary>
internal interface ICallClient
{
    /// <summary>Whether the client's user was asked something and has not answered.</summary>
    bool WaitsForUser { get; }

    /// <summary>Sends a sign of life.</summary>
    ValueTask KeepAliveAsync();
}
