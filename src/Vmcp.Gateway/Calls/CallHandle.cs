namespace Vmcp.Gateway.Calls;

/// <summary>A call in flight: lets its client cancel it.</summary>
public sealed class CallHandle : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    /// <summary>Cancelled when the client asked for it.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>The client's reason.</summary>
    public string? Reason { get; private set; }

    /// <summary>Cancels the call.</summary>
    public async Task CancelAsync(string? reason)
    {
        Reason = reason;
        try
        {
            await _cancel.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The call ended in the same moment.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _cancel.Dispose();
}
