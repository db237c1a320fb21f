using System.Collections.Frozen;

using Microsoft.Extensions.Logging;

using Vmcp.Core.Backends;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Health;
using Vmcp.Core.Waiting;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Backends;

/// <summary>
/// The backend-change line: a <see cref="BackendSet"/> comes in, one worker per backend probes and lists, and each change
/// becomes one published snapshot. Observers then tell the sessions.
/// </summary>
public sealed class BackendFleet : IAsyncDisposable
{
    /// <summary>Changes that come within this time become one snapshot, so a storm of them costs one merge.</summary>
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// A backend that was just added gets this long for its first answer before the change is shown, so that an edit is one change for
    /// clients and not two. One that is known already keeps its lists until it answered.
    /// </summary>
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromMilliseconds(500);

    private readonly SnapshotHolder<GatewaySnapshot> _holder = new(GatewaySnapshot.Empty);
    private readonly SortedDictionary<string, RunningBackend> _workers = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly AsyncSignal _dirty = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly BackendTransports _transports = new();
    private readonly GatewayOptions _options;
    private readonly RequestSigner _signer;
    private readonly TimeProvider _time;
    private readonly ILogger<BackendFleet> _logger;
    private readonly Task _publisher;
    private readonly List<Task> _stopping = [];
    private GatewaySettings _settings = new();
    private long _applied;
    private long _shown;

    /// <summary>Starts without backends; <see cref="Apply"/> brings them.</summary>
    public BackendFleet(GatewayOptions options, RequestSigner signer, TimeProvider time, ILogger<BackendFleet> logger)
    {
        _options = options;
        _signer = signer;
        _time = time;
        _logger = logger;
        Profiles = new ActiveProfiles(OnNewProfile);
        _publisher = PublishLoopAsync(_stop.Token);
    }

    /// <summary>The kinds of clients seen.</summary>
    public ActiveProfiles Profiles { get; }

    /// <summary>The newest snapshot; take it once per request.</summary>
    public GatewaySnapshot Current => _holder.Current;

    /// <summary>Told of each 401 of a backend; set before the first <see cref="Apply"/>. Must return at once.</summary>
    public Action<string>? Unauthorized { get; set; }

    /// <summary>Called after each publication in which a list changed, with what changed for each kind of client.</summary>
    public event Action<Func<ClientCapabilities, ListChanges>>? Changed;

    /// <summary>Called after each publication, with the snapshot before and the one in force; a handler must return at once.</summary>
    public event Action<GatewaySnapshot, GatewaySnapshot>? Published;

    /// <summary>Called after a publication in which a backend came, left, was replaced, or went in or out of service.</summary>
    public event Action<GatewaySnapshot>? BackendsMoved;

    /// <summary>Connection pools held for backends to come.</summary>
    internal int Pools => _transports.Count;

    /// <summary>Whether each configured backend was reached or failed at least once.</summary>
    public bool AllTried
    {
        get
        {
            lock (_lock)
                return _workers.Values.All(r => r.Worker.Tried);
        }
    }

    /// <summary>Whether what those first tries brought is in the snapshot that lists are answered from.</summary>
    public bool AllShown
    {
        get
        {
            lock (_lock)
                return _shown == _applied;
        }
    }

    /// <summary>Whether each configured backend was reached at least once.</summary>
    public bool AllReached
    {
        get
        {
            lock (_lock)
                return _workers.Values.All(r => r.Worker.Current.Reached);
        }
    }

    /// <summary>Makes the running backends equal to the set. Unchanged backends are not touched.</summary>
    /// <param name="set">The backends.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="whyLeft">Why a backend that runs is not in the set, as a clause for the log.</param>
    /// <exception cref="InvalidDataException">A CA bundle cannot be read; nothing was changed.</exception>
    public void Apply(BackendSet set, GatewaySettings settings, Func<string, string>? whyLeft = null)
    {
        lock (_lock)
        {
            bool newBreaker = settings.Breaker != _settings.Breaker;
            List<Backend> starting = [.. set.Backends.Where(
                b => newBreaker || !_workers.TryGetValue(b.Name, out RunningBackend? running) || running.Worker.Handle.Backend != b)];
            List<BackendHandle> handles = [.. starting.Select(b => CreateHandle(b, settings, newBreaker))];
            _applied++;
            bool newPace = settings.Health != _settings.Health;
            _settings = settings;
            if (newPace)
            {
                foreach (RunningBackend running in _workers.Values)
                    running.Worker.Handle.Wake();
            }

            FrozenSet<string> wanted = set.Backends.Select(b => b.Name).ToFrozenSet();
            foreach (string gone in _workers.Keys.Where(n => !wanted.Contains(n)).ToList())
            {
                Stop(gone);
                _logger.BackendLeft(gone, whyLeft?.Invoke(gone) ?? "it was removed from the configuration");
            }

            foreach (BackendHandle handle in handles)
            {
                BackendWorker? before = Stop(handle.Backend.Name);
                if (before is not null)
                {
                    string words = BackendDifference.Words(before.Handle.Backend, handle.Backend);
                    _logger.BackendChanged(handle.Backend.Name, words.Length > 0 ? words : "circuit breaker settings");
                }

                Start(handle, before);
            }

            _transports.Trim(set.Backends);
        }

        _dirty.Set();
    }

