using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.KubeKit.Contract;

/// <summary>
/// What an <see cref="ICluster"/> promises, as tests that run on the in-memory cluster and on a real API server: what is green on both cannot
/// drift. Each test has a namespace of its own.
/// </summary>
public abstract class ClusterContract : IAsyncLifetime
{
    /// <summary>How long anything may take; generous because machines are shared.</summary>
    protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _over = new();
    private ICluster? _cluster;

    /// <summary>The cluster under test.</summary>
    protected ICluster Cluster => _cluster ?? throw new InvalidOperationException("the cluster is not open yet");

    /// <summary>The test's namespace.</summary>
    protected string Namespace { get; private set; } = "";

    /// <summary>Cancelled when the test is over.</summary>
    protected CancellationToken Token => _over.Token;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => (_cluster, Namespace) = await OpenAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _over.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A cluster that serves <see cref="Samples.Widget"/>, and a namespace nobody else uses.</summary>
    protected abstract Task<(ICluster Cluster, string Namespace)> OpenAsync();

    protected ObjectKey Key(string name) => new(Namespace, name);

    protected Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions? options = null) =>
        Cluster.CreateAsync(type, Here(body), options ?? WriteOptions.Default, Token);

    protected Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions? options = null) =>
        Cluster.ReplaceAsync(type, Here(body), options ?? WriteOptions.Default, Token);

    protected Task<KubeObject> MergeAsync(ResourceType type, string name, string patch, WriteOptions? options = null) =>
        Cluster.PatchAsync(type, Key(name), new Patch.Merge(Samples.Json(patch)), options ?? WriteOptions.Default, Token);

    protected Task<KubeObject> ApplyAsync(
        ResourceType type, JsonObject body, string manager, bool force = false, string? subresource = null, bool dryRun = false) =>
        Cluster.PatchAsync(
            type, Key(body["metadata"]!["name"]!.GetValue<string>()), new Patch.Apply(Here(body), force),
            new WriteOptions { FieldManager = manager, Subresource = subresource, DryRun = dryRun }, Token);

    protected async Task<KubeObject> ReadAsync(ResourceType type, string name) =>
        await Cluster.GetAsync(type, Key(name), Token) ?? throw new ShouldAssertException($"there is no {type} {Key(name)}");

    protected async Task<IReadOnlyList<KubeObject>> ListAsync(ResourceType type, ListOptions? options = null) =>
        (await Cluster.ListAsync(type, (options ?? new ListOptions()) with { Namespace = Namespace }, Token)).Items;

    protected Task GoneAsync(ResourceType type, string name) =>
        Eventually.BecomesAsync(async () => await Cluster.GetAsync(type, Key(name), Token) is null, $"{type} {Key(name)} to be gone", Limit);

    /// <summary>Watches this namespace from a version on.</summary>
    protected WatchReader Watch(ResourceType type, string version, Func<WatchOptions, WatchOptions>? with = null)
    {
        var options = new WatchOptions { ResourceVersion = version, Namespace = Namespace };
        return new WatchReader(Cluster, type, with?.Invoke(options) ?? options, Limit);
    }

    /// <summary>The version of the whole list now.</summary>
    protected async Task<string> VersionAsync(ResourceType type) =>
        (await Cluster.ListAsync(type, new ListOptions { Namespace = Namespace }, Token)).ResourceVersion;

    protected static async Task<KubeException> RefusedAsync(KubeError error, Func<Task> request)
    {
        KubeException refusal = await Should.ThrowAsync<KubeException>(request);
        refusal.Error.ShouldBe(error, refusal.Message);
        return refusal;
    }

    /// <summary>A value of an object as compact JSON; "" when it is not there.</summary>
    protected static string Text(KubeObject item, params string[] path)
    {
        JsonNode? node = item.ToJsonObject();
        foreach (string step in path)
        {
            node = node switch
            {
                JsonObject map => map[step],
                JsonArray list when int.TryParse(step, out int index) => index < list.Count ? list[index] : null,
                JsonArray list => list.FirstOrDefault(i => i?["name"]?.GetValue<string>() == step || i?["type"]?.GetValue<string>() == step),
                _ => null,
            };
        }

        return node is JsonValue value && value.TryGetValue(out string? text) ? text : node?.ToJsonString() ?? "";
    }

    /// <summary>The value at the path is this JSON, whatever the order of its members.</summary>
    protected static void ShouldHave(KubeObject item, string json, params string[] path)
    {
        string text = Text(item, path);
        (text.Length > 0 && JsonNode.DeepEquals(JsonNode.Parse(text), JsonNode.Parse(json))).ShouldBeTrue($"{string.Join('.', path)} is {text}, not {json}");
    }

    /// <summary>The names of the items of a list in an object.</summary>
    protected static string Names(KubeObject item, params string[] path) =>
        Text(item, path) is { Length: > 0 } list
            ? string.Join(' ', JsonNode.Parse(list)!.AsArray().Select(i => (i!["name"] ?? i["type"])!.GetValue<string>()))
            : "";

    private JsonObject Here(JsonObject body)
    {
        JsonObject copy = body.DeepClone().AsObject();
        copy["metadata"]!["namespace"] ??= Namespace;
        return copy;
    }
}
