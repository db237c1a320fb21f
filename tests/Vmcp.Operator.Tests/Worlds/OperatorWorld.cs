using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.KubeKit.Workloads;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Reconciling;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.Worlds;

/// <summary>The running operator in a cluster of its own, in memory, with simulated rollouts and scripted gateway pods.</summary>
internal sealed class OperatorWorld : IAsyncDisposable
{
    public const string Namespace = "demo";

    private readonly CancellationTokenSource _stop = new();
    private Task _operator = Task.CompletedTask;

    private OperatorWorld(OperatorOptions options, Planner planner, InMemoryCluster? cluster = null)
    {
        Cluster = cluster ?? new InMemoryCluster(TimeProvider.System);
        Rollouts = new RolloutSimulator(Cluster);
        Operator = new VmcpOperator(options, new OperatorParts
        {
            Cluster = Cluster,
            Issuer = Cluster,
            Planner = planner,
            Http = new HttpClient(Pods),
            Address = pod => new Uri($"http://{pod.Name}/status"),
            Loggers = Log,
        });
    }

    public static OperatorOptions FastOptions { get; } = new()
    {
        MetricsAddress = null,
        HealthAddress = null,
        Identity = "test",
        Debounce = TimeSpan.FromMilliseconds(20),
    };

    public InMemoryCluster Cluster { get; }

    public RolloutSimulator Rollouts { get; }

    public ScriptedPods Pods { get; } = new();

    public TestLog Log { get; } = new();

    public VmcpOperator Operator { get; }

    /// <summary>A cluster with group <c>team</c> and what <paramref name="manifests"/> say, and the operator running in it.</summary>
    public static async Task<OperatorWorld> StartAsync(
        string manifests, OperatorOptions? options = null, Planner? planner = null, Action<InMemoryCluster>? prepare = null)
    {
        OperatorWorld world = new(options ?? FastOptions, planner ?? VirtualServerPlanner.Plan);
        prepare?.Invoke(world.Cluster);
        await world.ApplyAsync(manifests);
        world._operator = world.Operator.RunAsync(world._stop.Token);
        return world;
    }

    /// <summary>Another operator process over the cluster of one that was stopped.</summary>
    public static async Task<OperatorWorld> OverAsync(OperatorWorld before)
    {
        await before.DisposeAsync();
        OperatorWorld world = new(FastOptions, VirtualServerPlanner.Plan, before.Cluster);
        world._operator = world.Operator.RunAsync(world._stop.Token);
        return world;
    }

    /// <summary>A second operator process in the same cluster.</summary>
    public static OperatorWorld Beside(OperatorWorld other, OperatorOptions options)
    {
        OperatorWorld world = new(options, VirtualServerPlanner.Plan, other.Cluster);
        world._operator = world.Operator.RunAsync(world._stop.Token);
        return world;
    }

    /// <summary>Creates or changes objects, as a user does.</summary>
    public async Task ApplyAsync(string manifests)
    {
        foreach (JsonObject body in Manifests(manifests))
            await ApplyAsync(body);
    }

    public Task<KubeObject> ApplyAsync(JsonObject body)
    {
        ResourceType type = TypeOf(body["kind"]!.GetValue<string>());
        string name = body["metadata"]!["name"]!.GetValue<string>();
        body["metadata"]!["namespace"] ??= Namespace;
        if (body["status"] is { } status)
            return WithStatusAsync(type, body, status.AsObject());
        return Cluster.PatchAsync(type, new ObjectKey(body["metadata"]!["namespace"]!.GetValue<string>(), name), new Patch.Apply(body), User, Token);
    }

    public static WriteOptions User { get; } = new() { FieldManager = "user" };

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Merges JSON into an object, as a user does.</summary>
    public Task<KubeObject> MergeAsync(ResourceType type, string name, string json, string? subresource = null, string manager = "user") =>
        Cluster.PatchAsync(
            type,
            new ObjectKey(Namespace, name),
            new Patch.Merge(JsonNode.Parse(json)!.AsObject()),
            new WriteOptions { FieldManager = manager, Subresource = subresource },
            Token);

    public Task<bool> DeleteAsync(ResourceType type, string name) =>
        Cluster.DeleteAsync(type, new ObjectKey(Namespace, name), DeleteOptions.Default, Token);

    public Task<KubeObject?> GetAsync(ResourceType type, string name) => Cluster.GetAsync(type, new ObjectKey(Namespace, name), Token);

    public async Task<KubeObject> MustGetAsync(ResourceType type, string name) =>
        await GetAsync(type, name) ?? throw new InvalidOperationException($"there is no {type.Kind} {name}");

