using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;
using static Vmcp.KubeKit.Contract.Samples;

namespace Vmcp.KubeKit.Contract;

/// <summary>The promises about deletion, finalizers and the collection of dependents.</summary>
public abstract class DeletionContract : ClusterContract
{
    [Fact]
    public async Task A_deleted_object_is_gone_and_cannot_be_deleted_again()
    {
        await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        (await DeleteAsync(BuiltIn.ConfigMap, "one")).ShouldBeTrue();

        (await Cluster.GetAsync(BuiltIn.ConfigMap, Key("one"), Token)).ShouldBeNull();
        (await DeleteAsync(BuiltIn.ConfigMap, "one")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_recreated_object_is_another_one()
    {
        KubeObject first = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));
        await DeleteAsync(BuiltIn.ConfigMap, "one");
        KubeObject second = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        second.Meta.Uid.ShouldNotBe(first.Meta.Uid);
        await RefusedAsync(KubeError.Conflict, () => DeleteAsync(BuiltIn.ConfigMap, "one", new DeleteOptions { Uid = first.Meta.Uid }));
        (await ReadAsync(BuiltIn.ConfigMap, "one")).Meta.Uid.ShouldBe(second.Meta.Uid);
        (await DeleteAsync(BuiltIn.ConfigMap, "one", new DeleteOptions { Uid = second.Meta.Uid })).ShouldBeTrue();
    }