    /// <summary>Waits until each backend was tried once, or the limit passed.</summary>
    public async Task WaitForFirstTriesAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        while (!AllTried && _time.GetElapsedTime(started) < limit)
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, cancellationToken).ConfigureAwait(false);
        // A turn more, so that the last report is in the snapshot.
        await Task.Delay(Coalesce * 2, _time, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        List<Task> ending;
        lock (_lock)
        {
            foreach (string name in _workers.Keys.ToList())
                Stop(name);
            ending = [.. _stopping];
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _publisher.ConfigureAwait(false);
        _transports.Dispose();
        _stop.Dispose();
    }

    private BackendHandle CreateHandle(Backend backend, GatewaySettings settings, bool newBreaker)
    {
        BackendHandle? before = _workers.TryGetValue(backend.Name, out RunningBackend? running) ? running.Worker.Handle : null;
        BreakerGate gate = before is not null && !newBreaker && Succession.IsSameWay(before.Backend, backend) ? before.Gate : new BreakerGate(settings.Breaker, _time);
        return new BackendHandle(new BackendHttp(backend, _transports.For(backend), _signer, Unauthorized is { } told ? new QuietReport(told, _time).Tell : null), gate);
    }

    private void Start(BackendHandle handle, BackendWorker? before)
    {
        BackendStory story = new(handle.Backend, again: before is not null, _logger) { BreakerOpen = handle.Gate.State.Status != BreakerStatus.Closed };
        handle.Gate.Moved = () =>
        {
            story.BreakerMoved(handle.Gate);
            _dirty.Set();
        };
        BackendWorker worker = new(handle, () => _settings, Profiles, _options.MonitorHealth, _dirty.Set, _time, story);
        if (before is not null)
            worker.TakeOver(before);
        _workers[handle.Backend.Name] = new RunningBackend(worker, _time.GetTimestamp(), _logger);
    }

    /// <summary>Stops a backend; returns who served it, null when none of the name runs.</summary>
    private BackendWorker? Stop(string name)
    {
        if (!_workers.Remove(name, out RunningBackend? running))
            return null;
        running.Worker.Story.End();
        _stopping.RemoveAll(t => t.IsCompleted);
        _stopping.Add(running.DisposeAsync().AsTask());
        return running.Worker;
    }

    private async Task PublishLoopAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _dirty.WaitAsync(cancellationToken).ConfigureAwait(false);
                await Task.Delay(Coalesce, _time, cancellationToken).ConfigureAwait(false);
                await WaitForNewcomersAsync(cancellationToken).ConfigureAwait(false);
                TryPublish();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
    }

    private async Task WaitForNewcomersAsync(CancellationToken cancellationToken)
    {
        // While newcomers keep coming and say nothing, the news of the others must not wait for ever.
        long began = _time.GetTimestamp();
        while (HasNewcomer() && _time.GetElapsedTime(began) < FirstAnswer)
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, cancellationToken).ConfigureAwait(false);
    }

    private bool HasNewcomer()
    {
        lock (_lock)
            return _workers.Values.Any(r => !r.Worker.Tried && !r.Worker.Current.Reached && _time.GetElapsedTime(r.Since) < FirstAnswer);
    }

    private void TryPublish()
    {
        try
        {
            Publish();
        }
#pragma warning disable CA1031 // One publication that fails by a bug must not be the last one; the bug is logged.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.BackgroundWorkFailed("publishing", e);
        }
    }

    private void Publish()
    {
        GatewaySnapshot before = _holder.Current;
        GatewaySettings settings;
        FrozenDictionary<string, BackendView> views;
        long? applied;
        lock (_lock)
        {
            settings = _settings;
            applied = _workers.Values.All(r => r.Worker.Tried) ? _applied : null;
            views = _workers.Values.Select(r => r.Worker.View()).ToFrozenDictionary(v => v.Handle.Backend.Name);
        }

        GatewaySnapshot next = Snapshots.Next(before, settings, views, Profiles.Current);
        _holder.Publish(next);
        lock (_lock)
            _shown = applied ?? _shown;
        Published?.Invoke(before, next);
        if (before.Backends.Count != views.Count || before.Backends.Values.Any(v => !views.TryGetValue(v.Handle.Backend.Name, out BackendView? now) || !now.IsAs(v)))
            BackendsMoved?.Invoke(next);
        if (ReferenceEquals(before.Catalog, next.Catalog))
            return;
        if (Snapshots.Compare(before.Catalog, next.Catalog) != ListChanges.None)
            _logger.CatalogChanged(before.Catalog, next);
        Changed?.Invoke(client => Snapshots.Compare(before.CatalogFor(client), next.CatalogFor(client)));
    }

    private void OnNewProfile()
    {
        lock (_lock)
        {
            foreach (RunningBackend running in _workers.Values.Where(r => r.Worker.Current.Variants is not null))
                running.Worker.Handle.Wake();
        }

        _dirty.Set();
    }
}
