using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory.Selecting;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Storing;

/// <summary>One watch: where it is in the history. It holds no events of its own; used under the cluster's lock.</summary>
internal sealed class Watching
{
    private readonly ClusterRequest _request;
    private readonly Selector _selector;
    private IReadOnlyList<WatchEvent>? _initial;
    private long _position;

    public Watching(KindStore store, ClusterRequest request, Selector selector, string resourceVersion, int epoch, long compacted)
    {
        Store = store;
        Epoch = epoch;
        _request = request;
        _selector = selector;
        if (resourceVersion is "" or "0")
        {
            _initial = [.. store.Items.Values.Where(selector.Matches).Select(s => new WatchEvent(WatchEventKind.Added, s.In(selector.MetadataOnly)))];
            _position = store.History.End;
            return;
        }

        if (!VersionText.TryRead(resourceVersion, out long version))
            throw Answers.Invalid(request, $"resourceVersion: Invalid value: \"{resourceVersion}\"");
        if (version < compacted || !store.History.TryBegin(version, out _position))
            throw TooOld();
    }

    public KindStore Store { get; }

    public int Epoch { get; }

    /// <summary>What happened since, some at a time; empty when that is nothing.</summary>
    public IReadOnlyList<WatchEvent> Next()
    {
        if (_initial is { Count: > 0 } initial)
        {
            _initial = null;
            return initial;
        }

        // Changes that this watch does not see are no reason to wait for more.
        while (true)
        {
            if (!Store.History.TryRead(ref _position, out Change[] changes))
                throw TooOld();
            if (changes.Length == 0)
                return [];
            WatchEvent[] events = [.. changes.Select(Tell).OfType<WatchEvent>()];
            if (events.Length > 0)
                return events;
        }
    }

    private WatchEvent? Tell(Change change)
    {
        if (change is { Before: null, After: null })
            return new WatchEvent(WatchEventKind.Bookmark, Bookmark(change.Version));
        bool was = _selector.Matches(change.Before);
        bool matches = _selector.Matches(change.After);
        return (was, matches) switch
        {
            (false, true) => new WatchEvent(WatchEventKind.Added, change.After!.In(_selector.MetadataOnly)),
            (true, true) => new WatchEvent(WatchEventKind.Modified, change.After!.In(_selector.MetadataOnly)),
            (true, false) => new WatchEvent(WatchEventKind.Deleted, change.Before!.At(change.Version).In(_selector.MetadataOnly)),
            _ => null,
        };
    }

    private KubeObject Bookmark(long version) => KubeObject.From(new JsonObject
    {
        ["apiVersion"] = Store.Type.ApiVersion,
        ["kind"] = Store.Type.Kind,
        ["metadata"] = new JsonObject { ["resourceVersion"] = VersionText.Of(version), ["creationTimestamp"] = null },
    });

    private KubeException TooOld() => Answers.Expired(_request, "too old resource version: the changes since are forgotten");
}
