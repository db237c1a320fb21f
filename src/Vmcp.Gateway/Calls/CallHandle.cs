namespace Vmcp.Gateway.Calls;

/// <summary>
/// A call in flight: one token for the three ways it can end early. The client cancels it, the session ends, or the client's
/// connection is gone, which is not a cancellation (MCP, Legacy) and can be left behind.
/// </summary>
public sealed class CallHandle : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenRegistration _gone;
    private CancellationTokenSource _source = new();

    /// <summary>A call begins. Its session ends it by <see cref="CancelAsync"/>: a token of the session would be a meeting point of all its calls.</summary>
    /// <param name="clientGone">Fires when the client's connection is gone.</param>
    public CallHandle(CancellationToken clientGone)
    {
        _gone = clientGone.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Fires when the call is to be given up.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The client's reason.</summary>
    public string? Reason { get; private set; }

    /// <summary>Whether the client cancelled or its session ended: the backend is to be told.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Cancels the call.</summary>
    public Task CancelAsync(string? reason)
    {
        CancellationTokenSource source;
        lock (_lock)
        {
            if (IsOver)
                return Task.CompletedTask;
            Reason = reason;
            IsOver = true;
            source = _source;
        }

        return source.CancelAsync();
    }

    /// <summary>Goes on without the client. False when the call is over anyway.</summary>
    public bool TryGoOn()
    {
        lock (_lock)
        {
            if (!IsOver)
                _source = new CancellationTokenSource();
            return !IsOver;
        }
    }

    /// <summary>Ends the handle: a cancellation that comes now is too late. Its sources hold nothing that would have to be given back.</summary>
    public void Dispose()
    {
        _gone.Dispose();
        lock (_lock)
            IsOver = true;
    }
}
