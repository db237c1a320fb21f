namespace Vmcp.Gateway.Hosting;

/// <summary>A token that fires when time is up, or when another one does.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _either;
    private readonly ITimer _timer;

    /// <summary>Starts the clock.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="other">The other token.</param>
    public Deadline(TimeSpan limit, TimeProvider time, CancellationToken other)
    {
        _either = CancellationTokenSource.CreateLinkedTokenSource(other);
        _timer = time.CreateTimer(Fire, _either, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Fires at the end.</summary>
    public CancellationToken Token => _either.Token;

    /// <inheritdoc />
    public void Dispose()
    {
        _timer.Dispose();
        _either.Dispose();
    }

    private static void Fire(object? source)
    {
        try
        {
            ((CancellationTokenSource)source!).Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work was done at the very moment its time was up.
        }
    }
}
