namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>The place of one key: what is kept, what is on its way, what failed just now. Its lock is held for assignments only.</summary>
/// <typeparam name="T">What a credential is made of.</typeparam>
internal sealed class CredentialSlot<T>(CredentialKey key, CredentialLimits limits, TimeProvider time)
{
    private readonly Lock _lock = new();
    private KeptCredential<T>? _current;
    private Task<Landed<T>>? _flight;
    private CredentialTrouble? _failure;
    private long _failedAt;
    private long? _gaveUpAt;
    private bool _gone;
    private long _usedAt = time.GetTimestamp();

    /// <summary>The key.</summary>
    public CredentialKey Key => key;

    /// <summary>When somebody last asked, by the clock that is never set.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>What is on its way; null for nothing.</summary>
    public Task? Flight => Volatile.Read(ref _flight);

    /// <summary>The kept credential, if it may be used.</summary>
    public KeptCredential<T>? Usable()
    {
        Volatile.Write(ref _usedAt, time.GetTimestamp());
        return Volatile.Read(ref _current) is { } kept && kept.IsUsable(time) ? kept : null;
    }

    /// <summary>What somebody without a usable credential does next.</summary>
    /// <param name="start">Begins to get one; called under the lock, so it must return at once.</param>
    public SlotStep<T> Next(Func<CredentialSlot<T>, Task<Landed<T>>> start)
    {
        lock (_lock)
        {
            if (_gone)
                return default;
            if (_current is { } kept && kept.IsUsable(time))
                return new SlotStep<T>(kept, null, null);
            if (_flight is null && _failure is { } failure && time.GetElapsedTime(_failedAt) < failure.Remember)
                return new SlotStep<T>(null, null, failure);
            bool joins = _flight is not null;
            return new SlotStep<T>(null, _flight ??= start(this), null) { Joins = joins };
        }
    }

    /// <summary>Begins to get the next credential while the present one still works, unless somebody does so already.</summary>
    public void Renew(Func<CredentialSlot<T>, Task<Landed<T>>> start)
    {
        lock (_lock)
        {
            if (!_gone && _flight is null && !(_failure is not null && time.GetElapsedTime(_failedAt) < limits.RenewalPause))
                _flight = start(this);
        }
    }

    /// <summary>What was on its way has arrived.</summary>
    public void Land(Landed<T> landed)
    {
        lock (_lock)
        {
            _flight = null;
            _failure = landed.Failure;
            if (landed.Kept is { } kept)
                _current = kept;
            else
                _failedAt = time.GetTimestamp();
        }
    }

    /// <summary>
    /// The backend refused a credential. It is given up once per floor, so that a backend that refuses everything costs no exchange per call.
    /// </summary>
    /// <returns>Whether there is or will be another one to try.</returns>
    public bool GiveUp(KeptCredential<T> refused)
    {
        lock (_lock)
        {
            // Somebody else was refused first, and what came since is newer than what this one used.
            if (_current != refused)
                return true;
            if (_gaveUpAt is { } at && time.GetElapsedTime(at) < limits.RefusalFloor)
                return false;
            _gaveUpAt = time.GetTimestamp();
            _current = null;
            return true;
        }
    }

    /// <summary>Closes the place for good, unless something is on its way. Whoever holds it looks for the key again.</summary>
    /// <param name="always">Even though it is still of use.</param>
    public bool TryClose(bool always)
    {
        lock (_lock)
        {
            if (_flight is not null)
                return false;
            bool inUse = _current?.IsUsable(time) == true
                || (_failure is { } failure && time.GetElapsedTime(_failedAt) < failure.Remember)
                || (_gaveUpAt is { } at && time.GetElapsedTime(at) < limits.RefusalFloor);
            if (inUse && !always)
                return false;
            _gone = true;
            _current = null;
            return true;
        }
    }
}

/// <summary>What arrived: a credential, or why there is none.</summary>
internal readonly record struct Landed<T>(KeptCredential<T>? Kept, CredentialTrouble? Failure);

/// <summary>What to do about one key: use what is there, wait for what is on its way, or be told no. All null: the place is closed.</summary>
internal readonly record struct SlotStep<T>(KeptCredential<T>? Kept, Task<Landed<T>>? Flight, CredentialTrouble? Failure)
{
    /// <summary>Somebody else set off already.</summary>
    public bool Joins { get; init; }
}
