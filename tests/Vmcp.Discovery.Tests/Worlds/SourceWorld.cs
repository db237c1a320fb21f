using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Config.Reading;
using Vmcp.Core.Backends;
using Vmcp.Discovery.Watching;
using Vmcp.Gateway.Hosting;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Worlds;

/// <summary>The source alone, over a cluster in memory, with a clock that moves when the test says so.</summary>
internal sealed class SourceWorld : IAsyncDisposable, ILogger<KubernetesSource>
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _log = new();
    private int _changes;
    private int _met;
    private int _markers;

    public SourceWorld(Func<DiscoveryOptions, DiscoveryOptions>? edit = null, string document = "")
    {
        string yaml = "name: hub\ngroupRef: team\nincomingAuth: {type: anonymous}\noutgoingAuth: {source: discovered}\n" + document;
        LoadedConfig config = LoadedConfig.Load(yaml, "config.yaml", _ => null, 1, out ImmutableArray<ConfigProblem> problems)
            ?? throw new InvalidOperationException(string.Join("; ", problems));
        DiscoveryOptions options = new() { Namespace = Cluster.Namespace, Group = Cluster.Group, Config = config.Config, ServerName = "hub" };
        Source = new KubernetesSource(Cluster.Api, edit?.Invoke(options) ?? options, Time, this);
        Source.Changed += () => Interlocked.Increment(ref _changes);
    }

    public Cluster Cluster { get; } = new();

    public SettledTime Time { get; } = new();

    public KubernetesSource Source { get; }

    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>How often the source said that something is different now.</summary>
    public int Changes => Volatile.Read(ref _changes);

    public string[] Log => [.. _log];

    public SourceState State => Source.Current.State;

    public string Served => string.Join(", ", Source.Current.Backends.Backends.Select(b => b.Name));

    public string Unserved => string.Join(", ", Source.Current.Unserved.Select(u => $"{u.Name}: {u.Reason}"));

    /// <summary>A source in step with a cluster that has <c>hub</c>, group <c>team</c> and what the test prepares.</summary>
    public static async Task<SourceWorld> StartAsync(
        Func<Cluster, Task>? prepare = null, Func<DiscoveryOptions, DiscoveryOptions>? edit = null, string document = "")
    {
        SourceWorld world = new(edit, document);
        await world.Cluster.ApplyAsync(DiscoveryWorld.Hub);
        if (prepare is not null)
            await prepare(world.Cluster);
        world.Run();
        await world.Time.UntilAsync(() => world.State.Synced && world.Changes > 0, "the source is in step and said so");
        return world;
    }

    public void Run()
    {
        // One waits for the next turn, one for the next look at what is wrong.
        Time.AtRest = 2;
        Running = Task.Run(() => Source.RunAsync(_end.Token));
    }

    public Backend Backend(string name) => Source.Current.Backends.Backends.Single(b => b.Name == name);

    public UnservedBackend UnservedOne(string name) => Source.Current.Unserved.Single(b => b.Name == name);

    /// <summary>Waits until exactly these are served; returns how long that took on the world's clock.</summary>
    public Task<TimeSpan> ServedBecomesAsync(params string[] names) =>
        Time.UntilAsync(() => Served == string.Join(", ", names), $"served: {string.Join(", ", names)}");

    /// <summary>
    /// Waits until what happened to MCPServers before was seen; takes half a second of the test's clock or so. Changes of one kind come in
    /// order, so a newcomer that is known and gone again tells.
    /// </summary>
    public async Task SeenAsync()
    {
        string marker = $"marker{Interlocked.Increment(ref _markers)}";
        await Cluster.ServerAsync(marker, new Uri("http://marker.demo/mcp"));
        await Time.UntilAsync(() => Source.FactsOf(marker) is not null, "the marker is seen");
        await Cluster.DeleteAsync(ToolHive.MCPServer, marker);
        await Time.UntilAsync(() => Source.FactsOf(marker) is null, "the marker's end is seen");
    }

    /// <summary>How often an object was asked for since the log was last forgotten.</summary>
    public int Gets(ResourceType type, string name) =>
        Cluster.Api.Requests.Count(r => r.Verb == "get" && r.Type == type && r.Key.Name == name);

    /// <summary>Requests that <see cref="Fail"/> or <see cref="Hang"/> met.</summary>
    public int Met => Volatile.Read(ref _met);

    /// <summary>From now on, reads of a sort end like this; null mends it.</summary>
    public void Fail(KubeError? error, Func<ClusterRequest, bool>? which = null) => Cluster.Api.Before = error is not { } e ? null
        : (request, _) => Meets(request, which) ? throw new KubeException(e, $"{request}: scripted https://10.1.2.3:6443") : Task.CompletedTask;

    /// <summary>From now on, reads of a sort get no answer until they are given up.</summary>
    public void Hang(Func<ClusterRequest, bool>? which = null) => Cluster.Api.Before =
        (request, token) => Meets(request, which) ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;

    private bool Meets(ClusterRequest request, Func<ClusterRequest, bool>? which)
    {
        if (request.IsWrite || which?.Invoke(request) == false)
            return false;
        Interlocked.Increment(ref _met);
        return true;
    }

    public void Cancel() => _end.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Running.WaitAsync(TimeSpan.FromSeconds(30));
        _end.Dispose();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue($"{logLevel}: {formatter(state, exception)}{exception}");
}
