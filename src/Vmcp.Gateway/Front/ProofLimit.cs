using Vmcp.Auth.Incoming;
using Vmcp.Core.Identity;

namespace Vmcp.Gateway.Front;

/// <summary>
/// Ends a stream when the token behind it has ended, so that nobody listens for longer than they may; the client comes back with a new one.
/// A stream of a session whose owner meanwhile showed a newer token goes on until that ends.
/// </summary>
internal sealed class ProofLimit : IDisposable
{
    /// <summary>How long after its end a token counts, as at the door.</summary>
    public static readonly TimeSpan Skew = OidcOptions.UsualClockSkew;

    // A timer cannot wait for years; it looks again then.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly Func<Caller> _newest;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended;
    private readonly Lock _lock = new();
    private readonly ITimer? _timer;
    private DateTimeOffset? _end;
    private bool _disposed;

    /// <summary>Starts the clock; there is none for a caller without a token, or with one that never ends.</summary>
    /// <param name="caller">Who opened the stream.</param>
    /// <param name="newest">The newest proof of the same principal.</param>
    /// <param name="time">The clock.</param>
    /// <param name="other">Ends the stream for another reason.</param>
    public ProofLimit(Caller caller, Func<Caller> newest, TimeProvider time, CancellationToken other)
    {
        (_newest, _time) = (newest, time);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(other);
        _end = caller.Token?.ExpiresAt;
        if (_end is null)
            return;
        _timer = time.CreateTimer(static state => ((ProofLimit)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Look();
    }

    /// <summary>Fires when the stream has to end.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        _timer?.Dispose();
        _ended.Dispose();
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            if (_newest().Token is { } newest && (newest.ExpiresAt is not { } end || end > _end))
                _end = newest.ExpiresAt;
            if (_end is not { } until)
                return; // the newest one never ends
            TimeSpan left = until + Skew - _time.GetUtcNow();
            if (left > TimeSpan.Zero)
            {
                _timer!.Change(left < LongestWait ? left : LongestWait, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        try
        {
            _ended.Cancel(); // not under the lock: the stream ends on this thread
        }
        catch (ObjectDisposedException)
        {
            // The client left at the very moment its time was up.
        }
    }
}
