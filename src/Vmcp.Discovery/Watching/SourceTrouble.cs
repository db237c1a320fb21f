using Microsoft.Extensions.Logging;

namespace Vmcp.Discovery.Watching;

/// <summary>
/// What is wrong with a source, and since when. Looked at all the time and not at each turn of the source: the turn may be the one that waits
/// for an API server that does not answer.
/// </summary>
/// <param name="now">What is wrong at this moment, or null.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where a change is told.</param>
internal sealed class SourceTrouble(Func<string?> now, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private Known? _known;

    private sealed record Known(string Text, DateTimeOffset Since);

    /// <summary>What is wrong and since when, or null.</summary>
    public (string Text, DateTimeOffset Since)? Current => Volatile.Read(ref _known) is { } known ? (known.Text, known.Since) : null;

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Look();
                await Task.Delay(Every, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
    }

    private void Look()
    {
        string? text = now();
        Known? before = Volatile.Read(ref _known);
        if (text == before?.Text)
            return;
        if (text is null)
            logger.InStepAgain();
        else
            logger.Behind(text);
        Volatile.Write(ref _known, text is null ? null : new Known(text, before?.Since ?? time.GetUtcNow()));
    }
}
