using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Events;
using Vmcp.Kubernetes.Leases;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Queues;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Polling;
using Vmcp.Operator.Reconciling;
using Vmcp.Operator.Watching;

namespace Vmcp.Operator.Hosting;

/// <summary>What the operator is given from outside besides its options.</summary>
public sealed record OperatorParts
{
    /// <summary>The API server.</summary>
    public required ICluster Cluster { get; init; }

    /// <summary>Says who issues the cluster's tokens; null where nobody can tell.</summary>
    public ITokenIssuer? Issuer { get; init; }

    /// <summary>Makes the plans.</summary>
    public required Planner Planner { get; init; }

    /// <summary>Asks gateways for their status.</summary>
    public required HttpClient Http { get; init; }

    /// <summary>Where a pod's status endpoint is.</summary>
    public StatusAddress Address { get; init; } = StatusAddresses.InCluster;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes what there is to say.</summary>
    public required ILoggerFactory Loggers { get; init; }
}

/// <summary>The running operator: informers, queues, reconcilers, the poller and the lease, joined.</summary>
public sealed class VmcpOperator
{
    /// <summary>Name of the lease (operator.md 7.1), as other operators of these kinds use it: two kinds of operator must not work at once.</summary>
    public const string LeaseName = "toolhive-operator-leader-election";

    private readonly OperatorOptions _options;
    private readonly OperatorParts _parts;
    private readonly ClusterView _view;
    private readonly EventRecorder _events;
    private readonly WorkQueue<ObjectKey>? _servers;
    private readonly WorkQueue<SmallObject>? _small;
    private readonly ServerReconciler _serverReconciler;
    private readonly SmallReconciler _smallReconciler;
    private readonly StatusPoller _poller;
    private readonly IssuerReader _issuer;
    private readonly ILogger _logger;
    private LeaderElection? _election;

