using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Core.Status;
using Vmcp.Discovery.Reporting;
using Vmcp.Discovery.Watching;
using Vmcp.Gateway.Hosting;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Cli.Serving;

/// <summary>
/// Joins a gateway with the cluster it finds its backends in. A process that serves inline never comes here, and so never loads the rooms
/// that know Kubernetes.
/// </summary>
internal sealed class DiscoveredStart : IDisposable
{
    private const string NameVariable = "VMCP_NAME";
    private const string NamespaceVariable = "VMCP_NAMESPACE";
    private const string ReporterVariable = "VMCP_STATUS_REPORTER";
    private readonly KubeClient _client;

    private DiscoveredStart(KubeClient client, GatewayStart start) => (_client, Start) = (client, start);

    /// <summary>The gateway with its source.</summary>
    public GatewayStart Start { get; }

    /// <summary>Prepares it; reads the account or kubeconfig and connects to nothing yet.</summary>
    /// <exception cref="InvalidOperationException">There is no way to a cluster; the message says what to do.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static DiscoveredStart Make(GatewayStart start, ILoggerFactory loggers)
    {
        KubeConfig config;
        try
        {
            config = KubeConfig.Load(time: start.Time);
        }
        catch (KubeConfigException e)
        {
            throw new InvalidOperationException($"outgoingAuth.source is discovered, which needs a cluster: {e.Message}", e);
        }

        string space = start.Env(NamespaceVariable) is { Length: > 0 } given ? given
            : config.Namespace is { Length: > 0 } own ? own
            : throw new InvalidOperationException(
                $"outgoingAuth.source is discovered, which needs a namespace: set {NamespaceVariable}, or one in the context of {config.Source}");
        KubeClient client = new(config, start.Time, loggers.CreateLogger("Vmcp.Kubernetes"));
        DiscoveryOptions options = new()
        {
            Namespace = space,
            Group = start.Config.Config.EffectiveGroup,
            Config = start.Config.Config,
            ServerName = start.Env(NameVariable) is { Length: > 0 } name ? name : start.Config.Config.EffectiveName,
        };
        KubernetesSource source = new(client, options, start.Time, loggers.CreateLogger<KubernetesSource>());
        start = Join(start, source);
        return new DiscoveredStart(client, ReportsToCluster(start) ? start with { Reporter = Reporter(start, client, source, options, loggers) } : start);
    }

    /// <summary>The gateway with a source that takes its edited file too.</summary>
    internal static GatewayStart Join(GatewayStart start, KubernetesSource source)
    {
        Action<LoadedConfig> reloaded = start.Reloaded;
        return start with
        {
            Source = source,
            Refused = NoLongerDiscovered,
            Reloaded = next =>
            {
                source.Take(next.Config);
                reloaded(next);
            },
        };
    }

    // What such a file lists would be without effect: the source stays the cluster.
    private static IEnumerable<ConfigProblem> NoLongerDiscovered(LoadedConfig config)
    {
        if (config.Config.EffectiveSource != OutgoingAuthSource.Discovered)
            yield return new ConfigProblem("outgoingAuth.source", 0, Severity.Error, "cannot change from discovered while the gateway runs", "restart it");
    }

    // The operator asks for it; a gateway that a person points at a cluster only looks.
    private static bool ReportsToCluster(GatewayStart start) => start.Env(ReporterVariable) == "kubernetes";

    private static Func<Func<StatusReport>, CancellationToken, Task> Reporter(
        GatewayStart start, KubeClient client, KubernetesSource source, DiscoveryOptions discovery, ILoggerFactory loggers)
    {
        RuntimeStatusOptions options = new()
        {
            Server = new ObjectKey(discovery.Namespace, discovery.ServerName!),
            Pod = start.Env("HOSTNAME") is { Length: > 0 } pod ? pod : Environment.MachineName,
            Recheck = start.Config.Settings.ReportingInterval,
        };
        ILogger logger = loggers.CreateLogger("Vmcp.Status");
        return (picture, stop) => RuntimeStatus.RunAsync(client, options, source.FactsOf, picture, start.Time, logger, stop);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
