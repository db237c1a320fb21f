using Microsoft.Extensions.Logging;

namespace Vmcp.Gateway.Backends;

/// <summary>A worker that runs from the moment this is made until it is disposed.</summary>
internal sealed class RunningBackend : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;

    /// <summary>Starts the worker.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="since">The time stamp of this moment.</param>
    /// <param name="logger">Where a bug of the worker is told.</param>
    public RunningBackend(BackendWorker worker, long since, ILogger logger)
    {
        _logger = logger;
        Worker = worker;
        Since = since;
        _task = Task.Run(() => worker.RunAsync(_stop.Token));
    }

    /// <summary>The worker.</summary>
    public BackendWorker Worker { get; }

    /// <summary>The time stamp of its start.</summary>
    public long Since { get; }

    /// <summary>Stops the worker and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await _task.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A worker that failed by a bug must not keep the others from ending; the bug is logged.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.BackgroundWorkFailed("worker of " + Worker.Handle.Backend.Name, e);
        }

        _stop.Dispose();
    }
}
