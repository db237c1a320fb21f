using System.Collections.Frozen;

using Vmcp.Core.Capabilities;
using Vmcp.Core.Health;
using Vmcp.Core.Waiting;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;

namespace Vmcp.Gateway.Backends;

/// <summary>
/// Keeps one backend known: connects, lists, probes on a schedule and listens for its change notifications. One loop, one
/// backend; nothing here waits for another backend.
/// </summary>
internal sealed class BackendWorker(
    BackendHandle handle, Func<GatewaySettings> settings, ActiveProfiles profiles, bool monitor, Action published, TimeProvider time, BackendStory story)
{
    /// <summary>What the gateway declares when it lists: everything, so that the catalog shows all there is.</summary>
    private static readonly LinkIdentity Identity = new(Revisions.LatestLegacy, ClientCapabilities.All.ToJson(), default);

    private readonly AsyncSignal _wake = new();
    private BackendSession? _session;
    private volatile State _state = new(HealthState.Initial, null, null);

    /// <summary>The running side of the backend.</summary>
    public BackendHandle Handle => handle;

    /// <summary>What the log is told of it.</summary>
    public BackendStory Story => story;

    /// <summary>What is known now.</summary>
    public State Current => _state;

    private bool IsPerUser => handle.Backend.Strategy.IsPerUser;

    /// <summary>Whether the first attempt to reach the backend has ended, well or not.</summary>
    public bool Tried { get; private set; }

    /// <summary>
    /// Whether a backend in this state is listed (HLTH-05). One that was described anew is listed as before until it answered, or failed for good.
    /// </summary>
    public bool Lists(State state) => state.Reached
        && (!monitor || HealthMachine.IsListed(state.Health.Status) || (state.Taken == Taken.Listed && state.Health.Status == HealthStatus.Unknown));

    /// <summary>The backend at this moment.</summary>
    public BackendView View()
    {
        State state = _state;
        return new BackendView(handle, state.Health, state.Capabilities, Lists(state))
        {
            Variants = state.Variants,
            ListChanges = handle.ListChanges,
            Dialect = handle.Dialect,
            Breaker = handle.Gate.State.Status,
        };
    }

    /// <summary>Before the first round: begins with what was known of the backend before it was described anew.</summary>
    public void TakeOver(BackendWorker before)
    {
        _state = Succession.StateAfter(before, handle.Backend);
        if (Succession.IsSamePlace(before.Handle.Backend, handle.Backend))
            handle.Learn(before.Handle.Dialect, before.Handle.ServerCapabilities);
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        handle.Wake = _wake.Set;
        try
        {
            while (true)
            {
                TimeSpan delay = await CheckAsync(cancellationToken).ConfigureAwait(false);
                await _wake.WaitAsync(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The backend was removed or the process stops.
        }
        finally
        {
            handle.Met();
            await CloseSessionAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One round: probe or connect, refresh lists that changed, update health. Returns when to come back.</summary>
    private async Task<TimeSpan> CheckAsync(CancellationToken cancellationToken)
    {
        HealthPolicy policy = settings().Health;
        if (!handle.Gate.TryEnter(out BreakerLease lease))
        {
            handle.Met(); // a breaker that stayed open over an edit refuses calls at once, it does not let them wait
            return Longer(handle.Gate.RetryAfter, TimeSpan.FromMilliseconds(50));
        }

        State before = _state;
        long started = time.GetTimestamp();
        (BackendFailure? failure, BackendCapabilities? capabilities) = await ProbeAsync(before, policy, lease, cancellationToken).ConfigureAwait(false);
        TimeSpan elapsed = time.GetElapsedTime(started);
        ProbeOutcome outcome = Judge(failure, elapsed);
        handle.Probes.Add(elapsed, failed: outcome.Answer != ProbeAnswer.Answered);
        HealthState health = HealthMachine.Next(before.Health, outcome, policy, time.GetUtcNow());
        if (IsPerUser && outcome.Answer == ProbeAnswer.Answered && before.Health.ConsecutiveFailures > 0)
            handle.NoteListChange(); // it may have been restarted with other lists, and tells only those who are connected
        // To a probe without a user, "who are you?" is a good answer: all is well, only the lists are for users.
        bool wantsUser = IsPerUser && failure is { Category: FailureCategory.AuthenticationFailed };
        BackendFailure? trouble = wantsUser ? null : failure;
        _state = new State(health, capabilities ?? before.Capabilities, before.Variants)
        {
            Taken = trouble is null ? Taken.No : before.Taken,
            WantsUser = wantsUser || (before.WantsUser && failure is not null),
        };
        story.Checked(before, _state, trouble, elapsed, policy);
        if (outcome.Answer == ProbeAnswer.Failed)
            lease.Failure();
        else
            lease.Success();
        Tried = true;
        handle.Met();
        if (failure is not null)
            await CloseSessionAsync().ConfigureAwait(false);
        published();
        if (failure is null && !IsPerUser)
            await RefreshVariantsAsync(before, policy, cancellationToken).ConfigureAwait(false);
        return NextDelay(health, policy, trouble);
    }

    /// <summary>
    /// After the lists were read: does the backend list less to clients that can do less? Asked again only when the lists
    /// changed or a new kind of client came.
    /// </summary>
    private async Task RefreshVariantsAsync(State before, HealthPolicy policy, CancellationToken cancellationToken)
    {
        State now = _state;
        bool changed = before.Capabilities is null || before.Taken != Taken.No || !now.Capabilities!.SameLists(before.Capabilities);
        IReadOnlyCollection<ClientCapabilities> wanted = profiles.Current;
        if (!changed && (now.Variants is null || wanted.All(p => p == ClientCapabilities.All || now.Variants.ContainsKey(p))))
            return;
        using Deadline limit = new(policy.Timeout < VariantLister.Limit ? policy.Timeout : VariantLister.Limit, time, cancellationToken);
        try
        {
            FrozenDictionary<ClientCapabilities, BackendCapabilities>? variants = await VariantLister.ListAsync(
                handle, now.Capabilities!, changed ? null : now.Variants, wanted, time, limit.Token).ConfigureAwait(false);
            if (ReferenceEquals(variants, now.Variants))
                return;
            _state = now with { Variants = variants };
            published();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Too slow to be asked twice: everybody is shown the whole list.
        }
    }

    private ProbeOutcome Judge(BackendFailure? failure, TimeSpan elapsed) => failure switch
    {
        null => ProbeOutcome.Answered(elapsed),
        { Category: FailureCategory.AuthenticationFailed } => ProbeOutcome.Refused(handle.Backend.Strategy.HasCredential, elapsed),
        { HttpStatus: 429 } => ProbeOutcome.Answered(elapsed),
        _ => ProbeOutcome.Failed(failure.Category, elapsed),
    };

    private TimeSpan NextDelay(HealthState health, HealthPolicy policy, BackendFailure? failure)
    {
        if (!monitor && failure is null)
            return Timeout.InfiniteTimeSpan;
        TimeSpan delay = ProbeSchedule.NextDelay(health, policy, Random.Shared.NextDouble());
        if (failure?.RetryAfter is { } asked)
            return Longer(delay, asked < TimeSpan.FromMinutes(5) ? asked : TimeSpan.FromMinutes(5));
        // A first failure is looked at again soon: a dead backend should not stay listed for several intervals.
        TimeSpan soon = TimeSpan.FromSeconds(Math.Min(2, policy.Interval.TotalSeconds));
        return failure is not null && delay > soon && HealthMachine.IsListed(health.Status) ? soon : delay;
    }

    private async Task<(BackendFailure? Failure, BackendCapabilities? Capabilities)> ProbeAsync(
        State before, HealthPolicy policy, BreakerLease lease, CancellationToken cancellationToken)
    {
        using Deadline limit = new(policy.Timeout, time, cancellationToken);
        try
        {
            if (_session is not { IsAlive: true } session)
                return await ConnectAsync(limit.Token).ConfigureAwait(false);
            (BackendFailure? Failure, BackendCapabilities? Capabilities) refreshed = await RefreshAsync(session, before, limit.Token).ConfigureAwait(false);
            // A backend that forgot our session is not down: it was restarted, or expires idle sessions.
            return refreshed.Failure is { SessionLost: true } ? await ConnectAsync(limit.Token).ConfigureAwait(false) : refreshed;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (new BackendFailure(FailureCategory.Timeout, $"did not answer in {policy.Timeout.TotalSeconds:0.#} s"), null);
        }
        catch (OperationCanceledException)
        {
            lease.GiveBack();
            throw;
        }
    }

    private async Task<(BackendFailure? Failure, BackendCapabilities? Capabilities)> ConnectAsync(CancellationToken cancellationToken)
    {
        await CloseSessionAsync().ConfigureAwait(false);
        LinkOutcome opened = await LinkOpener.OpenAsync(
            handle.Http, BackendDialect.Unknown, BackendLink.Gateway, Identity, time, cancellationToken).ConfigureAwait(false);
        if (opened.Link is not { } link)
            return (opened.Failure, null);
        BackendSession session = new(link, _wake.Set, time);
        try
        {
            // Listening starts before the first list, so that a change in between is not missed.
            session.StartListening();
            (BackendFailure? failure, BackendCapabilities? capabilities) =
                await ListAsync(link, ListReader.Kinds, ListReader.Nothing(link), cancellationToken).ConfigureAwait(false);
            if (failure is not null)
                return (failure, null);
            handle.Learn(opened.Dialect, link.ServerCapabilities);
            (_session, session) = (session, null!);
            return (null, capabilities);
        }
        finally
        {
            if (session is not null)
                await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<(BackendFailure? Failure, BackendCapabilities? Capabilities)> RefreshAsync(
        BackendSession session, State before, CancellationToken cancellationToken)
    {
        if (before.Capabilities is not { } known)
            return await ConnectAsync(cancellationToken).ConfigureAwait(false);
        CapabilityKind[] changed = session.TakeChanged();
        if (changed.Length > 0 && IsPerUser)
            handle.NoteListChange();
        if (changed.Length == 0 && !session.IsListening)
            changed = ListReader.Kinds; // nobody would tell us, so we look
        if (changed.Length == 0)
            return (await session.PingAsync(cancellationToken).ConfigureAwait(false), null);
        return await ListAsync(session.Link, changed, known, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(BackendFailure? Failure, BackendCapabilities? Capabilities)> ListAsync(
        BackendLink link, CapabilityKind[] kinds, BackendCapabilities known, CancellationToken cancellationToken)
    {
        ListReader.Reading reading = await ListReader.ReadAsync(link, kinds, known, Identity, cancellationToken).ConfigureAwait(false);
        if (reading.Failure is not null)
            return (reading.Failure, null);
        story.KindsFailed(reading.Failed);
        return (null, reading.Lists);
    }

    private async ValueTask CloseSessionAsync()
    {
        BackendSession? session = _session;
        _session = null;
        if (session is not null)
            await session.DisposeAsync().ConfigureAwait(false);
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>What the worker knows.</summary>
    /// <param name="Health">What probes say.</param>
    /// <param name="Capabilities">What it lists to a client that can do everything.</param>
    /// <param name="Variants">What it lists to lesser clients; null when that is the same.</param>
    internal sealed record State(
        HealthState Health, BackendCapabilities? Capabilities, FrozenDictionary<ClientCapabilities, BackendCapabilities>? Variants)
    {
        /// <summary>
        /// It is called with each user's own credential, and answered the gateway's probe, which has none, with a refusal: what it lists is for its
        /// users to see.
        /// </summary>
        public bool WantsUser { get; init; }

        /// <summary>Whether it was reached at least once.</summary>
        public bool Reached => Capabilities is not null || WantsUser;

        /// <summary>Whether this was known before the backend was described anew, and it has not answered since.</summary>
        public Taken Taken { get; init; }
    }
}
