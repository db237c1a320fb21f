using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Leases;

/// <summary>
/// One of several processes leads, by a Lease. Whether a lease is stale is told by how long we ourselves saw it unchanged, never by the
/// times in it: the clocks of two nodes may differ by more than a lease lasts.
/// </summary>
/// <param name="cluster">The API server.</param>
/// <param name="options">What is led, and by whom.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where changes of the lead are told.</param>
public sealed class LeaderElection(ICluster cluster, LeaderElectionOptions options, TimeProvider time, ILogger logger)
{
    private readonly string _name = options.Lease.ToString();
    private KubeObject? _stored;
    private LeaseRecord? _observed;
    private long _observedAt;
    private long _renewedAt;
    private volatile bool _leads;
    private volatile string? _holder;
    private string? _trouble;
    private bool _unanswered;

    /// <summary>We lead.</summary>
    public bool IsLeader => _leads;

    /// <summary>Who holds the lease as far as we saw, or null.</summary>
    public string? Holder => _holder;

    /// <summary>
    /// Waits for the lead, runs the work, and ends when the work ends or the lead is lost. The work's token is cancelled when the lead is
    /// lost or <paramref name="cancellationToken"/> is; the lease is kept until the work ended, and then given back.
    /// </summary>
    /// <param name="whileLeader">The work; what it throws is thrown from here after the lease is given back.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<LeadershipEnd> RunAsync(Func<CancellationToken, Task> whileLeader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(whileLeader);
        if (!await AcquireAsync(cancellationToken).ConfigureAwait(false))
            return LeadershipEnd.Stopped;
        _leads = true;
        logger.Leads(_name, options.Identity);
        using CancellationTokenSource leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource renewing = new();
        Task work = Task.Run(() => whileLeader(leading.Token), CancellationToken.None);
        Task<string?> renewal = RenewAsync(renewing.Token);
        bool lost = await Task.WhenAny(work, renewal).ConfigureAwait(false) == renewal;
        if (lost)
        {
            _leads = false;
            logger.LostLead(_name, options.Identity, await renewal.ConfigureAwait(false) ?? "");
            await leading.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (leading.IsCancellationRequested)
        {
            // The work obeyed.
        }
        finally
        {
            _leads = false;
            await renewing.CancelAsync().ConfigureAwait(false);
            // The renewal may have found out in the last moment that the lease is another's.
            if (await renewal.ConfigureAwait(false) is null)
                await GiveBackAsync().ConfigureAwait(false);
        }

        return lost ? LeadershipEnd.Lost : cancellationToken.IsCancellationRequested ? LeadershipEnd.Stopped : LeadershipEnd.WorkEnded;
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // An answer later than this would make us leader of a lease that is all but over.
            using CancellationTokenSource limit = new(options.RenewDeadline / 2, time);
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                if (await TryAcquireAsync(both.Token).ConfigureAwait(false))
                    return true;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                if (_unanswered)
                    await GiveBackAsync().ConfigureAwait(false);
                return false;
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                Trouble("looking", $"no answer in {options.RenewDeadline.TotalSeconds / 2:0} s");
            }
#pragma warning disable CA1031 // Whatever a cluster throws, somebody has to lead in the end.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (e is not KubeException { Error: KubeError.Conflict or KubeError.AlreadyExists })
                    Trouble("looking", e.Message);
            }

            if (!await PauseAsync(Jittered(), cancellationToken).ConfigureAwait(false))
                return false;
        }
    }

    private async Task<bool> TryAcquireAsync(CancellationToken cancellationToken)
    {
        long asked = time.GetTimestamp();
        KubeObject? lease = await cluster.GetAsync(BuiltIn.Lease, options.Lease, cancellationToken).ConfigureAwait(false);
        if (lease is null)
        {
            await StoreAsync(null, Mine(0), cancellationToken).ConfigureAwait(false);
            _renewedAt = asked;
            return true;
        }

        LeaseRecord record = LeaseRecord.Of(lease);
        Observe(lease, record);
        if (record.Holder.Length > 0 && record.Holder != options.Identity && time.GetElapsedTime(_observedAt) < Life(record))
        {
            _trouble = null;
            return false;
        }

        asked = time.GetTimestamp();
        await StoreAsync(lease, Mine(record.Transitions + (record.Holder == options.Identity ? 0 : 1)), cancellationToken).ConfigureAwait(false);
        _renewedAt = asked;
        return true;
    }

    // Another version of the program may have asked for a longer life; then it counts.
    private TimeSpan Life(LeaseRecord record) =>
        TimeSpan.FromSeconds(Math.Max(options.LeaseDuration.TotalSeconds, Math.Min(record.DurationSeconds, 3600)));

    private void Observe(KubeObject lease, LeaseRecord record)
    {
        _stored = lease;
        if (record == _observed)
            return;
        if (record.Holder != _observed?.Holder && record.Holder.Length > 0 && record.Holder != options.Identity)
            logger.StandsBy(_name, record.Holder);
        (_observed, _observedAt) = (record, time.GetTimestamp());
        _holder = record.Holder.Length > 0 ? record.Holder : null;
    }

    private LeaseRecord Mine(int transitions)
    {
        string now = MicroTime.Format(time.GetUtcNow());
        return new LeaseRecord(options.Identity, (int)Math.Ceiling(options.LeaseDuration.TotalSeconds), now, now, transitions);
    }

    private async Task StoreAsync(KubeObject? over, LeaseRecord record, CancellationToken cancellationToken)
    {
        JsonObject body = over?.ToJsonObject() ?? new JsonObject
        {
            ["apiVersion"] = BuiltIn.Lease.ApiVersion,
            ["kind"] = BuiltIn.Lease.Kind,
            ["metadata"] = new JsonObject { ["namespace"] = options.Lease.Namespace, ["name"] = options.Lease.Name },
        };
        if (over is null && options.Owner is { } owner)
            body["metadata"]!["ownerReferences"] = new JsonArray(owner.DeepClone());
        record.WriteTo(body);
        _unanswered = true;
        KubeObject stored = over is null
            ? await cluster.CreateAsync(BuiltIn.Lease, body, WriteOptions.Default, cancellationToken).ConfigureAwait(false)
            : await cluster.ReplaceAsync(BuiltIn.Lease, body, WriteOptions.Default, cancellationToken).ConfigureAwait(false);
        Observe(stored, LeaseRecord.Of(stored));
        _unanswered = false;
        _trouble = null;
    }

    /// <summary>Renews until cancelled (then null) or until the lead is lost (then why).</summary>
    private async Task<string?> RenewAsync(CancellationToken cancellationToken)
    {
        string trouble = "";
        while (await PauseAsync(Shorter(Jittered(), Left()), cancellationToken).ConfigureAwait(false))
        {
            TimeSpan left = Left();
            if (left <= TimeSpan.Zero)
                return $"not renewed for {options.RenewDeadline.TotalSeconds:0} s{trouble}";
            // A request that hangs leaves time for another one.
            using CancellationTokenSource deadline = new(left < TimeSpan.FromSeconds(1) ? left : left / 2, time);
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                if (await TryRenewAsync(both.Token).ConfigureAwait(false) is { } other)
                    return other;
            }
            catch (OperationCanceledException) when (both.IsCancellationRequested)
            {
                if (!cancellationToken.IsCancellationRequested)
                    trouble = "; last: no answer";
            }
#pragma warning disable CA1031 // A renewal that throws would leave the work running as if it led for ever.
            catch (Exception e)
#pragma warning restore CA1031
            {
                trouble = $"; last: {e.Message}";
                Trouble("renewing", e.Message);
            }
        }

        return null;
    }

    /// <summary>Null when renewed; why the lead is lost when it is.</summary>
    private async Task<string?> TryRenewAsync(CancellationToken cancellationToken)
    {
        long asked = time.GetTimestamp();
        try
        {
            LeaseRecord next = _observed! with { Renewed = MicroTime.Format(time.GetUtcNow()) };
            await StoreAsync(_stored, next, cancellationToken).ConfigureAwait(false);
            _renewedAt = asked;
            return null;
        }
        catch (KubeException e) when (e.Error is KubeError.Conflict or KubeError.NotFound)
        {
            // Somebody labelled the lease, took it, or deleted it; or our last write did arrive although its answer did not.
            KubeObject? lease = await cluster.GetAsync(BuiltIn.Lease, options.Lease, cancellationToken).ConfigureAwait(false);
            LeaseRecord? record = lease is null ? null : LeaseRecord.Of(lease);
            if (record is null || record.Holder != options.Identity)
                return record is null ? "the lease was deleted" : $"it is held by {(record.Holder.Length > 0 ? record.Holder : "nobody")}";
            Observe(lease!, record);
            throw;
        }
    }

    private async Task GiveBackAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(5), time);
        try
        {
            // A write that was cut off may have arrived all the same, and then ours is a newer version than the one we know.
            if (_unanswered)
            {
                KubeObject? lease = await cluster.GetAsync(BuiltIn.Lease, options.Lease, limit.Token).ConfigureAwait(false);
                LeaseRecord? record = lease is null ? null : LeaseRecord.Of(lease);
                if (record?.Holder != options.Identity)
                    return;
                Observe(lease!, record);
            }

            // One second: who stands by looks at the holder first, and older ones at the duration.
            LeaseRecord free = _observed! with { Holder = "", DurationSeconds = 1, Renewed = MicroTime.Format(time.GetUtcNow()) };
            await StoreAsync(_stored, free, limit.Token).ConfigureAwait(false);
            logger.GaveBack(_name, options.Identity);
        }
#pragma warning disable CA1031 // It is over at any rate; the others take the lease when it is stale.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.LeaseTrouble(_name, "giving back", e.Message);
        }
    }

    // An API server that is away for an hour is told of once.
    private void Trouble(string step, string reason)
    {
        if (reason != _trouble)
            logger.LeaseTrouble(_name, step, reason);
        _trouble = reason;
    }

    private TimeSpan Left() => options.RenewDeadline - time.GetElapsedTime(_renewedAt);

#pragma warning disable CA5394 // Spreads load; nothing is guessed from it.
    private TimeSpan Jittered() => options.RetryPeriod * (1 + Random.Shared.NextDouble() / 5);
#pragma warning restore CA5394

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => b <= TimeSpan.Zero ? TimeSpan.Zero : a < b ? a : b;

    /// <summary>Waits; false when cancelled.</summary>
    private async Task<bool> PauseAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
