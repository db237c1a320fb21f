using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory.Apply;
using Vmcp.Kubernetes.InMemory.Rules;
using Vmcp.Kubernetes.InMemory.Selecting;
using Vmcp.Kubernetes.InMemory.Storing;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory;

/// <summary>
/// A cluster that lives in this process, for tests and offline planning: resource versions, conflicts, watches, garbage collection and field
/// ownership as an API server has them. The contract suite runs on it and on a real server.
/// </summary>
/// <remarks>
/// Where it knowingly differs: it fills in no defaults and checks no schema (a CRD's or a built-in one) beyond names, labels and a few fields
/// that never change; namespaces need not exist and take nothing with them; a replacement never creates; pods end at once; who names an owner
/// that never existed is not collected; garbage collection is done when a deletion returns; all versions of a kind are one; there is no
/// authorization, no admission, no <c>scale</c>; lists without a declared key are atomic, maps without a declared type are granular.
/// </remarks>
/// <param name="time">The clock of timestamps.</param>
public sealed partial class InMemoryCluster(TimeProvider time) : ICluster
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Group, string Plural), KindStore> _stores = [];
    private long _version = 1;
    private long _compacted;

    /// <summary>The clock of timestamps.</summary>
    public TimeProvider Time => time;

    /// <summary>Changes remembered per kind at least; a watch that begins before them gets <see cref="KubeError.Expired"/>.</summary>
    public int HistorySize { get; init; } = 4096;

    /// <summary>Says how a custom kind behaves; without it, it has a status subresource and the list keys all our kinds share.</summary>
    public void Register(ResourceType type, bool status = true)
    {
        lock (_gate)
            Store(type).Rules = KindRules.Custom(MergeRules.For(type), status);
    }

    /// <summary>Takes list keys and subresources from a CustomResourceDefinition, for each version it serves.</summary>
    public void Register(JsonObject customResourceDefinition)
    {
        JsonNode spec = customResourceDefinition["spec"] ?? throw new ArgumentException("the CustomResourceDefinition has no spec", nameof(customResourceDefinition));
        foreach (JsonNode? version in spec["versions"]?.AsArray() ?? [])
        {
            if (version?["storage"]?.GetValue<bool>() != true)
                continue;
            var type = new ResourceType(
                spec["group"]!.GetValue<string>(), version["name"]!.GetValue<string>(), spec["names"]!["plural"]!.GetValue<string>(),
                spec["names"]!["kind"]!.GetValue<string>());
            JsonObject schema = version["schema"]?["openAPIV3Schema"] as JsonObject ?? [];
            lock (_gate)
                Store(type).Rules = KindRules.Custom(MergeRules.Of(schema), status: version["subresources"]?["status"] is not null);
        }
    }

    /// <inheritdoc/>
    public async Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken)
    {
        await EnterAsync(new ClusterRequest("get", type, key), cancellationToken);
        lock (_gate)
            return Store(type).Find(key)?.Object;
    }

    /// <inheritdoc/>
    public async Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ClusterRequest request = Reading("list", type, options);
        await EnterAsync(request, cancellationToken);
        Selector selector = Selector.Of(request, options);
        lock (_gate)
        {
            KindStore store = Store(type);
            (long version, ObjectKey? after) = options.Continue is { } token ? PageToken.Read(request, token) : (_version, null);
            IEnumerable<KeyValuePair<ObjectKey, Stored>> all = options.Continue is null
                ? store.Items
                : store.Pinned(version) ?? throw Answers.Expired(request, "the provided continue parameter is too old to display a consistent list result");
            var items = new List<KubeObject>();
            foreach ((ObjectKey key, Stored stored) in all)
            {
                if ((after is { } last && key <= last) || !selector.Matches(stored))
                    continue;
                if (options.Limit is > 0 && items.Count == options.Limit)
                {
                    store.Pin(version);
                    return new ObjectPage(items, VersionText.Of(version), PageToken.Of(version, items[^1].Key));
                }

                items.Add(stored.ListItem(store.Rules, options.MetadataOnly));
            }

            return new ObjectPage(items, VersionText.Of(version), null);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ClusterRequest request = Reading("watch", type, options);
        await EnterAsync(request, cancellationToken);
        Selector selector = Selector.Of(request, options);
        Watching watching;
        lock (_gate)
            watching = new Watching(Store(type), request, selector, options.ResourceVersion, _watchEpoch, _compacted);
        options.Opened?.Invoke();
        while (true)
        {
            IReadOnlyList<WatchEvent> events;
            Task more;
            lock (_gate)
            {
                if (watching.Epoch != _watchEpoch)
                {
                    if (_watchEnd is { } end)
                        throw end;
                    yield break;
                }

                events = watching.Next();
                more = watching.Store.History.More;
            }

            foreach (WatchEvent change in events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return change;
            }

            if (events.Count == 0)
                await more.WaitAsync(cancellationToken);
        }
    }

    private static ClusterRequest Reading(string verb, ResourceType type, Selection selection) =>
        new(verb, type, new ObjectKey(selection.Namespace ?? "", "")) { MetadataOnly = selection.MetadataOnly };

    private KindStore Store(ResourceType type)
    {
        if (!_stores.TryGetValue((type.Group, type.Plural), out KindStore? store))
            _stores[(type.Group, type.Plural)] = store = new KindStore(type, KindRules.For(type), HistorySize);
        return store;
    }
}
