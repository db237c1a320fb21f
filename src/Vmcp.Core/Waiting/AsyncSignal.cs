namespace Vmcp.Core.Waiting;

/// <summary>One waiter sleeps until it is woken; waking an awake one makes its next wait return at once. Many wakes count as one.</summary>
public sealed class AsyncSignal
{
    private TaskCompletionSource _wake = New();

    /// <summary>Wakes the waiter, who then sees all that was written before.</summary>
    public void Set()
    {
        // Who wakes writes and then looks for the waiter, who comes back and then looks for what was written: without a barrier on both sides
        // each could miss the other.
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _wake).TrySetResult();
    }

    /// <summary>Waits for a wake.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Volatile.Read(ref _wake).Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _wake, New());
    }

    /// <summary>Waits for a wake, but not longer than the limit.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        Task wake = Volatile.Read(ref _wake).Task;
        if (!wake.IsCompleted)
        {
            using CancellationTokenSource expired = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task elapsed = Task.Delay(limit, time, expired.Token);
            await Task.WhenAny(wake, elapsed).ConfigureAwait(false);
            await expired.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (wake.IsCompleted)
            Interlocked.Exchange(ref _wake, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