    [Fact]
    public async Task A_deletion_of_an_older_version_conflicts()
    {
        KubeObject first = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));
        KubeObject second = await MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"2"}}""");

        await RefusedAsync(
            KubeError.Conflict, () => DeleteAsync(BuiltIn.ConfigMap, "one", new DeleteOptions { ResourceVersion = first.Meta.ResourceVersion }));
        (await DeleteAsync(BuiltIn.ConfigMap, "one", new DeleteOptions { ResourceVersion = second.Meta.ResourceVersion })).ShouldBeTrue();
    }

    [Fact]
    public async Task A_finalizer_holds_an_object_until_it_is_removed()
    {
        await CreateAsync(Widget, Held("one"));
        await using WatchReader watch = Watch(Widget, await VersionAsync(Widget));

        (await DeleteAsync(Widget, "one")).ShouldBeTrue();
        KubeObject waiting = await ReadAsync(Widget, "one");
        waiting.Meta.DeletionTimestamp.ShouldNotBeNull();
        (await DeleteAsync(Widget, "one")).ShouldBeTrue();
        (await ReadAsync(Widget, "one")).Meta.ResourceVersion.ShouldBe(waiting.Meta.ResourceVersion);
        await MergeAsync(Widget, "one", """{"metadata":{"finalizers":null}}""");

        (await Cluster.GetAsync(Widget, Key("one"), Token)).ShouldBeNull();
        string[] seen = [await watch.NextTextAsync(), await watch.NextTextAsync()];
        seen.ShouldBe(["Modified one", "Deleted one"]);
    }

    [Fact]
    public async Task An_object_being_deleted_takes_writes_but_no_new_finalizer()
    {
        await CreateAsync(Widget, Held("one"));
        await DeleteAsync(Widget, "one");

        KubeObject written = await MergeAsync(Widget, "one", """{"status":{"phase":"Leaving"}}""", new WriteOptions { Subresource = "status" });
        await RefusedAsync(KubeError.Invalid, () => MergeAsync(Widget, "one", """{"metadata":{"finalizers":["vmcp.test/hold","vmcp.test/more"]}}"""));
        await RefusedAsync(KubeError.AlreadyExists, () => CreateAsync(Widget, Of("one", "{}")));

        Text(written, "status", "phase").ShouldBe("Leaving");
        written.Meta.DeletionTimestamp.ShouldNotBeNull();
        await MergeAsync(Widget, "one", """{"metadata":{"finalizers":[]}}""");
        (await Cluster.GetAsync(Widget, Key("one"), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_removed_by_hand_is_not_undone_by_a_deletion_mark()
    {
        await CreateAsync(Widget, Held("one"));
        await DeleteAsync(Widget, "one");

        KubeObject merged = await MergeAsync(Widget, "one", """{"metadata":{"deletionTimestamp":null}}""");

        merged.Meta.DeletionTimestamp.ShouldNotBeNull();
    }

    [Fact]
    public async Task Dependents_go_with_their_owner_and_theirs_with_them()
    {
        SkipWithoutCollector();
        KubeObject owner = await CreateAsync(Widget, Of("owner", "{}"));
        KubeObject child = await CreateAsync(BuiltIn.ConfigMap, OwnedBy(ConfigMap("child"), owner));
        await CreateAsync(BuiltIn.Secret, OwnedBy(Json("""{"metadata":{"name":"grandchild"}}"""), child));
        await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"stranger"}}"""));

        await DeleteAsync(Widget, "owner");

        await GoneAsync(BuiltIn.ConfigMap, "child");
        await GoneAsync(BuiltIn.Secret, "grandchild");
        await ReadAsync(BuiltIn.Secret, "stranger");
    }

    [Fact]
    public async Task A_dependent_stays_while_one_owner_lives()
    {
        SkipWithoutCollector();
        KubeObject first = await CreateAsync(Widget, Of("first", "{}"));
        KubeObject second = await CreateAsync(Widget, Of("second", "{}"));
        await CreateAsync(BuiltIn.ConfigMap, OwnedBy(ConfigMap("child"), first, second));

        await DeleteAsync(Widget, "first");
        await Eventually.BecomesAsync(
            async () => (await ReadAsync(BuiltIn.ConfigMap, "child")).Meta.OwnerReferences.Count == 1, "the dead owner to be forgotten", Limit);
        (await ReadAsync(BuiltIn.ConfigMap, "child")).Meta.OwnerReferences.Single().Uid.ShouldBe(second.Meta.Uid);

        await DeleteAsync(Widget, "second");
        await GoneAsync(BuiltIn.ConfigMap, "child");
    }

    [Fact]
    public async Task A_dependent_that_is_held_waits_after_its_owner_is_gone()
    {
        SkipWithoutCollector();
        KubeObject owner = await CreateAsync(Widget, Of("owner", "{}"));
        await CreateAsync(Widget, OwnedBy(Held("child"), owner));

        await DeleteAsync(Widget, "owner");

        await Eventually.BecomesAsync(
            async () => (await ReadAsync(Widget, "child")).Meta.DeletionTimestamp is not null, "the dependent's deletion", Limit);
        await MergeAsync(Widget, "child", """{"metadata":{"finalizers":null}}""");
        await GoneAsync(Widget, "child");
    }

    [Fact]
    public async Task An_owner_without_uid_or_with_two_controllers_is_refused()
    {
        KubeObject owner = await CreateAsync(Widget, Of("owner", "{}"));
        JsonObject nameless = OwnedBy(ConfigMap("child"), owner);
        nameless["metadata"]!["ownerReferences"]![0]!["uid"] = "";
        JsonObject twice = OwnedBy(ConfigMap("child"), owner, owner);
        twice["metadata"]!["ownerReferences"]![1]!["uid"] = "1";
        foreach (JsonNode? reference in twice["metadata"]!["ownerReferences"]!.AsArray())
            reference!["controller"] = true;

        await RefusedAsync(KubeError.Invalid, () => CreateAsync(BuiltIn.ConfigMap, nameless));
        await RefusedAsync(KubeError.Invalid, () => CreateAsync(BuiltIn.ConfigMap, twice));
    }

    /// <summary>Skips a test where nothing collects: kube-apiserver alone does not, its controller manager does.</summary>
    protected virtual void SkipWithoutCollector()
    {
    }

    private static JsonObject Held(string name)
    {
        JsonObject widget = Of(name, "{}");
        widget["metadata"]!["finalizers"] = new JsonArray("vmcp.test/hold");
        return widget;
    }

    private static JsonObject OwnedBy(JsonObject body, params KubeObject[] owners)
    {
        body["metadata"]!["ownerReferences"] = new JsonArray([.. owners.Select(o => (JsonNode)new JsonObject
        {
            ["apiVersion"] = o.ApiVersion,
            ["kind"] = o.Kind,
            ["name"] = o.Meta.Name,
            ["uid"] = o.Meta.Uid,
        })]);
        return body;
    }

    private Task<bool> DeleteAsync(ResourceType type, string name, DeleteOptions? options = null) =>
        Cluster.DeleteAsync(type, Key(name), options ?? DeleteOptions.Default, Token);
}
