using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Manifests;

/// <summary>How a directory is.</summary>
/// <param name="LastLook">When it was last read.</param>
/// <param name="Problems">What is wrong, one sentence each that names file and line; no secret is in them.</param>
/// <param name="TroubleSince">Since when something is wrong; null when nothing is.</param>
public sealed record ManifestState(DateTimeOffset? LastLook, ImmutableArray<string> Problems, DateTimeOffset? TroubleSince);

/// <summary>
/// A directory of Kubernetes YAML as a cluster that follows it. A file that cannot be used keeps what it had when it was good, and says so
/// until it is mended.
/// </summary>
/// <param name="path">The directory; folders below it are not read.</param>
/// <param name="namespace">The namespace of objects that name none.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where changes and trouble are told.</param>
public sealed class ManifestDirectory(string path, string @namespace, TimeProvider time, ILogger logger)
{
    private const int ChangesTold = 12;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ManifestFolder _folder = new(path, @namespace, time, logger);
    private readonly ManifestFill _fill = new(ManifestCluster.Create(time));
    private int _objects;
    private long _version;
    private Dictionary<string, string> _problems = [];
    private ManifestState _state = new(null, [], null);

    /// <summary>The cluster; to be read only.</summary>
    public ICluster Cluster => _fill.Cluster;

    /// <summary>How the directory is.</summary>
    public ManifestState State => Volatile.Read(ref _state);

    /// <summary>Another one after each change of an object.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Called after the problems of <see cref="State"/> became others; a handler must return at once.</summary>
    public event Action? ProblemsChanged;

    /// <summary>The objects of a kind, in order.</summary>
    public IReadOnlyList<KubeObject> ObjectsOf(ResourceType type) => _fill.Cluster.ObjectsOf(type);

    /// <summary>Looks for the first time; before <see cref="RunAsync"/>.</summary>
    /// <exception cref="ManifestException">The directory cannot be read. A file that cannot is a problem in <see cref="State"/>.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        _ = ManifestFiles.In(path, recursive: false);
        await TakeAsync(settle: false, cancellationToken).ConfigureAwait(false);
        logger.ManifestsRead(_objects, _folder.Files.Count(), path);
    }

    /// <summary>Looks once a second until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                await LookAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
    }

    /// <summary>Looks once.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await TakeAsync(settle: true, cancellationToken).ConfigureAwait(false) is { Count: > 0 } changes)
                logger.ManifestsChanged(Told(changes));
        }
#pragma warning disable CA1031 // One file must not end the following of all others; the bug is logged with its stack.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.LookFailed(e);
        }
    }

    private async Task<IReadOnlyList<string>> TakeAsync(bool settle, CancellationToken cancellationToken)
    {
        if (!await _folder.LookAsync(settle, cancellationToken).ConfigureAwait(false))
        {
            Volatile.Write(ref _state, State with { LastLook = time.GetUtcNow() });
            return [];
        }

        ManifestMerge merge = ManifestMerge.Of(_folder.Files);
        IReadOnlyList<string> changes = await _fill.ApplyAsync(merge.Objects, cancellationToken).ConfigureAwait(false);
        _objects = merge.Objects.Count;
        if (changes.Count > 0)
            Interlocked.Increment(ref _version);
        Tell([.. _folder.Problems, .. merge.Problems]);
        return changes;
    }

    private void Tell(KeyValuePair<string, string>[] problems)
    {
        Dictionary<string, string> now = new(problems, StringComparer.Ordinal);
        string[] fresh = [.. now.Where(p => _problems.GetValueOrDefault(p.Key) != p.Value).Select(p => p.Value).Order(StringComparer.Ordinal)];
        string[] healed = [.. _problems.Keys.Except(now.Keys).Order(StringComparer.Ordinal)];
        foreach (string problem in fresh)
            logger.ManifestTrouble(problem);
        foreach (string place in healed)
            logger.ManifestHealed(place.Length == 0 ? path : place);
        _problems = now;
        DateTimeOffset looked = time.GetUtcNow();
        Volatile.Write(ref _state, new ManifestState(
            looked, [.. now.Values.Order(StringComparer.Ordinal)], now.Count == 0 ? null : State.TroubleSince ?? looked));
        if (fresh.Length + healed.Length > 0)
            ProblemsChanged?.Invoke();
    }

    private static string Told(IReadOnlyList<string> changes) =>
        string.Join(", ", changes.Take(ChangesTold)) + (changes.Count > ChangesTold ? $" and {changes.Count - ChangesTold} more" : "");
}
