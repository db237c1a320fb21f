using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>
/// Keeps issued credentials: one per key, got once however many wait for it, renewed while it is in use, never shared between principals. Getting
/// one has a deadline of its own, so that a caller who gives up disturbs nobody.
/// </summary>
/// <remarks>
/// Bounded: <see cref="CredentialLimits.Capacity"/> entries (those on their way are not thrown out; their number is bounded by
/// <see cref="EndpointGates"/>), one request per entry. A hit takes no lock.
/// </remarks>
/// <typeparam name="T">What a credential is made of.</typeparam>
internal sealed class CredentialCache<T>(CredentialLimits limits, TimeProvider time, OutgoingMetrics metrics, ILogger logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<CredentialKey, CredentialSlot<T>> _slots = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _evicting = new();
    private readonly QuietTroubles _troubles = new(time, logger);
    private int _count;
    private ITimer? _sweeper;

    /// <summary>Entries, those without a usable credential included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The credential of a key, kept or new.</summary>
    /// <param name="key">The key.</param>
    /// <param name="subject">The token it is made from; null when it is made from none.</param>
    /// <param name="issue">Gets one; its token fires at <see cref="CredentialLimits.Deadline"/>. Not called when one is kept or on its way.</param>
    /// <param name="cancellationToken">Ends this wait only.</param>
    /// <exception cref="CredentialException">There is none.</exception>
    public ValueTask<KeptCredential<T>> GetAsync(
        CredentialKey key, SubjectToken? subject, Func<CancellationToken, Task<Issue<T>>> issue, CancellationToken cancellationToken)
    {
        if (!_slots.TryGetValue(key, out CredentialSlot<T>? slot) || slot.Usable() is not { } kept)
            return new ValueTask<KeptCredential<T>>(WaitAsync(key, subject, issue, cancellationToken));
        if (kept.IsAging(time))
            slot.Renew(s => StartAsync(s, subject, issue));
        metrics.CacheAsked("hit");
        return new ValueTask<KeptCredential<T>>(Checked(kept, key));
    }

    /// <summary>Ends what is on its way and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        ITimer? sweeper;
        lock (_evicting)
            sweeper = _sweeper;
        if (sweeper is not null)
            await sweeper.DisposeAsync().ConfigureAwait(false);
        foreach (CredentialSlot<T> slot in _slots.Values)
        {
            if (slot.Flight is { } flight)
                await flight.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task<KeptCredential<T>> WaitAsync(
        CredentialKey key, SubjectToken? subject, Func<CancellationToken, Task<Issue<T>>> issue, CancellationToken cancellationToken)
    {
        while (true)
        {
            SlotStep<T> step = SlotOf(key).Next(s => StartAsync(s, subject, issue));
            metrics.CacheAsked(step switch { { Failure: not null } => "refused", { Kept: not null } => "hit", { Joins: true } => "shared", _ => "miss" });
            if (step.Failure is { } known)
                throw known.ToException();
            if (step.Kept is { } kept)
                return Checked(kept, key);
            if (step.Flight is null)
                continue; // closed by the sweeper in this moment
            Landed<T> landed = await step.Flight.WaitAsync(cancellationToken).ConfigureAwait(false);
            return landed.Kept is { } arrived ? Checked(arrived, key) : throw landed.Failure!.ToException();
        }
    }

    // Called under the slot's lock: the work itself must start elsewhere. A caller's request may be over long before it ends, so nothing that flows
    // with that request (trace, scopes) is taken along.
    private Task<Landed<T>> StartAsync(CredentialSlot<T> slot, SubjectToken? subject, Func<CancellationToken, Task<Issue<T>>> issue)
    {
        using AsyncFlowControl? alone = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        return Task.Run(() => FlyAsync(slot, subject, issue), CancellationToken.None);
    }

    private async Task<Landed<T>> FlyAsync(CredentialSlot<T> slot, SubjectToken? subject, Func<CancellationToken, Task<Issue<T>>> issue)
    {
        Landed<T> landed;
        try
        {
            landed = await AskAsync(slot, subject, issue).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A renewal has nobody who waits; the bug is logged, without its message, which may quote what was sent.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.CredentialBug(slot.Key.Backend, slot.Key.Strategy.Type, e.GetType().FullName, e.StackTrace);
            landed = new Landed<T>(null, Unexpected);
        }

        slot.Land(landed);
        if (landed.Failure is { } failure && failure != Stopping)
            _troubles.Say(slot.Key, failure);
        return landed;
    }

    private async Task<Landed<T>> AskAsync(CredentialSlot<T> slot, SubjectToken? subject, Func<CancellationToken, Task<Issue<T>>> issue)
    {
        if (_stop.IsCancellationRequested)
            return new Landed<T>(null, Stopping);
        using CancellationTokenSource deadline = new(limits.Deadline, time);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        try
        {
            return await issue(limit.Token).ConfigureAwait(false) switch
            {
                Issue<T>.Granted granted => new Landed<T>(Keep(slot, subject, granted), null),
                Issue<T>.Denied denied => new Landed<T>(null, denied.Trouble),
                _ => throw new InvalidOperationException("Neither granted nor denied."),
            };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return new Landed<T>(null, _stop.IsCancellationRequested ? Stopping : Late);
        }
    }

    private KeptCredential<T> Keep(CredentialSlot<T> slot, SubjectToken? subject, Issue<T>.Granted granted)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan lifetime = CredentialLimits.Lifetime(now, granted.ExpiresAt, subject?.ExpiresAt);
        bool endsWithSubject = subject?.ExpiresAt is { } end && now + lifetime >= end;
        return new KeptCredential<T>
        {
            Value = granted.Value,
            Owner = slot.Key.Principal,
            Slot = slot,
            At = time.GetTimestamp(),
            Lifetime = lifetime,
            Until = now + lifetime,
            // Between 75 and 90 % of the life: users who came together do not come together again.
            RenewAt = endsWithSubject ? null : lifetime * (0.75 + (0.15 * ((uint)slot.Key.GetHashCode() % 1000) / 1000)),
        };
    }

    // The key says whose it is already; this holds even if a key should ever lie.
    private static KeptCredential<T> Checked(KeptCredential<T> kept, CredentialKey key) =>
        kept.Owner == key.Principal ? kept : throw new InvalidOperationException("A credential of another principal was found.");

    private CredentialSlot<T> SlotOf(CredentialKey key)
    {
        if (_slots.TryGetValue(key, out CredentialSlot<T>? found))
            return found;
        CredentialSlot<T> slot = new(key, limits, time);
        found = _slots.GetOrAdd(key, slot);
        if (found != slot)
            return found;
        if (Interlocked.Increment(ref _count) > limits.Capacity)
            Evict();
        if (_sweeper is null)
            StartSweeping();
        return found;
    }

    private void StartSweeping()
    {
        lock (_evicting)
        {
            if (!_stop.IsCancellationRequested)
                _sweeper ??= time.CreateTimer(static cache => ((CredentialCache<T>)cache!).Sweep(), this, limits.SweepEvery, limits.SweepEvery);
        }
    }

    // A twentieth at once: sorting ten thousand entries costs a millisecond and happens once per five hundred new ones.
    private void Evict()
    {
        lock (_evicting)
        {
            int surplus = Count - (limits.Capacity - (limits.Capacity / 20));
            if (Count <= limits.Capacity)
                return;
            foreach (CredentialSlot<T> slot in _slots.Values.OrderBy(s => s.UsedAt).ToArray())
            {
                if (surplus <= 0)
                    return;
                if (Close(slot, always: true))
                    surplus--;
            }
        }
    }

    private void Sweep()
    {
        _troubles.Forget();
        foreach (CredentialSlot<T> slot in _slots.Values)
            Close(slot, always: false);
    }

    private bool Close(CredentialSlot<T> slot, bool always)
    {
        if (!slot.TryClose(always) || !_slots.TryRemove(KeyValuePair.Create(slot.Key, slot)))
            return false;
        Interlocked.Decrement(ref _count);
        return true;
    }

    private static CredentialTrouble Late { get; } =
        new("cannot be called: its token endpoint did not answer in time", FailureCategory.Timeout, "timeout") { Remember = TimeSpan.FromSeconds(1), RetryAfter = TimeSpan.FromSeconds(1) };

    private static CredentialTrouble Stopping { get; } =
        new("cannot be called: the gateway is stopping", FailureCategory.Cancelled, "stopping");

    private static CredentialTrouble Unexpected { get; } =
        new("cannot be called: getting its credential failed in an unexpected way", FailureCategory.AuthenticationFailed, "unexpected") { Remember = TimeSpan.FromSeconds(1) };
}