    /// <summary>Joins the parts; nothing runs yet.</summary>
    public VmcpOperator(OperatorOptions options, OperatorParts parts)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(parts);
        (_options, _parts) = (options, parts);
        _logger = parts.Loggers.CreateLogger<VmcpOperator>();
        _view = new ClusterView(parts.Cluster, options.Namespaces, parts.Time, parts.Loggers.CreateLogger<ClusterView>());
        _events = new EventRecorder(parts.Cluster, options.Identity, parts.Time, parts.Loggers.CreateLogger<EventRecorder>());
        _issuer = new IssuerReader(parts.Issuer, parts.Time);
        DetailReader details = new(parts.Cluster, _view);
        DependencyIndex index = new();
        if (options.Runs(ServerReconciler.Name))
            _servers = Queue<ObjectKey>(ServerReconciler.Name, options.Concurrency);
        if (SmallPlans.Kinds.Any(k => options.Runs(ControllerOf(k))))
            _small = Queue<SmallObject>("configuration", options.Concurrency);
        _poller = new StatusPoller(parts.Http, parts.Address, key => _servers?.Add(key), parts.Time, parts.Loggers.CreateLogger<StatusPoller>());
        WorldBuilder worlds = new(_view, details, index, _issuer, _poller.Heard, options.Settings.DefaultRedis?.SecretName);
        _serverReconciler = new ServerReconciler(
            _view, worlds, parts.Planner, new Applier(parts.Cluster), new StatusWriter(parts.Cluster, parts.Time), index, _poller, _events, Metrics,
            options.Settings, parts.Loggers.CreateLogger<ServerReconciler>());
        _smallReconciler = new SmallReconciler(
            parts.Cluster, _view, new SmallPlans(_view, details, parts.Cluster), _events, Metrics, parts.Time, parts.Loggers.CreateLogger<SmallReconciler>());
        Route(new ChangeRouter(index), new SmallRouter(_view));
    }

    /// <summary>What is counted.</summary>
    public OperatorMetrics Metrics { get; } = new();

    /// <summary>The controllers there are, as <c>--controllers</c> names them, sorted.</summary>
    public static ImmutableArray<string> Controllers { get; } =
        [.. SmallPlans.Kinds.Select(ControllerOf).Append(ServerReconciler.Name).Order(StringComparer.Ordinal)];

    /// <summary>Why <c>/readyz</c> is not ok, or null: the first lists are complete, and a standby is as ready as a leader.</summary>
    public string? NotReady => _view.Synced ? null : $"waiting for the first list of: {string.Join(", ", _view.Missing)}";

    /// <summary>Whether this replica works, rather than standing by.</summary>
    public bool Leads => !_options.LeaderElect || _election?.IsLeader == true;

    /// <summary>Runs until cancelled: then reconciles in flight end, and the lease is given back. Returns false when the lease was lost.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task view = _view.RunAsync(watching.Token);
        try
        {
            if (!_options.LeaderElect)
            {
                Metrics.Leader(true);
                await WorkAsync(cancellationToken).ConfigureAwait(false);
                return true;
            }

            _election = new LeaderElection(
                _parts.Cluster,
                new LeaderElectionOptions { Lease = new ObjectKey(_options.LeaseNamespace, LeaseName), Identity = _options.Identity },
                _parts.Time,
                _parts.Loggers.CreateLogger<LeaderElection>());
            return await _election.RunAsync(WorkAsync, cancellationToken).ConfigureAwait(false) != LeadershipEnd.Lost;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            Metrics.Leader(false);
            await watching.CancelAsync().ConfigureAwait(false);
            await view.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string ControllerOf(ResourceType type) => type.Kind.ToLowerInvariant();

    private WorkQueue<TKey> Queue<TKey>(string name, int concurrency)
        where TKey : notnull
    {
        WorkQueue<TKey> queue = new(
            new WorkQueueOptions
            {
                Name = name,
                Concurrency = concurrency,
                Debounce = _options.Debounce,
                MinInterval = _options.Debounce,
            },
            _parts.Time,
            _parts.Loggers.CreateLogger($"Vmcp.Operator.Queue.{name}"));
        Metrics.Queue(name, () => queue.Depth);
        return queue;
    }

    private Func<TKey, CancellationToken, Task<WorkResult>> Counted<TKey>(Func<TKey, string> controller, Func<TKey, CancellationToken, Task<WorkResult>> work) =>
        async (key, cancellationToken) =>
        {
            long begun = _parts.Time.GetTimestamp();
            string result = "error";
            try
            {
                WorkResult done = await work(key, cancellationToken).ConfigureAwait(false);
                result = ResultWord(done);
                return done;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                result = "stopped";
                throw;
            }
            finally
            {
                Metrics.Reconciled(controller(key), result, _parts.Time.GetElapsedTime(begun));
            }
        };

    private static string ResultWord(WorkResult result) => result switch
    {
        WorkResult.Failed => "error",
        WorkResult.Requeue => "requeue",
        _ => "success",
    };

    private void Route(ChangeRouter servers, SmallRouter small) => _view.OnChange((type, change) =>
    {
        if (_servers is not null)
        {
            foreach (ObjectKey key in servers.Concerned(type, change))
                _servers.Add(key);
        }

        if (_small is null)
            return;
        foreach (SmallObject item in small.Concerned(type, change).Where(o => _options.Runs(ControllerOf(o.Type))))
            _small.Add(item);
    });

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await _view.WhenSyncedAsync(cancellationToken).ConfigureAwait(false);
        Metrics.Leader(true);
        _logger.Working(string.Join(", ", _options.Controllers.IsEmpty ? Controllers : _options.Controllers));
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Whatever ends first ends the others: half an operator is worse than a restarted one.
        List<Task> work = [_events.RunAsync(ending.Token), _poller.RunAsync(ending.Token)];
        if (_servers is not null)
            work.Add(_servers.RunAsync(Counted<ObjectKey>(_ => ServerReconciler.Name, _serverReconciler.ReconcileAsync), ending.Token));
        if (_small is not null)
            work.Add(_small.RunAsync(Counted<SmallObject>(o => ControllerOf(o.Type), _smallReconciler.ReconcileAsync), ending.Token));
        await Task.WhenAny(work).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(work).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && work.All(t => t.Exception is null))
        {
            // Told to stop.
        }
    }
}