    public Task<KubeObject> HubAsync() => MustGetAsync(ToolHive.VirtualMCPServer, "hub");

    public async Task<string> ConfigAsync(string server = "hub") =>
        (await GetAsync(BuiltIn.ConfigMap, $"{server}-vmcp-config"))?.At("data", "config.yaml")?.GetString() ?? "";

    /// <summary>Waits until something holds; fails with the last thing seen and the operator's log.</summary>
    public async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> holds, string what, bool roll = true)
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow.AddSeconds(30);
        T last = default!;
        while (DateTimeOffset.UtcNow < limit)
        {
            if (roll)
                await Rollouts.StepAsync(Token);
            last = await look();
            if (holds(last))
                return last;
            await Task.Delay(10, Token);
        }

        throw new TimeoutException($"{what} did not come; last seen: {(last is KubeObject o ? o.Body.GetRawText() : last?.ToString())}\n{Log.Text}");
    }

    /// <summary>Waits for a condition of <c>hub</c>: <c>Ready=True/DeploymentReady</c>; reason may be left out.</summary>
    public Task<KubeObject> ConditionAsync(string wanted, string server = "hub") =>
        UntilAsync(() => MustGetAsync(ToolHive.VirtualMCPServer, server), s => Conditions(s).Any(c => c == wanted || c.StartsWith(wanted + "/", StringComparison.Ordinal)), wanted);

    public Task<KubeObject> PhaseAsync(string phase, string server = "hub") =>
        UntilAsync(() => MustGetAsync(ToolHive.VirtualMCPServer, server), s => s.At("status", "phase")?.GetString() == phase, $"phase {phase}");

    public Task<string> ConfigHasAsync(string text, bool has = true) => UntilAsync(() => ConfigAsync(), c => c.Contains(text, StringComparison.Ordinal) == has && c.Length > 0, $"config {(has ? "with" : "without")} {text}");

    /// <summary>Rolls out and waits until the operator has nothing to do and has done nothing for a while.</summary>
    public async Task SettleAsync()
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow.AddSeconds(30);
        int quiet = 0;
        int before = -1;
        while (quiet < 12)
        {
            if (DateTimeOffset.UtcNow > limit)
                throw new TimeoutException($"no rest:\n{string.Join('\n', Cluster.Writes.TakeLast(20))}\n{Log.Text}");
            await Rollouts.SettleAsync(Token);
            await Task.Delay(25, Token);
            int writes = Cluster.Writes.Count;
            quiet = writes == before ? quiet + 1 : 0;
            before = writes;
        }
    }

    public static IEnumerable<string> Conditions(KubeObject item) =>
        item.At("status", "conditions") is { ValueKind: JsonValueKind.Array } conditions
            ? conditions.EnumerateArray().Select(c => $"{c.GetProperty("type").GetString()}={c.GetProperty("status").GetString()}/{c.GetProperty("reason").GetString()}")
            : [];

    public static string? Message(KubeObject item, string condition) =>
        item.At("status", "conditions")!.Value.EnumerateArray().First(c => c.GetProperty("type").GetString() == condition).GetProperty("message").GetString();

    /// <summary>Writes of the operator to its children.</summary>
    public IEnumerable<ClusterRequest> OperatorWrites =>
        Cluster.Writes.Where(w => w.Manager is "vmcp-operator" or "vmcp-runtime" || (w.Manager.Length == 0 && w.Verb == "delete" && w.Type != BuiltIn.Pod));

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _operator.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
            await StopAsync();
        _stop.Dispose();
        Pods.Dispose();
        Log.Dispose();
    }

    private async Task<KubeObject> WithStatusAsync(ResourceType type, JsonObject body, JsonObject status)
    {
        body.Remove("status");
        KubeObject made = await ApplyAsync(body);
        return await Cluster.PatchAsync(
            type, made.Key, new Patch.Merge(new JsonObject { ["status"] = status.DeepClone() }), User with { Subresource = "status" }, Token);
    }

    private static IEnumerable<JsonObject> Manifests(string text) =>
        KubeYaml.ReadAll(text, "test").Select(d => d.Body);

    private static ResourceType TypeOf(string kind) =>
        ToolHive.All.Concat([BuiltIn.ConfigMap, BuiltIn.Secret, BuiltIn.Deployment, BuiltIn.Service, BuiltIn.Pod]).Single(t => t.Kind == kind);
}

/// <summary>Keeps the log for a failed test's message.</summary>
internal sealed class TestLog : ILoggerFactory
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines.TakeLast(60));

    public IEnumerable<string> Lines => _lines;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => new Writer(_lines);

    public void Dispose()
    {
    }

    private sealed class Writer(System.Collections.Concurrent.ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}
