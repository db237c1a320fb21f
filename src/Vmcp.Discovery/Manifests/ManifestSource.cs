using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Config.Model;
using Vmcp.Core.Backends;
using Vmcp.Discovery.Watching;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Manifests;

/// <summary>The backends of a group, from a directory of manifests: the same code as for a cluster, over one that follows the files.</summary>
public sealed class ManifestSource : IBackendSource, IAsyncDisposable
{
    /// <summary><see cref="SourceState.Kind"/>.</summary>
    public const string Kind = "manifests";

    // Reading by name costs nothing here, so a Secret counts within two looks.
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPicture = TimeSpan.FromSeconds(10);

    private readonly ManifestDirectory _directory;
    private readonly KubernetesSource _inner;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private ManifestSource(ManifestDirectory directory, KubernetesSource inner)
    {
        (_directory, _inner) = (directory, inner);
        inner.Changed += Tell;
        directory.ProblemsChanged += Tell;
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public SourcePicture Current
    {
        get
        {
            SourcePicture picture = _inner.Current;
            ManifestState files = _directory.State;
            return picture with
            {
                State = picture.State with
                {
                    LastContact = files.LastLook,
                    Trouble = files.Problems.IsEmpty ? picture.State.Trouble : Told(files.Problems),
                    TroubleSince = files.TroubleSince ?? picture.State.TroubleSince,
                },
            };
        }
    }

    /// <summary>Begins to follow a loaded directory; returns with the first picture, so that a gateway can start with all its backends.</summary>
    /// <param name="directory">The directory, loaded.</param>
    /// <param name="target">What of it is served.</param>
    /// <param name="config">The gateway's configuration.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it tells of itself.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<ManifestSource> StartAsync(
        ManifestDirectory directory, ManifestTarget target, GatewayConfig config, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(target);
        DiscoveryOptions options = new()
        {
            Namespace = target.Namespace,
            Group = target.Group,
            Config = config,
            ServerName = target.Server,
            StandIn = new VirtualMCPServer
            {
                Metadata = new ObjectMeta { Namespace = target.Namespace, Name = config.EffectiveName },
                Spec = new VirtualMCPServerSpec { GroupRef = new MCPGroupRef { Name = target.Group } },
            },
            Kind = Kind,
            RefreshEvery = Refresh,
            RetryEvery = Refresh,
        };
        ManifestSource source = new(directory, new KubernetesSource(directory.Cluster, options, time, loggers.CreateLogger<KubernetesSource>()));
        source._running = Task.WhenAll(source._inner.RunAsync(source._stop.Token), directory.RunAsync(source._stop.Token));
        try
        {
            await source.FirstPictureAsync(time, cancellationToken).ConfigureAwait(false);
            return source;
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(cancelled.SetResult))
            await Task.WhenAny(_running, cancelled.Task).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    /// <summary>Takes an edited configuration.</summary>
    public void Take(GatewayConfig config) => _inner.Take(config);

    /// <inheritdoc/>
    public void OnUnauthorized(string backend) => _inner.OnUnauthorized(backend);

    /// <inheritdoc/>
    public string? WhyLeft(string backend) => _inner.WhyLeft(backend);

    /// <summary>Ends the following.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _inner.Changed -= Tell;
        _directory.ProblemsChanged -= Tell;
        _stop.Dispose();
    }

    private async Task FirstPictureAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Current.State.Synced)
                synced.TrySetResult();
        }

        Changed += Look;
        try
        {
            Look();
            await Task.WhenAny(synced.Task, _running, Task.Delay(FirstPicture, time, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            Changed -= Look;
        }
    }

    private void Tell() => Changed?.Invoke();

    private static string Told(ImmutableArray<string> problems) =>
        problems.Length == 1 ? problems[0] : $"{problems[0]} (and {problems.Length - 1} more)";
}
