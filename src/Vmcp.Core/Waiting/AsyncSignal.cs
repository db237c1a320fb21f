namespace Vmcp.Core.Waiting;

/// <summary>One waiter sleeps until it is woken; waking an awake one makes its next wait return at once. Many wakes count as one.</summary>
public sealed class AsyncSignal
{
    private static readonly object Woken = new();

    // Null: nobody waits, nobody woke. A source: of who waits. Made by the wait, for most signals belong to sessions nobody listens to: 88 bytes less each.
    private object? _state;

    /// <summary>Wakes the waiter, who then sees all that was written before.</summary>
    public void Set()
    {
        // Both sides exchange, which is a barrier: who wakes has written before, who comes back looks for what was written after.
        if (Interlocked.Exchange(ref _state, Woken) is TaskCompletionSource waiter)
            waiter.TrySetResult();
    }

    /// <summary>Waits for a wake.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await Wake().WaitAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Exchange(ref _state, null);
    }

    /// <summary>Waits for a wake, but not longer than the limit.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        Task wake = Wake();
        if (!wake.IsCompleted)
        {
            using CancellationTokenSource expired = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task elapsed = Task.Delay(limit, time, expired.Token);
            await Task.WhenAny(wake, elapsed).ConfigureAwait(false);
            await expired.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (wake.IsCompleted)
            Interlocked.Exchange(ref _state, null);
    }

    /// <summary>Ends with the next wake; at once when one came since the last wait. A wait that was given up leaves its source for the next.</summary>
    private Task Wake()
    {
        TaskCompletionSource mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Interlocked.CompareExchange(ref _state, mine, null) switch
        {
            null => mine.Task,
            TaskCompletionSource left => left.Task,
            _ => Task.CompletedTask,
        };
    }
}
