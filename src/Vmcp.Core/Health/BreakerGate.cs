namespace Vmcp.Core.Health;

/// <summary>One backend's breaker, shared by its calls and probes. Safe from any thread; no lock and no clock while closed and quiet.</summary>
/// <param name="policy">The settings.</param>
/// <param name="time">The clock.</param>
public sealed class BreakerGate(BreakerPolicy policy, TimeProvider time)
{
    private readonly Lock _lock = new();
    private BreakerState _state = BreakerState.Initial;

    /// <summary>The position now.</summary>
    public BreakerState State => Volatile.Read(ref _state);

    /// <summary>Told after the position changed, outside of any lock; set before the gate is used.</summary>
    public Action? Moved { get; set; }

    /// <summary>How long a refused caller should wait; zero when a call may get through.</summary>
    public TimeSpan RetryAfter => CircuitBreaker.RetryAfter(State, policy, time.GetUtcNow());

    /// <summary>
    /// Asks to send a call or probe. When true, report the outcome on the lease exactly once; an unreported probe blocks the next one for
    /// the open timeout.
    /// </summary>
    public bool TryEnter(out BreakerLease lease)
    {
        if (State.Status == BreakerStatus.Closed)
        {
            lease = new BreakerLease(this, 0);
            return true;
        }

        lock (_lock)
        {
            BreakerEntry entry = CircuitBreaker.Enter(_state, policy, time.GetUtcNow());
            Volatile.Write(ref _state, entry.Next);
            lease = new BreakerLease(this, entry.Probe);
            return entry.Allowed;
        }
    }

    internal void Success(long probe)
    {
        // The usual case on a warm path: closed and nothing to reset.
        if (State is { Status: BreakerStatus.Closed, Failures: 0 })
            return;
        Recover(probe);
    }

    internal void Failure(long probe) => Move(state => CircuitBreaker.OnFailure(state, policy, probe, time.GetUtcNow()));

    internal void GiveBack(long probe)
    {
        lock (_lock)
            Volatile.Write(ref _state, CircuitBreaker.GiveBack(_state, probe));
    }

    // Apart from the warm path: a lambda's captures are allocated where the method begins, used or not.
    private void Recover(long probe) => Move(state => CircuitBreaker.OnSuccess(state, policy, probe, time.GetUtcNow()));

    private void Move(Func<BreakerState, BreakerState> next)
    {
        BreakerStatus before;
        lock (_lock)
        {
            before = _state.Status;
            Volatile.Write(ref _state, next(_state));
        }

        if (State.Status != before)
            Moved?.Invoke();
    }
}

/// <summary>The permission to send one call; tells the breaker how it went.</summary>
public readonly record struct BreakerLease
{
    private readonly BreakerGate? _gate;
    private readonly long _probe;

    internal BreakerLease(BreakerGate gate, long probe)
    {
        _gate = gate;
        _probe = probe;
    }

    /// <summary>Whether this call decides a half-open breaker.</summary>
    public bool IsProbe => _probe != 0;

    /// <summary>The backend answered (an answer that reports an error of the call, 401, 403 or 429 is an answer too).</summary>
    public void Success() => _gate?.Success(_probe);

    /// <summary>The backend did not answer as MCP asks.</summary>
    public void Failure() => _gate?.Failure(_probe);

    /// <summary>The outcome tells nothing of the backend, for example because the client cancelled.</summary>
    public void GiveBack()
    {
        if (IsProbe)
            _gate?.GiveBack(_probe);
    }
}
