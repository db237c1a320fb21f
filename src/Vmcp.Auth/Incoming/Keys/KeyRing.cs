using Microsoft.Extensions.Logging;

namespace Vmcp.Auth.Incoming.Keys;

/// <summary>
/// Holds a provider's keys. One loop fetches them: at start, by time, and when a token names a key that is not there; so no crowd of requests
/// causes more than one fetch per <see cref="IKeySource.Floor"/>. While the provider is down the last good keys count, for <see cref="MaxStale"/>.
/// </summary>
internal sealed class KeyRing : IAsyncDisposable
{
    /// <summary>How long keys count after the provider confirmed them last.</summary>
    public static readonly TimeSpan MaxStale = TimeSpan.FromHours(24);

    /// <summary>Longest wait of a request for a fetch.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly IKeySource _source;
    private readonly TimeProvider _time;
    private readonly IncomingMetrics _metrics;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private TaskCompletionSource<bool> _round = New();
    private TaskCompletionSource<bool> _wanted = New();
    private volatile Held? _held;
    private bool _fetching = true;
    private DateTimeOffset _lastStart;
    private DateTimeOffset _next;
    private volatile string? _trouble;

    /// <summary>Begins to fetch, in the background.</summary>
    public KeyRing(IKeySource source, TimeProvider time, IncomingMetrics metrics, ILogger logger)
    {
        (_source, _time, _metrics, _logger) = (source, time, metrics, logger);
        _lastStart = time.GetUtcNow();
        _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>The keys that count now; null when there are none.</summary>
    public KeySet? Current => _held is { } held && _time.GetUtcNow() - held.ConfirmedAt <= MaxStale ? held.Keys : null;

    /// <summary>When the keys were confirmed last; null when that never happened.</summary>
    public DateTimeOffset? ConfirmedAt => _held?.ConfirmedAt;

    /// <summary>Why the newest fetch failed; null after one that did not.</summary>
    public string? Trouble => _trouble;

    /// <summary>When asking again makes sense, after a null.</summary>
    public TimeSpan RetryAfter
    {
        get
        {
            lock (_lock)
                return TimeSpan.FromTicks(Math.Clamp((_next - _time.GetUtcNow()).Ticks, FirstRetry.Ticks, LastRetry.Ticks));
        }
    }

    /// <summary>The keys, after waiting for the first fetch if it runs; null when the provider does not give any.</summary>
    public async ValueTask<KeySet?> GetAsync(CancellationToken cancellationToken)
    {
        if (Current is { } keys)
            return keys;
        Task<bool> round;
        lock (_lock)
        {
            if (!_fetching)
                return Current; // the loop tries again by itself, at its own pace
            round = _round.Task;
        }

        return await EndsAsync(round, cancellationToken).ConfigureAwait(false) ? Current : null;
    }

    /// <summary>
    /// The keys for a token whose key is not among the current ones: newer ones where that is allowed by now; null when the provider cannot
    /// say whether there are any.
    /// </summary>
    public async ValueTask<KeySet?> RenewAsync(CancellationToken cancellationToken)
    {
        Task<bool> round;
        lock (_lock)
        {
            if (!_fetching && _trouble is not null)
                return null;
            round = _round.Task;
            if (!_fetching)
            {
                _wanted.TrySetResult(true);
                if (_time.GetUtcNow() - _lastStart < _source.Floor)
                    return Current;
            }
        }

        return await EndsAsync(round, cancellationToken).ConfigureAwait(false) ? Current : null;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _source.Dispose();
    }

    private async Task<bool> EndsAsync(Task<bool> round, CancellationToken cancellationToken)
    {
        try
        {
            return await round.WaitAsync(MaxWait, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        int failures = 0;
        try
        {
            while (true)
            {
                KeyFetch fetch = await FetchAsync(stop).ConfigureAwait(false);
                failures = fetch is KeyFetch.Fetched ? 0 : failures + 1;
                _metrics.KeysFetched(ok: failures == 0);
                TimeSpan pause = PauseAfter(fetch, failures);
                Take(fetch, pause);
                await PauseAsync(pause, hasFailed: failures > 0, stop).ConfigureAwait(false);
                lock (_lock)
                {
                    _fetching = true;
                    _lastStart = _time.GetUtcNow();
                    _wanted = New();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            lock (_lock)
                _round.TrySetResult(false);
        }
    }

    private async Task<KeyFetch> FetchAsync(CancellationToken stop)
    {
        try
        {
            return await _source.FetchAsync(stop).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The loop must go on, also when something inside gave up by itself: without it a key that was taken away would count for hours. The bug is logged with its stack.
        catch (Exception e) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            _logger.KeyFetchBroke(e.GetType().FullName, e.StackTrace); // its message may quote what the provider sent
            return new KeyFetch.Failed("The keys could not be read because of a defect; see the log.");
        }
    }

    private TimeSpan PauseAfter(KeyFetch fetch, int failures) => fetch switch
    {
        KeyFetch.Fetched { MaxAge: { } age } when age < _source.Interval => age > MinInterval ? age : MinInterval,
        KeyFetch.Fetched => _source.Interval,
        _ => TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(failures - 1, 10))),
    };

    private void Take(KeyFetch fetch, TimeSpan pause)
    {
        string? before = _trouble;
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            if (fetch is KeyFetch.Fetched fetched)
            {
                // The same bytes are the same object: what was validated with it stays valid.
                KeySet keys = _held is { } held && held.Keys.IsSameAs(fetched.Keys.Fingerprint) ? held.Keys : fetched.Keys;
                if (keys != _held?.Keys)
                    _logger.KeysTaken(keys.Count);
                else if (before is not null)
                    _logger.KeysConfirmed();
                _held = new Held(keys, now);
                _trouble = null;
            }
            else
            {
                _trouble = ((KeyFetch.Failed)fetch).Reason;
            }

            _next = now + pause;
            _fetching = false;
            _round.TrySetResult(_trouble is null);
            _round = New();
        }

        if (_trouble is { } trouble && trouble != before)
            _logger.KeysAway(trouble);
    }

    /// <summary>Waits until it is time; after a success a token of an unknown key shortens that, down to the floor.</summary>
    private async Task PauseAsync(TimeSpan pause, bool hasFailed, CancellationToken stop)
    {
        if (hasFailed)
        {
            await Task.Delay(pause, _time, stop).ConfigureAwait(false);
            return;
        }

        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task timer = Task.Delay(pause, _time, both.Token);
        await Task.WhenAny(timer, _wanted.Task).ConfigureAwait(false);
        await both.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        TimeSpan left = _lastStart + _source.Floor - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
            await Task.Delay(left, _time, stop).ConfigureAwait(false);
    }

    private static TaskCompletionSource<bool> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Held(KeySet Keys, DateTimeOffset ConfirmedAt);
}
