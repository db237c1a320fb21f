using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Config.Reading;
using Vmcp.Core.Status;
using Vmcp.Discovery.Watching;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Discovery.Tests.Worlds;

/// <summary>A gateway over real Kestrel that finds its backends in a cluster in memory.</summary>
internal sealed class DiscoveryWorld : IAsyncDisposable
{
    private readonly List<ScriptedBackend> _backends = [];

    public const string Hub = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: hub}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: anonymous}
          outgoingAuth: {source: discovered}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPGroup
        metadata: {name: team}
        """;

    private DiscoveryWorld(Cluster cluster) => Cluster = cluster;

    public Cluster Cluster { get; }

    public GatewayServer Gateway { get; private set; } = null!;

    public KubernetesSource Source { get; private set; } = null!;

    public StatusReport Status => Gateway.Status;

    /// <summary>A gateway in a cluster with group <c>team</c> and VirtualMCPServer <c>hub</c>.</summary>
    public static async Task<DiscoveryWorld> StartAsync(
        Func<DiscoveryWorld, Task>? prepare = null, Func<DiscoveryOptions, DiscoveryOptions>? edit = null, string document = "", TimeProvider? time = null,
        ILoggerProvider? logs = null)
    {
        DiscoveryWorld world = new(new Cluster());
        await world.Cluster.ApplyAsync(Hub);
        if (prepare is not null)
            await prepare(world);
        string yaml = "name: hub\ngroupRef: team\nincomingAuth: {type: anonymous}\noutgoingAuth: {source: discovered}\n"
            + "aggregation: {conflictResolution: prefix}\n" + document;
        LoadedConfig config = LoadedConfig.Load(yaml, "config.yaml", _ => null, 1, out ImmutableArray<ConfigProblem> problems)
            ?? throw new InvalidOperationException(string.Join("; ", problems));
        DiscoveryOptions options = new() { Namespace = Cluster.Namespace, Group = Cluster.Group, Config = config.Config, ServerName = "hub" };
        world.Source = new KubernetesSource(
            world.Cluster.Api, edit?.Invoke(options) ?? options, time ?? TimeProvider.System, LoggerFactory.Create(b => b.AddProvider(new TestOutput())).CreateLogger<KubernetesSource>());
        world.Gateway = await GatewayServer.StartAsync(
            new GatewayStart
            {
                Config = config,
                Port = 0,
                Options = new GatewayOptions { Name = "hub", GroupRef = "team", AllowedHosts = null },
                Source = world.Source,
                Logging = l => l.ClearProviders().AddProvider(logs ?? NullLoggerProvider.Instance),
            },
            TestContext.Current.CancellationToken);
        return world;
    }

    /// <summary>A backend with the tool <c>echo</c>, not yet in the cluster.</summary>
    public async Task<ScriptedBackend> BackendAsync()
    {
        ScriptedBackend backend = await ScriptedBackend.StartAsync();
        lock (_backends)
            _backends.Add(backend);
        return backend;
    }

    public Task<LegacyClient> LegacyAsync() => LegacyClient.ConnectAsync(Gateway.McpUrl);

    public ModernClient Modern() => new(Gateway.McpUrl);

    /// <summary>Waits until a client is listed exactly these tools.</summary>
    public async Task ToolsBecomeAsync(params string[] names)
    {
        await using ModernClient client = Modern();
        await Eventually.ReadsAsync(
            async () => string.Join(", ", (await client.ListToolNamesAsync()).Order(StringComparer.Ordinal)),
            got => got == string.Join(", ", names),
            $"the tools are {string.Join(", ", names)}");
    }

    public async ValueTask DisposeAsync()
    {
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        foreach (ScriptedBackend backend in _backends)
            await backend.DisposeAsync();
    }
}
