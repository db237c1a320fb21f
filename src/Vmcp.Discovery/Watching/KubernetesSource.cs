using System.Collections.Concurrent;
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

    private readonly NamedReader _reader = new(cluster, options.Namespace, time, logger);
    private readonly OwnServer _server = new(cluster, options, time);
    private readonly GracePeriod _grace = new(time);
    private readonly AsyncSignal _wake = new();
    private readonly ConcurrentDictionary<string, long> _unauthorized = new();
    private GatewayConfig _config = options.Config;
    private GroupWatch? _watch;
    private Picture _picture = new(0, new GroupPlan([], [], ImmutableSortedDictionary<string, BackendFacts>.Empty, [], []), false);
    private TroubleSince? _trouble;
    private volatile bool _changed = true;
    private volatile bool _askAgain;
    private long _lookedAt;

    private sealed record Picture(long Version, GroupPlan Plan, bool Synced)
    {
        /// <summary>What was known of the backends of the picture before this one, for the log.</summary>
        public ImmutableSortedDictionary<string, BackendFacts> FactsBefore { get; init; } = ImmutableSortedDictionary<string, BackendFacts>.Empty;
    }

    private sealed record TroubleSince(string Text, DateTimeOffset Since);

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
        if (FactsOf(backend) is not { Secrets.IsEmpty: false })
            return;
        long now = time.GetTimestamp();
        if (_unauthorized.TryGetValue(backend, out long last) && time.GetElapsedTime(last, now) < options.UnauthorizedEvery)
            return;
        _unauthorized[backend] = now;
        _askAgain = true;
        _wake.Set();
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        GroupWatch watch = new(cluster, options, Wake, time, logger);
        Volatile.Write(ref _watch, watch);
        using CancellationTokenSource watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task informers = watch.RunAsync(watching.Token);
        try
        {
            while (true)
            {
                try
                {
                    await StepAsync(watch, cancellationToken).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // Whatever one turn meets, the last good set stays and the next turn comes.
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    logger.PlanFailed(e);
                    _changed = true;
                    await Task.Delay(AfterFailure, time, cancellationToken).ConfigureAwait(false);
                }

                await _wake.WaitAsync(NextLook(), time, cancellationToken).ConfigureAwait(false);
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
            await watching.CancelAsync().ConfigureAwait(false);
            await informers.ConfigureAwait(false);
        }
    }

    private async Task StepAsync(GroupWatch watch, CancellationToken cancellationToken)
    {
        ObserveTrouble(watch);
        if (!watch.Synced || !IsDue())
            return;
        _lookedAt = time.GetTimestamp();
        _changed = false;
        bool askAgain = _askAgain;
        _askAgain = false;
        VirtualMCPServer? server = await _server.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (server is null)
        {
            ObserveTrouble(watch);
            return;
        }

        GroupPlan before = Volatile.Read(ref _picture).Plan;
        GroupPlan plan = Plan(watch, server);
        for (int round = 0; round < 3; round++)
        {
            // What a change brought is read at once, and so is what was missing: the object may be there by now.
            bool first = round == 0;
            bool changed = await _reader.ReadAsync(
                Wanted(plan),
                (name, age, complete) => age is not { } old
                    || (first && (old >= options.RefreshEvery || (!complete && old >= options.Coalesce) || (askAgain && IsRefused(name, before)))),
                cancellationToken).ConfigureAwait(false);
            if (!changed)
                break;
            plan = Plan(watch, server);
        }

        Publish(watch, plan);
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

    private static HashSet<Name> Wanted(GroupPlan plan) =>
        [.. plan.Secrets.Select(s => new Name(BuiltIn.Secret, s)), .. plan.ConfigMaps.Select(c => new Name(BuiltIn.ConfigMap, c))];

    /// <summary>Whether a Secret belongs to a backend that refused its credential a moment ago.</summary>
    private bool IsRefused(Name name, GroupPlan plan) => name.Type == BuiltIn.Secret
        && _unauthorized.Any(u => time.GetElapsedTime(u.Value) < options.UnauthorizedEvery
            && plan.Facts.TryGetValue(u.Key, out BackendFacts? facts) && facts.Secrets.Contains(name.Value));

    private void Publish(GroupWatch watch, GroupPlan plan)
    {
        Picture before = Volatile.Read(ref _picture);
        foreach (string gone in _unauthorized.Keys.Where(k => !plan.Facts.ContainsKey(k)))
            _unauthorized.TryRemove(gone, out _);
        bool same = before.Synced && before.Plan.Backends.SequenceEqual(plan.Backends) && before.Plan.Unserved.SequenceEqual(plan.Unserved)
            && before.Plan.Facts.SequenceEqual(plan.Facts);
        ObserveTrouble(watch);
        if (same)
            return;
        Volatile.Write(ref _picture, new Picture(before.Version + 1, plan, true) { FactsBefore = before.Plan.Facts });
        if (!before.Synced)
            logger.InStep(options.Kind, options.Namespace, options.Group, plan.Backends.Length, plan.Unserved.Length);
        Changed?.Invoke();
    }

    private void ObserveTrouble(GroupWatch watch)
    {
        string? now = Trouble(watch);
        TroubleSince? before = Volatile.Read(ref _trouble);
        if (now == before?.Text)
            return;
        if (now is null)
            logger.InStepAgain();
        else
            logger.Behind(now);
        Volatile.Write(ref _trouble, now is null ? null : new TroubleSince(now, before?.Since ?? time.GetUtcNow()));
    }

    private string? Trouble(GroupWatch watch)
    {
        string? trouble = watch.Trouble ?? _server.Trouble;
        if (trouble is not null || !watch.Synced)
            return trouble;
        return watch.GroupExists ? null : $"MCPGroup \"{options.Group}\" does not exist";
    }

    private SourceState State(Picture picture)
    {
        TroubleSince? trouble = Volatile.Read(ref _trouble);
        return new SourceState
        {
            Kind = options.Kind,
            Synced = picture.Synced,
            LastContact = Volatile.Read(ref _watch)?.LastContact,
            Trouble = trouble?.Text,
            TroubleSince = trouble?.Since,
        };
    }

    private bool IsDue() => _changed || _askAgain || time.GetElapsedTime(_lookedAt) >= Patience();

    /// <summary>After which time all is worked out anew without a change to tell of it.</summary>
    private TimeSpan Patience()
    {
        Picture picture = Volatile.Read(ref _picture);
        TimeSpan wait = !picture.Synced ? TimeSpan.FromSeconds(1)
            : _server.Trouble is not null || _reader.IsIncomplete(Wanted(picture.Plan)) ? options.RetryEvery
            : options.RefreshEvery;
        return _grace.NextEnd is { } end && end < wait ? end : wait;
    }

    /// <summary>How long to wait when nobody wakes us; trouble of a watch comes and goes without waking us.</summary>
    private TimeSpan NextLook()
    {
        TimeSpan left = Patience() - time.GetElapsedTime(_lookedAt);
        TimeSpan longest = TimeSpan.FromSeconds(Volatile.Read(ref _picture).Synced ? 5 : 1);
        return left < TimeSpan.Zero ? options.Coalesce : left < longest ? left : longest;
    }

    private void Wake()
    {
        _changed = true;
        _wake.Set();
    }
}
