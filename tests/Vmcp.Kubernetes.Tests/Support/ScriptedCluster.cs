using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Tests.Support;

/// <summary>A cluster whose lists and watches are what a test says, in order; the last list stays, a watch that is not scripted waits.</summary>
internal sealed class ScriptedCluster : ICluster
{
    private readonly ConcurrentQueue<Func<ListOptions, ObjectPage>> _lists = new();
    private readonly ConcurrentQueue<ScriptedWatch> _watches = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private Func<ListOptions, ObjectPage>? _last;

    /// <summary>What was asked: <c>list</c>, <c>list continue=t</c>, <c>watch 7</c>.</summary>
    public string[] Asked => [.. _asked];

    /// <summary>Called for each write, with verb, key and body; may throw.</summary>
    public Func<string, ObjectKey, JsonNode, KubeObject> OnWrite { get; set; } = (_, _, body) => KubeObject.From(body);

    public ScriptedCluster List(string version, params KubeObject[] items) => List(_ => new ObjectPage(items, version, null));

    public ScriptedCluster List(Func<ListOptions, ObjectPage> list)
    {
        _lists.Enqueue(list);
        return this;
    }

    /// <summary>The next watch; its events are written by the test.</summary>
    public ScriptedWatch Watch()
    {
        ScriptedWatch watch = new();
        _watches.Enqueue(watch);
        return watch;
    }

    /// <summary>A list that fails.</summary>
    public ScriptedCluster Fail(KubeError error, TimeSpan? retryAfter = null) =>
        List(_ => throw new KubeException(error, $"scripted {error}") { RetryAfter = retryAfter });

    public Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        if (_lists.TryDequeue(out Func<ListOptions, ObjectPage>? next))
            _last = next;
        _asked.Enqueue(options.Continue is { } token ? $"list continue={token}" : "list");
        return Task.FromResult(_last!(options));
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ScriptedWatch watch = _watches.TryDequeue(out ScriptedWatch? next) ? next : new ScriptedWatch();
        _asked.Enqueue($"watch {options.ResourceVersion}");
        await foreach (WatchEvent e in watch.Events.ReadAllAsync(cancellationToken))
            yield return e;
    }

    public Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return OnWrite("create", KubeObject.From(body).Key, body);
    }

    public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public async Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return OnWrite("patch", key, ((Patch.Merge)patch).Body);
    }

    public Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public static KubeObject Map(string name, string version, string value = "1", string uid = "u") => KubeObject.From(new JsonObject
    {
        ["metadata"] = new JsonObject { ["namespace"] = "a", ["name"] = name, ["uid"] = uid, ["resourceVersion"] = version },
        ["data"] = new JsonObject { ["value"] = value },
    });
}

/// <summary>One watch of a <see cref="ScriptedCluster"/>.</summary>
internal sealed class ScriptedWatch
{
    private readonly Channel<WatchEvent> _events = Channel.CreateUnbounded<WatchEvent>();

    public ChannelReader<WatchEvent> Events => _events.Reader;

    public ScriptedWatch Send(WatchEventKind kind, KubeObject item)
    {
        _events.Writer.TryWrite(new WatchEvent(kind, item));
        return this;
    }

    /// <summary>The server ends it, as it does.</summary>
    public void End() => _events.Writer.TryComplete();

    public void Fail(KubeError error) => _events.Writer.TryComplete(new KubeException(error, $"scripted {error}"));
}
