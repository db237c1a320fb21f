using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory.Apply;
using Vmcp.Kubernetes.InMemory.Rules;
using Vmcp.Kubernetes.InMemory.Storing;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory;

/// <content>Deletion, finalizers, and the collection of what lost its owners (Kubernetes docs, Garbage Collection).</content>
public sealed partial class InMemoryCluster
{
    private const string Collector = "garbage-collector";
    private readonly HashSet<string> _alive = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<(KindStore Store, ObjectKey Key)>> _dependents = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var request = new ClusterRequest("delete", type, key);
        bool found = false;
        await WriteAsync(request, () =>
        {
            KindStore store = Store(type);
            Stored? stored = store.Find(key);
            found = stored is not null;
            if (stored is null)
                return new Result(null, Changed: false);
            if (options.Uid is { } uid && uid != stored.Object.Meta.Uid)
                throw Answers.OtherUid(request, uid, stored.Object.Meta.Uid);
            if (options.ResourceVersion is { } version && version != stored.Object.Meta.ResourceVersion)
                throw Answers.Stale(request);
            return new Result(stored.Object, Delete(store, stored));
        }, cancellationToken);
        return found;
    }

    /// <summary>Removes an object, or marks it when finalizers hold it; false when it was marked already.</summary>
    private bool Delete(KindStore store, Stored stored)
    {
        if (stored.Object.Meta.Finalizers.Count == 0)
        {
            Remove(store, stored, ++_version);
            return true;
        }

        if (stored.Object.Meta.DeletionTimestamp is not null)
            return false;
        JsonObject marked = stored.Object.ToJsonObject();
        NextVersion.MarkDeleted(store.Rules, marked, time.GetUtcNow());
        Store(store, stored, marked, stored.Owners);
        return true;
    }

    private void Remove(KindStore store, Stored stored, long version)
    {
        store.Remove(stored, version);
        Index(store, stored, null);
        foreach ((KindStore dependentStore, ObjectKey key) in _dependents.GetValueOrDefault(stored.Object.Meta.Uid)?.OrderBy(d => d.Key).ToArray() ?? [])
        {
            if (dependentStore.Find(key) is { } dependent)
                Orphaned(dependentStore, dependent);
        }
    }

    /// <summary>An owner is gone: the object goes with its last one, and forgets the others that are gone.</summary>
    private void Orphaned(KindStore store, Stored dependent)
    {
        if (!dependent.Object.Meta.OwnerReferences.Any(o => _alive.Contains(o.Uid)))
        {
            Delete(store, dependent);
            return;
        }

        JsonObject body = dependent.Object.ToJsonObject();
        JsonArray references = body["metadata"]!["ownerReferences"]!.AsArray();
        for (int i = references.Count - 1; i >= 0; i--)
        {
            if (!_alive.Contains(references[i]!["uid"]!.GetValue<string>()))
                references.RemoveAt(i);
        }

        FieldChanges changes = FieldMap.Of(dependent.Object.ToJsonObject(), store.Rules.Merge).ChangesTo(FieldMap.Of(body, store.Rules.Merge));
        Store(store, dependent, body, dependent.Owners.Written(new Owner(Collector, false, ""), changes, time.GetUtcNow()));
    }

    private void Store(KindStore store, Stored before, JsonObject body, Owners owners)
    {
        long version = ++_version;
        body["metadata"]!["managedFields"] = owners.ToJson(store.Type.ApiVersion);
        body["metadata"]!["resourceVersion"] = VersionText.Of(version);
        var after = new Stored(KubeObject.From(body), owners, version);
        store.Put(before, after);
        Index(store, before, after);
    }

    private void Index(KindStore store, Stored? before, Stored? after)
    {
        ObjectKey key = (after ?? before)!.Object.Key;
        foreach (OwnerReference owner in before?.Object.Meta.OwnerReferences ?? [])
        {
            if (_dependents.TryGetValue(owner.Uid, out var known) && known.Remove((store, key)) && known.Count == 0)
                _dependents.Remove(owner.Uid);
        }

        foreach (OwnerReference owner in after?.Object.Meta.OwnerReferences ?? [])
        {
            if (!_dependents.TryGetValue(owner.Uid, out var known))
                _dependents[owner.Uid] = known = [];
            known.Add((store, key));
        }

        if (after is not null)
            _alive.Add(after.Object.Meta.Uid);
        else
            _alive.Remove(before!.Object.Meta.Uid);
    }
}
