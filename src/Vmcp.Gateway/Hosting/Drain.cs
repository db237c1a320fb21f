using Microsoft.AspNetCore.Http;

namespace Vmcp.Gateway.Hosting;

/// <summary>
/// The end of a gateway that others take over from. From its beginning the gateway is not ready, open event streams end so that their clients
/// come back elsewhere, and each response says that its connection will be closed. Requests are still answered: those who send traffic
/// learn late, and a listener closed under a client that was told nothing would be a reset.
/// </summary>
public sealed class Drain : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _streams = new();
    private readonly TimeProvider _time;
    private readonly Func<object, Task> _announce;
    private volatile bool _begun;
    private int _running;
    private long _lastMoved;

    /// <summary>Nothing is drained yet.</summary>
    public Drain(TimeProvider time)
    {
        _time = time;
        _announce = context =>
        {
            if (_begun)
                ((HttpContext)context).Response.Headers.Connection = "close";
            return Task.CompletedTask;
        };
    }

    /// <summary>Whether the end has begun.</summary>
    public bool HasBegun => _begun;

    /// <summary>Ends event streams gracefully.</summary>
    public CancellationToken Streams => _streams.Token;

    /// <summary>Begins. No return.</summary>
    public Task BeginAsync()
    {
        Volatile.Write(ref _lastMoved, _time.GetTimestamp());
        _begun = true;
        return _streams.CancelAsync();
    }

    /// <summary>Before a response: should the end have begun when its headers are sent, they say that the connection ends with it.</summary>
    public void Announce(HttpContext context) => context.Response.OnStarting(_announce, context);

    /// <summary>A request that the end waits for.</summary>
    public Request Enter()
    {
        Interlocked.Increment(ref _running);
        Move();
        return new Request(this);
    }

    /// <summary>Waits until no request runs and none came or went for a while; until then somebody may still send to us.</summary>
    /// <param name="quiet">How long a while is.</param>
    /// <param name="limit">Gives up the wait.</param>
    public async Task WaitForQuietAsync(TimeSpan quiet, CancellationToken limit)
    {
        while (!limit.IsCancellationRequested)
        {
            if (Volatile.Read(ref _running) == 0 && _time.GetElapsedTime(Volatile.Read(ref _lastMoved)) >= quiet)
                return;
            try
            {
                await Task.Delay(Look, _time, limit).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Time is up: the loop sees it.
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _streams.Dispose();

    private void Move()
    {
        if (_begun)
            Volatile.Write(ref _lastMoved, _time.GetTimestamp());
    }

    /// <summary>A request until it is disposed.</summary>
    /// <param name="drain">What waits for it.</param>
    public readonly struct Request(Drain drain) : IDisposable
    {
        /// <inheritdoc />
        public void Dispose()
        {
            drain.Move();
            Interlocked.Decrement(ref drain._running);
        }
    }
}
