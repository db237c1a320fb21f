using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.SmallControllers;

/// <summary>The running operator with its small controllers alone, in a cluster in memory.</summary>
internal sealed class SmallWorld : IAsyncDisposable
{
    private static readonly string[] Small =
    [
        "mcpgroup", "mcpserverentry", "mcpexternalauthconfig", "mcpoidcconfig", "mcptoolconfig", "virtualmcpcompositetooldefinition",
        "mcptelemetryconfig", "mcpauthzconfig",
    ];

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly Task _running;

    public SmallWorld(params string[] controllers)
        : this(cluster => cluster, controllers)
    {
    }

    /// <param name="seenAs">What the operator sees of the cluster.</param>
    /// <param name="controllers">Those that run; all small ones when none is named.</param>
    public SmallWorld(Func<ICluster, ICluster> seenAs, params string[] controllers)
    {
        OperatorOptions options = new()
        {
            MetricsAddress = null,
            HealthAddress = null,
            Identity = "test",
            Debounce = TimeSpan.FromMilliseconds(10),
            Controllers = [.. controllers.Length == 0 ? Small : controllers],
        };
        VmcpOperator running = new(options, new OperatorParts
        {
            Cluster = seenAs(Cluster),
            Planner = VirtualServerPlanner.Plan,
            Http = _http,
            Loggers = NullLoggerFactory.Instance,
        });
        _running = running.RunAsync(_stop.Token);
    }

    public InMemoryCluster Cluster { get; } = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task ApplyAsync(string manifests)
    {
        foreach (YamlDocument document in KubeYaml.ReadAll(manifests, "test"))
        {
            JsonObject body = document.Body;
            body["metadata"]!["namespace"] = "tools";
            ResourceType type = ToolHive.All.Concat([BuiltIn.Secret, BuiltIn.ConfigMap]).Single(t => t.Kind == body["kind"]!.GetValue<string>());
            ObjectKey key = new("tools", body["metadata"]!["name"]!.GetValue<string>());
            await Cluster.PatchAsync(type, key, new Patch.Apply(body), new WriteOptions { FieldManager = "user" }, Token);
        }
    }

    public Task<bool> DeleteAsync(ResourceType type, string name) => Cluster.DeleteAsync(type, new ObjectKey("tools", name), DeleteOptions.Default, Token);

    public Task<KubeObject?> GetAsync(ResourceType type, string name) => Cluster.GetAsync(type, new ObjectKey("tools", name), Token);

    /// <summary>Waits until an object is as wanted; gone counts as null.</summary>
    public async Task<KubeObject?> UntilAsync(ResourceType type, string name, Func<KubeObject?, bool> wanted)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        KubeObject? last = null;
        try
        {
            while (true)
            {
                last = await Cluster.GetAsync(type, new ObjectKey("tools", name), limit.Token);
                if (wanted(last))
                    return last;
                await Task.Delay(10, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!Token.IsCancellationRequested)
        {
            throw new TimeoutException($"{type} {name} did not become as wanted; last: {last?.Body.GetRawText() ?? "gone"}");
        }
    }

    /// <summary>Waits for an event of a reason.</summary>
    public async Task<KubeObject> EventAsync(string reason)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            ObjectPage events = await Cluster.ListAsync(BuiltIn.Event, new ListOptions { Namespace = "tools" }, limit.Token);
            if (events.Items.FirstOrDefault(e => e.At("reason")?.GetString() == reason) is { } found)
                return found;
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>Waits for a condition: <c>Valid=True/ConfigValid</c>; gives its message.</summary>
    public async Task<string> ConditionAsync(ResourceType type, string name, string wanted)
    {
        KubeObject item = (await UntilAsync(type, name, o => Conditions(o).Any(c => c.Word == wanted)))!;
        return Conditions(item).First(c => c.Word == wanted).Message;
    }

    public static IEnumerable<(string Word, string Message)> Conditions(KubeObject? item) =>
        item?.At("status", "conditions") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(c => (
                $"{c.GetProperty("type").GetString()}={c.GetProperty("status").GetString()}/{c.GetProperty("reason").GetString()}",
                c.GetProperty("message").GetString()!))
            : [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(20));
        _http.Dispose();
        _stop.Dispose();
    }
}
