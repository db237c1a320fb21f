using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace Vmcp.Gateway.Hosting;

/// <summary>Owns work that outlives the request that started it: its errors are logged, and shutdown waits for it.</summary>
/// <param name="logger">Where an unexpected error goes.</param>
public sealed class TaskTracker(ILogger<TaskTracker> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Cancelled when the process stops.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Runs the work in the background.</summary>
    public void Run(string what, Func<CancellationToken, Task> work)
    {
        Task task = GuardAsync(what, work);
        if (task.IsCompleted)
            return;
        _running[task] = 0;
        _ = task.ContinueWith(
            static (t, running) => ((ConcurrentDictionary<Task, byte>)running!).TryRemove(t, out _), _running,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running.Keys).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task GuardAsync(string what, Func<CancellationToken, Task> work)
    {
        await Task.Yield();
        try
        {
            await work(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped or given up by its owner.
        }
#pragma warning disable CA1031 // The last line of defence: one failed background job must not end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.BackgroundWorkFailed(what, e);
        }
    }
}
