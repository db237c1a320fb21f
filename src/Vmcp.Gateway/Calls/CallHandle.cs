namespace Vmcp.Gateway.Calls;

/// <summary>
/// A call in flight: one token for the three ways it can end early. The client cancels it, the session ends, or the client's
/// connection is gone, which is not a cancellation (MCP, Legacy) and can be left behind.
/// </summary>
/// <param name="sessionEnded">Fires when the session ends.</param>
/// <param name="clientGone">Fires when the client's connection is gone.</param>
public sealed class CallHandle(CancellationToken sessionEnded, CancellationToken clientGone) : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(sessionEnded, clientGone);

    /// <summary>Fires when the call is to be given up.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The client's reason.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether the client cancelled or its session ended: the backend is to be told.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Cancels the call.</summary>
    public Task CancelAsync(string? reason)
    {
        lock (_lock)
        {
            if (IsOver)
                return Task.CompletedTask;
            Reason = reason;
            IsOver = true;
            return _source.CancelAsync();
        }
    }

    /// <summary>Goes on without the client. False when the call is over anyway.</summary>
    public bool TryGoOn()
    {
        lock (_lock)
        {
            IsOver |= sessionEnded.IsCancellationRequested;
            if (IsOver)
                return false;
            _source.Dispose();
            _source = CancellationTokenSource.CreateLinkedTokenSource(sessionEnded);
            return true;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            IsOver = true; // a cancellation that comes now is too late
            _source.Dispose();
        }
    }
}
