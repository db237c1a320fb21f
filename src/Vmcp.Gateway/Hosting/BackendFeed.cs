using Microsoft.Extensions.Logging;

using Vmcp.Core.Backends;
using Vmcp.Gateway.Backends;

namespace Vmcp.Gateway.Hosting;

/// <summary>
/// The first step of a backend change: hands the newest backends, from the configuration or from a live source, and the newest settings to
/// the fleet together.
/// </summary>
/// <param name="fleet">The fleet.</param>
/// <param name="source">The live source; null when the configuration lists the backends.</param>
/// <param name="first">The first configuration.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where a set that cannot be used is told.</param>
public sealed class BackendFeed(BackendFleet fleet, IBackendSource? source, LoadedConfig first, TimeProvider time, ILogger<BackendFeed> logger)
{
    /// <summary>A gateway that just learned of its backends gives them this long for a first answer before it says it is ready.</summary>
    private static readonly TimeSpan FirstAnswers = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private LoadedConfig _config = first;
    private Dictionary<string, UnservedBackend> _unserved = [];
    private long? _inStepSince;
    private volatile bool _settled;

    /// <summary>What the live source says; null without one.</summary>
    public SourcePicture? Picture => source?.Current;

    /// <summary>
    /// The fleet has the backends, of a source that is in step if there is one, and each was tried once or had its time: who asks for lists
    /// from now on is not shown an empty one. Never false again.
    /// </summary>
    public bool Settled
    {
        get
        {
            if (_settled)
                return true;
            lock (_lock)
                _settled = _inStepSince is { } since && (fleet.AllShown || time.GetElapsedTime(since) >= FirstAnswers);
            return _settled;
        }
    }

    /// <summary>Takes a configuration.</summary>
    /// <exception cref="InvalidDataException">It cannot be used; the one before stays in force.</exception>
    public void Take(LoadedConfig config)
    {
        lock (_lock)
        {
            Apply(config);
            _config = config;
        }
    }

    /// <summary>Follows the source until cancelled; returns at once without one.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (source is null)
            return;
        source.Changed += TakeSource;
        try
        {
            // A source that was alive before we listened may have told of a change to nobody.
            TakeSource();
            await source.RunAsync(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A bug of the source must be seen at once; what is served goes on being served.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.BackgroundWorkFailed("following the backends", e);
        }
        finally
        {
            source.Changed -= TakeSource;
        }
    }

    private void TakeSource()
    {
        lock (_lock)
        {
            try
            {
                Apply(_config);
            }
            catch (InvalidDataException e)
            {
                logger.BackendsRefused(e.Message);
            }
        }
    }

    private void Apply(LoadedConfig config)
    {
        if (source?.Current is not { } picture)
        {
            fleet.Apply(config.Backends, config.Settings);
            _inStepSince ??= time.GetTimestamp();
            return;
        }

        Dictionary<string, UnservedBackend> unserved = picture.Unserved.ToDictionary(u => u.Name, StringComparer.Ordinal);
        HashSet<string> left = [];
        fleet.Apply(picture.Backends, config.Settings, gone =>
        {
            left.Add(gone);
            return WhyStopped(gone);
        });
        TellUnserved(picture, unserved, left);
        if (picture.State.Synced)
            _inStepSince ??= time.GetTimestamp();
    }

    /// <summary>Backends that never ran have a story too: why they are not served, and that they are gone.</summary>
    private void TellUnserved(SourcePicture picture, Dictionary<string, UnservedBackend> unserved, HashSet<string> left)
    {
        foreach (UnservedBackend backend in picture.Unserved)
        {
            if (!left.Contains(backend.Name) && (!_unserved.TryGetValue(backend.Name, out UnservedBackend? known) || known != backend))
                logger.BackendUnserved(backend.Name, backend.Reason, backend.Message);
        }

        foreach (string gone in _unserved.Keys.Where(n => !unserved.ContainsKey(n)).Except(picture.Backends.Backends.Select(b => b.Name)))
            logger.BackendLeft(gone, WhyLeft(gone));
        _unserved = unserved;
    }

    /// <summary>Why a backend that ran is not served any more, as a clause.</summary>
    internal string WhyStopped(string backend) => source?.Current.Unserved.FirstOrDefault(u => u.Name == backend) is { } why
        ? $"it cannot be served any more ({why.Reason}): {why.Message}"
        : source is null ? "it was removed from the configuration" : WhyLeft(backend);

    private string WhyLeft(string backend) => source!.WhyLeft(backend) ?? "it is not among the backends any more";
}
