using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory.Apply;
using Vmcp.Kubernetes.InMemory.Patching;
using Vmcp.Kubernetes.InMemory.Rules;
using Vmcp.Kubernetes.InMemory.Storing;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory;

/// <content>The writes.</content>
public sealed partial class InMemoryCluster
{
    private const string SomeManager = "unknown";
    private int _generatedNames;

    /// <inheritdoc/>
    public Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        ClusterRequest request = Writing("create", type, KeyIn(type, body), options);
        return WriteAsync(request, () =>
        {
            if (request.Key.Name.Length == 0 && body["metadata"]?["generateName"]?.GetValue<string>() is { Length: > 0 } prefix)
                request = request with { Key = request.Key with { Name = prefix + $"{++_generatedNames:x5}" } };
            KindStore store = StoreFor(request);
            CheckKind(request, body);
            JsonObject next = NextVersion.Read(type, request.Key, body);
            if (next["metadata"]!["resourceVersion"] is { } version && version.GetValue<string>().Length > 0)
                throw Answers.VersionOnCreate(request);
            if (store.Find(request.Key) is not null)
                throw Answers.AlreadyExists(request);
            return Create(request, store, next, applies: false);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        ClusterRequest request = Writing("update", type, KeyIn(type, body), options);
        return WriteAsync(request, () =>
        {
            KindStore store = StoreFor(request);
            CheckKind(request, body);
            Stored before = store.Find(request.Key) ?? throw Answers.NotFound(request);
            JsonObject next = NextVersion.Read(type, request.Key, body);
            if (!CheckPreconditions(request, before, next) && store.Rules.ReplaceNeedsVersion)
                throw Answers.Invalid(request, "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update");
            return Update(request, store, before, next, owners: null);
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(patch);
        ClusterRequest request = Writing(patch is Patch.Apply ? "apply" : "patch", type, key, options);
        return WriteAsync(request, () =>
        {
            KindStore store = StoreFor(request);
            Stored? before = store.Find(key);
            if (patch is Patch.Apply apply)
                return Apply(request, store, before, apply);
            if (before is null)
                throw Answers.NotFound(request);
            JsonObject live = before.Object.ToJsonObject();
            JsonObject patched;
            try
            {
                patched = patch switch
                {
                    Patch.Merge merge => MergePatch.Apply(live, merge.Body),
                    Patch.Json json => JsonPatch.Apply(live, json.Operations),
                    _ => throw new ArgumentException($"there is no such patch: {patch.GetType().Name}", nameof(patch)),
                };
            }
            catch (FormatException e)
            {
                throw Answers.Invalid(request, $"the server rejected our request due to an error in our request: {e.Message}");
            }

            CheckKind(request, patched);
            CheckPreconditions(request, before, patched);
            return Update(request, store, before, NextVersion.Read(type, key, patched), owners: null);
        }, cancellationToken);
    }

    private static ClusterRequest Writing(string verb, ResourceType type, ObjectKey key, WriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ClusterRequest(verb, type, key) { Manager = options.FieldManager ?? "", Subresource = options.Subresource, DryRun = options.DryRun };
    }

    private static ObjectKey KeyIn(ResourceType type, JsonObject body)
    {
        JsonNode? meta = body["metadata"];
        string space = type.Namespaced ? meta?["namespace"]?.GetValue<string>() ?? "" : "";
        return new ObjectKey(space, meta?["name"]?.GetValue<string>() ?? "");
    }

    private static void CheckKind(ClusterRequest request, JsonObject body)
    {
        if (body["kind"]?.GetValue<string>() is { } kind && kind != request.Type.Kind)
            throw Answers.Invalid(request, $"kind is {kind}, the request is for {request.Type.Kind}");
        ObjectKey named = KeyIn(request.Type, body);
        if (named.Name.Length > 0 && named.Name != request.Key.Name)
            throw Answers.Invalid(request, $"the name of the object ({named.Name}) does not match the name on the URL ({request.Key.Name})");
        if (named.Namespace.Length > 0 && named.Namespace != request.Key.Namespace)
            throw Answers.Invalid(request, $"the namespace of the object ({named.Namespace}) does not match the namespace on the request ({request.Key.Namespace})");
    }

    /// <summary>Whether the body names the version it is for.</summary>
    private static bool CheckPreconditions(ClusterRequest request, Stored before, JsonObject body)
    {
        if (body["metadata"]?["uid"]?.GetValue<string>() is { Length: > 0 } uid && uid != before.Object.Meta.Uid)
            throw Answers.OtherUid(request, uid, before.Object.Meta.Uid);
        string version = body["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "";
        if (version.Length > 0 && version != before.Object.Meta.ResourceVersion)
            throw Answers.Stale(request);
        return version.Length > 0;
    }

    private KindStore StoreFor(ClusterRequest request)
    {
        KindStore store = Store(request.Type);
        if (request.Subresource is { } subresource && !(subresource == "status" && store.Rules.Status && request.Verb != "create"))
            throw Answers.NoSubresource(request);
        return store;
    }

    private Result Apply(ClusterRequest request, KindStore store, Stored? before, Patch.Apply apply)
    {
        if (request.Manager.Length == 0)
            throw Answers.Invalid(request, "fieldManager: Required value: is required for apply patch");
        CheckKind(request, apply.Body);
        if (apply.Body["apiVersion"] is null || apply.Body["kind"] is null)
            throw Answers.Invalid(request, "the applied body must have apiVersion and kind");
        if (apply.Body["metadata"]?["managedFields"] is JsonArray { Count: > 0 })
            throw Answers.Invalid(request, "metadata.managedFields must be nil");
        JsonObject wanted = NextVersion.Read(request.Type, request.Key, apply.Body);
        if (before is null)
        {
            if (request.Subresource is not null || wanted["metadata"]!["uid"] is not null)
                throw Answers.NotFound(request);
            return Create(request, store, wanted, applies: true);
        }

        CheckPreconditions(request, before, wanted);
        NextVersion.KeepHalf(store.Rules, wanted, request.Subresource);
        MergeRules rules = store.Rules.Merge;
        HashSet<string> fields = FieldMap.Of(wanted, rules).Paths;
        JsonObject live = before.Object.ToJsonObject();
        Owner applier = new(request.Manager, Applies: true, request.Subresource ?? "");
        JsonObject next = Merge.Into(live, wanted, rules);
        IReadOnlyList<string> emptied = Merge.Remove(next, before.Owners.NoLongerWanted(applier, fields));
        FieldChanges changes = FieldMap.Of(live, rules).ChangesTo(FieldMap.Of(next, rules));
        if (!apply.Force)
        {
            string[] conflicts =
            [
                .. from other in before.Owners.Others(applier, changes.Written)
                from path in other.Paths
                select $"conflict with \"{other.Owner.Manager}\"{(other.Owner.Applies ? "" : $" using {request.Type.ApiVersion}")}: {FieldPath.Readable(path)}",
            ];
            if (conflicts.Length > 0)
                throw Answers.Owned(request, conflicts);
        }

        Owners owners = before.Owners.Applied(applier, fields, changes, time.GetUtcNow());
        // Only now: to those who own an emptied map it is still there.
        NextVersion.DropEmpty(request.Type, next);
        if (store.Rules.NullsAreRefused && emptied.FirstOrDefault(p => !FieldPath.IsMetadata(p)) is { } nothing)
            throw Answers.Invalid(request, $"{FieldPath.Readable(nothing)[1..]}: Invalid value: \"null\": emptied by this apply, but another manager owns it");
        Merge.RemoveAll(next, emptied);
        return Update(request, store, before, next, owners);
    }

    private Result Create(ClusterRequest request, KindStore store, JsonObject next, bool applies)
    {
        DateTimeOffset now = time.GetUtcNow();
        NextVersion.Begin(store.Rules, next, now);
        if (ObjectCheck.Problem(request.Type, next) is { } problem)
            throw Answers.Invalid(request, problem);
        FieldMap fields = FieldMap.Of(next, store.Rules.Merge);
        FieldChanges changes = FieldMap.Empty.ChangesTo(fields);
        var creator = new Owner(ManagerOf(request), applies, "");
        Owners owners = applies ? Owners.None.Applied(creator, fields.Paths, changes, now) : Owners.None.Written(creator, changes, now);
        return Commit(request, store, null, next, owners);
    }

    /// <summary>Stores the next version; with no owners given, the writer becomes the owner of what it changes.</summary>
    private Result Update(ClusterRequest request, KindStore store, Stored before, JsonObject written, Owners? owners)
    {
        JsonObject live = before.Object.ToJsonObject();
        JsonObject next = NextVersion.Half(store.Rules, live, written, request.Subresource);
        if ((ObjectCheck.Problem(request.Type, next) ?? ObjectCheck.ChangeProblem(store.Rules, live, next)) is { } problem)
            throw Answers.Invalid(request, problem);
        NextVersion.CountGeneration(store.Rules, live, next);
        if (owners is null)
        {
            FieldChanges changes = FieldMap.Of(live, store.Rules.Merge).ChangesTo(FieldMap.Of(next, store.Rules.Merge));
            owners = before.Owners.Written(new Owner(ManagerOf(request), false, request.Subresource ?? ""), changes, time.GetUtcNow());
        }

        return NextVersion.Same(live, next) && owners.SameAs(before.Owners)
            ? new Result(before.Object, Changed: false)
            : Commit(request, store, before, next, owners);
    }

    private static string ManagerOf(ClusterRequest request) => request.Manager.Length > 0 ? request.Manager : SomeManager;

    private Result Commit(ClusterRequest request, KindStore store, Stored? before, JsonObject next, Owners owners)
    {
        JsonObject meta = next["metadata"]!.AsObject();
        meta["managedFields"] = owners.ToJson(request.Type.ApiVersion);
        if (request.DryRun)
        {
            if (before is not null)
                meta["resourceVersion"] = before.Object.Meta.ResourceVersion;
            return new Result(KubeObject.From(next), Changed: false);
        }

        long version = ++_version;
        meta["resourceVersion"] = VersionText.Of(version);
        var after = new Stored(KubeObject.From(next), owners, version);
        if (after.Object.Meta.DeletionTimestamp is not null && after.Object.Meta.Finalizers.Count == 0 && before is not null)
        {
            Remove(store, before, version);
        }
        else
        {
            store.Put(before, after);
            Index(store, before, after);
        }

        return new Result(after.Object, Changed: true);
    }

    private readonly record struct Result(KubeObject? Object, bool Changed);
}
