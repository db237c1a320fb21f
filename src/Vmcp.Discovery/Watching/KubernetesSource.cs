using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Config.Model;
using Vmcp.Core.Backends;
using Vmcp.Core.Waiting;
using Vmcp.Discovery.Members;
using Vmcp.Discovery.Reading;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Name = Vmcp.Discovery.Reading.NamedReader.Name;

namespace Vmcp.Discovery.Watching;

/// <summary>
/// The backends of a group, from a cluster: watches its members and their auth configs, reads by name what may not be watched, and hands over
/// the set after every change. While the API server is away the last good set stays.
/// </summary>
/// <param name="cluster">The API server, or a cluster in memory.</param>
/// <param name="options">Whose backends.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells of itself.</param>
public sealed class KubernetesSource(ICluster cluster, DiscoveryOptions options, TimeProvider time, ILogger<KubernetesSource> logger) : IBackendSource
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Long enough to be nothing, short enough to live with a wake that was missed.</summary>
    private static readonly TimeSpan AtRest = TimeSpan.FromMinutes(1);

    private readonly NamedReader _reader = new(
        cluster, options.Namespace, new ReadingPace(options.RefreshEvery, options.RetryEvery, options.UnauthorizedEvery), time, logger);
    private readonly OwnServer _server = new(cluster, options, time);
    private readonly GracePeriod _grace = new(time);
    private readonly AsyncSignal _wake = new();
    private GatewayConfig _config = options.Config;
    private GroupWatch? _watch;
    private SourceTrouble? _trouble;
    private Picture _picture = new(0, new GroupPlan([], [], ImmutableSortedDictionary<string, BackendFacts>.Empty, [], []), false);
    private ImmutableHashSet<Name> _wanted = [];
    private bool _told = true;
    private volatile bool _changed = true;

    private sealed record Picture(long Version, GroupPlan Plan, bool Synced)
    {
        /// <summary>What was known of the backends of the picture before this one, for the log.</summary>
        public ImmutableSortedDictionary<string, BackendFacts> FactsBefore { get; init; } = ImmutableSortedDictionary<string, BackendFacts>.Empty;
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public SourcePicture Current
    {
        get
        {
            Picture picture = Volatile.Read(ref _picture);
            return new SourcePicture(new BackendSet(picture.Version, picture.Plan.Backends), picture.Plan.Unserved, State(picture));
        }
    }

    /// <summary>What resources say of a backend, served or not; null for an unknown one.</summary>
    public BackendFacts? FactsOf(string backend) => Volatile.Read(ref _picture).Plan.Facts.GetValueOrDefault(backend);

    /// <summary>Takes an edited configuration: deadlines and passed-on headers of backends come from it.</summary>
    public void Take(GatewayConfig config)
    {
        Volatile.Write(ref _config, config);
        Wake();
    }

    /// <inheritdoc/>
    public string? WhyLeft(string backend) =>
        Volatile.Read(ref _picture).FactsBefore.GetValueOrDefault(backend)?.Origin.Split('/') is [var kind, var name]
            ? Volatile.Read(ref _watch)?.WhyNoMember(kind, name)
            : null;

    /// <inheritdoc/>
    public void OnUnauthorized(string backend)
    {
        bool doubted = false;
        foreach (string secret in FactsOf(backend)?.Secrets ?? [])
            doubted |= _reader.Doubt(new Name(BuiltIn.Secret, secret));
        if (doubted)
            _wake.Set();
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        GroupWatch watch = new(cluster, options, Wake, time, logger);
        SourceTrouble trouble = new(() => Trouble(watch), time, logger);
        Volatile.Write(ref _watch, watch);
        Volatile.Write(ref _trouble, trouble);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task beside = Task.WhenAll(watch.RunAsync(ending.Token), trouble.RunAsync(ending.Token));
        try
        {
            while (true)
            {
                try
                {
                    await StepAsync(watch, cancellationToken).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // Whatever one turn meets, the last good set stays and the next turn comes.
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    logger.PlanFailed(e);
                    _changed = true;
                    await Task.Delay(AfterFailure, time, cancellationToken).ConfigureAwait(false);
                }

                if (!_changed || !watch.Synced)
                    await _wake.WaitAsync(NextLook(watch), time, cancellationToken).ConfigureAwait(false);
                if (_changed)
                    await Task.Delay(options.Coalesce, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await beside.ConfigureAwait(false);
        }
    }

    private async Task StepAsync(GroupWatch watch, CancellationToken cancellationToken)
    {
        if (!watch.Synced || !(_changed || NextDue() <= TimeSpan.Zero))
            return;
        bool soon = _changed;
        _changed = false;
        if (await _server.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } server)
            return;
        GroupPlan plan = Plan(watch, server);
        // Once for what is due, and once more for what the first reading brought to light.
        for (int round = 0; round < 2; round++)
        {
            _wanted = [.. plan.Secrets.Select(s => new Name(BuiltIn.Secret, s)), .. plan.ConfigMaps.Select(c => new Name(BuiltIn.ConfigMap, c))];
            if (!await _reader.ReadAsync(_wanted, soon, cancellationToken).ConfigureAwait(false))
                break;
            plan = Plan(watch, server);
        }

        Publish(plan);
    }

    private GroupPlan Plan(GroupWatch watch, VirtualMCPServer server) => GroupPlanner.Plan(new GroupWorld
    {
        Server = server,
        Config = Volatile.Read(ref _config),
        Members = _grace.Bridge(watch.Members()),
        AuthConfigs = watch.AuthConfigs(),
        Secrets = name => _reader.Find(BuiltIn.Secret, name),
        ConfigMaps = name => _reader.Find(BuiltIn.ConfigMap, name),
    });

    private void Publish(GroupPlan plan)
    {
        Picture before = Volatile.Read(ref _picture);
        bool same = before.Synced && before.Plan.Backends.SequenceEqual(plan.Backends) && before.Plan.Unserved.SequenceEqual(plan.Unserved)
            && before.Plan.Facts.SequenceEqual(plan.Facts);
        if (!same)
        {
            Volatile.Write(ref _picture, new Picture(before.Version + 1, plan, true) { FactsBefore = before.Plan.Facts });
            if (!before.Synced)
                logger.InStep(options.Kind, options.Namespace, options.Group, plan.Backends.Length, plan.Unserved.Length);
            _told = false;
        }

        if (_told)
            return;
        Changed?.Invoke();
        _told = true;
    }

    private string? Trouble(GroupWatch watch)
    {
        string? trouble = watch.Trouble ?? _server.Trouble;
        if (trouble is not null || !watch.Synced)
            return trouble;
        return watch.GroupExists ? _reader.Trouble : $"MCPGroup \"{options.Group}\" does not exist";
    }

    private SourceState State(Picture picture)
    {
        (string Text, DateTimeOffset Since)? trouble = Volatile.Read(ref _trouble)?.Current;
        return new SourceState
        {
            Kind = options.Kind,
            Synced = picture.Synced,
            LastContact = Volatile.Read(ref _watch)?.LastContact,
            Trouble = trouble?.Text,
            TroubleSince = trouble?.Since,
        };
    }

    /// <summary>When something is to be done without a change to tell of it; zero or less when it is now.</summary>
    private TimeSpan NextDue() => ((TimeSpan?[])[_server.NextDue, _reader.NextDue(_wanted), _grace.NextEnd])
        .Min() ?? AtRest;

    /// <summary>How long to wait when nobody wakes us.</summary>
    private TimeSpan NextLook(GroupWatch watch)
    {
        TimeSpan next = watch.Synced ? NextDue() : AtRest;
        return next < options.Coalesce ? options.Coalesce : next < AtRest ? next : AtRest;
    }

    private void Wake()
    {
        _changed = true;
        _wake.Set();
    }
}
