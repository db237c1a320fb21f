using System.Runtime.CompilerServices;

using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;

namespace Vmcp.Gateway.Identities;

/// <summary>Asks a backend what it lists to one user, with that user's credential and with what the user's client declared.</summary>
/// <param name="time">The clock.</param>
internal sealed class OwnLister(TimeProvider time)
{
    /// <summary>Users one backend is asked for at the same time: a crowd of new users must not fall over it, and no backend waits for another one.</summary>
    internal const int MaxAtOnce = 8;

    /// <summary>Longest time for all lists; less where the backend's own limit is shorter.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ConditionalWeakTable<BackendHandle, SemaphoreSlim> _turns = [];

    /// <summary>Asks; the answer counts for the breaker as a call's does.</summary>
    /// <param name="handle">The backend.</param>
    /// <param name="owner">The user, with the newest proof.</param>
    /// <param name="client">What the user's client can be asked.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task<OwnAnswer> AskAsync(BackendHandle handle, Func<Caller?> owner, ClientCapabilities client, CancellationToken stopping)
    {
        SemaphoreSlim turn = _turns.GetValue(handle, static _ => new SemaphoreSlim(MaxAtOnce));
        await turn.WaitAsync(stopping).ConfigureAwait(false);
        try
        {
            if (!handle.Gate.TryEnter(out BreakerLease lease))
            {
                return new OwnAnswer(
                    null, new BackendFailure(FailureCategory.BackendUnavailable, "is unavailable (circuit breaker open)") { RetryAfter = handle.Gate.RetryAfter });
            }

            OwnAnswer answer = await AskInTimeAsync(handle, owner, client, lease, stopping).ConfigureAwait(false);
            if (answer.Failure is null)
                lease.Success();
            else if (answer.Failure.Category == FailureCategory.HealthCheckFailed)
                lease.GiveBack(); // a list that is broken for one user says little about the others
            else
                CallHealth.Report(handle, lease, answer.Failure);
            return answer;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<OwnAnswer> AskInTimeAsync(
        BackendHandle handle, Func<Caller?> owner, ClientCapabilities client, BreakerLease lease, CancellationToken stopping)
    {
        TimeSpan most = handle.Backend.Timeout < Limit ? handle.Backend.Timeout : Limit;
        using Deadline limit = new(most, time, stopping);
        try
        {
            return await ReadAsync(handle, owner, client, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new OwnAnswer(null, new BackendFailure(FailureCategory.Timeout, $"did not say in {most.TotalSeconds:0.#} s what it offers"));
        }
        catch (OperationCanceledException)
        {
            lease.GiveBack();
            throw;
        }
    }

    private async Task<OwnAnswer> ReadAsync(BackendHandle handle, Func<Caller?> owner, ClientCapabilities client, CancellationToken cancellationToken)
    {
        LinkIdentity identity = new(Revisions.LatestLegacy, client.ToJson(), default);
        BackendDialect known = handle.Dialect;
        LinkOutcome opened = await LinkOpener.OpenAsync(handle.Http, known, owner, identity, time, cancellationToken).ConfigureAwait(false);
        // It may speak another way since it was learned, and a probe that is refused cannot notice.
        if (known != BackendDialect.Unknown && opened.Failure is { Category: FailureCategory.HealthCheckFailed })
            opened = await LinkOpener.OpenAsync(handle.Http, BackendDialect.Unknown, owner, identity, time, cancellationToken).ConfigureAwait(false);
        if (opened.Link is not { } link)
            return new OwnAnswer(null, opened.Failure);
        try
        {
            if (client.Any)
                await ListReader.SettleAsync(link, time, cancellationToken).ConfigureAwait(false);
            ListReader.Reading reading =
                await ListReader.ReadAsync(link, ListReader.Kinds, ListReader.Nothing(link), identity, cancellationToken).ConfigureAwait(false);
            if (reading.Failure is not null)
                return new OwnAnswer(null, reading.Failure);
            if (handle.Dialect != opened.Dialect)
            {
                handle.Learn(opened.Dialect, link.ServerCapabilities);
                handle.Wake(); // the next check publishes it
            }

            return new OwnAnswer(reading.Lists, null);
        }
        finally
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }
}
