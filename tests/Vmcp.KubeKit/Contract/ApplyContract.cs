using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using static Vmcp.KubeKit.Contract.Samples;

namespace Vmcp.KubeKit.Contract;

/// <summary>The promises about server-side apply.</summary>
public abstract class ApplyContract : ClusterContract
{
    [Fact]
    public async Task An_apply_creates_and_says_who_did()
    {
        KubeObject made = await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");

        Text(made, "spec", "size").ShouldBe("1");
        made.Meta.Uid.ShouldNotBeEmpty();
        made.Meta.Generation.ShouldBe(1);
        Managers(made).ShouldBe(["a Apply"]);
    }

    [Fact]
    public async Task The_same_apply_again_changes_nothing()
    {
        KubeObject first = await ApplyAsync(BuiltIn.Deployment, Deployment("one"), "a");
        KubeObject second = await ApplyAsync(BuiltIn.Deployment, Deployment("one"), "a");

        second.Meta.ResourceVersion.ShouldBe(first.Meta.ResourceVersion);
        second.Meta.Generation.ShouldBe(1);
    }

    [Fact]
    public async Task A_field_no_longer_named_is_removed()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red","frame":{"width":1,"height":2}}"""), "a");

        KubeObject second = await ApplyAsync(Widget, Of("one", """{"size":1,"frame":{"width":1}}"""), "a");
        ShouldHave(second, """{"size":1,"frame":{"width":1}}""", "spec");
        second.Meta.Generation.ShouldBe(2);

        KubeObject third = await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");
        Text(third, "spec").ShouldBe("""{"size":1}""");
    }

    [Fact]
    public async Task A_field_of_somebody_else_stays()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1,"frame":{"width":1}}"""), "a");
        await ApplyAsync(Widget, Of("one", """{"color":"red","frame":{"height":2}}"""), "b");

        KubeObject after = await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");

        ShouldHave(after, """{"size":1,"color":"red","frame":{"height":2}}""", "spec");
        Managers(after).ShouldBe(["a Apply", "b Apply"]);
    }

    [Fact]
    public async Task Another_value_for_a_field_of_somebody_else_is_a_conflict_that_names_both()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1}"""), "first-owner");

        KubeException refusal = await RefusedAsync(KubeError.Conflict, () => ApplyAsync(Widget, Of("one", """{"size":2}"""), "b"));

        refusal.Message.ShouldContain("first-owner");
        refusal.Message.ShouldContain(".spec.size");
        Text(await ReadAsync(Widget, "one"), "spec", "size").ShouldBe("1");
    }

    [Fact]
    public async Task Force_takes_a_field_over()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a");

        Text(await ApplyAsync(Widget, Of("one", """{"size":2}"""), "b", force: true), "spec", "size").ShouldBe("2");
        await RefusedAsync(KubeError.Conflict, () => ApplyAsync(Widget, Of("one", """{"size":3,"color":"red"}"""), "a"));
        KubeObject after = await ApplyAsync(Widget, Of("one", """{"color":"red"}"""), "a");

        ShouldHave(after, """{"size":2,"color":"red"}""", "spec");
    }

    [Fact]
    public async Task The_same_value_has_two_owners_and_stays_until_both_let_go()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a");
        await ApplyAsync(Widget, Of("one", """{"color":"red"}"""), "b");

        Text(await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a"), "spec", "color").ShouldBe("red");
        Text(await ApplyAsync(Widget, Of("one", "{}"), "b"), "spec", "color").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_owner_of_an_old_value_is_a_change()
    {
        KubeObject first = await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");
        KubeObject second = await ApplyAsync(Widget, Of("one", """{"size":1}"""), "b");

        second.Meta.ResourceVersion.ShouldNotBe(first.Meta.ResourceVersion);
        second.Meta.Generation.ShouldBe(1);
        Managers(second).ShouldBe(["a Apply", "b Apply"]);
    }

    [Fact]
    public async Task Who_writes_without_apply_owns_what_it_changed()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a");
        KubeObject written = await MergeAsync(Widget, "one", """{"spec":{"size":2}}""", new WriteOptions { FieldManager = "hand" });

        Managers(written).ShouldBe(["a Apply", "hand Update"]);
        KubeException refusal = await RefusedAsync(KubeError.Conflict, () => ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a"));
        refusal.Message.ShouldContain("hand");
        Text(await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a", force: true), "spec", "size").ShouldBe("1");
    }

    [Fact]
    public async Task What_somebody_removed_comes_back_with_the_next_apply()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a");
        await MergeAsync(Widget, "one", """{"spec":{"color":null}}""");

        Text(await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a"), "spec", "color").ShouldBe("red");
    }

    [Fact]
    public async Task What_somebody_else_added_stays()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");
        await MergeAsync(Widget, "one", """{"spec":{"color":"red"},"metadata":{"labels":{"by":"hand"}}}""");

        KubeObject after = await ApplyAsync(Widget, Of("one", """{"size":2}"""), "a");

        Text(after, "spec", "color").ShouldBe("red");
        after.Meta.Labels["by"].ShouldBe("hand");
    }

    [Fact]
    public async Task Labels_and_annotations_have_an_owner_each()
    {
        await ApplyAsync(BuiltIn.ConfigMap, With(ConfigMap("one"), """{"labels":{"a":"1","b":"1"},"annotations":{"x":"1"}}"""), "a");
        await ApplyAsync(BuiltIn.ConfigMap, With(ConfigMap("one"), """{"labels":{"c":"1"}}"""), "b");

        KubeObject after = await ApplyAsync(BuiltIn.ConfigMap, With(ConfigMap("one"), """{"labels":{"a":"2"}}"""), "a");

        after.Meta.Labels.OrderBy(l => l.Key).Select(l => $"{l.Key}={l.Value}").ShouldBe(["a=2", "c=1"]);
        after.Meta.Annotations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Containers_and_variables_are_told_apart_by_name()
    {
        await ApplyAsync(BuiltIn.Deployment, Deployment("one"), "a");
        await ApplyAsync(BuiltIn.Deployment, Containers("""
            [{"name":"main","env":[{"name":"THREE","value":"3"}]},{"name":"side","image":"side:1"}]
            """), "b");
        JsonObject wanted = Deployment("one");
        wanted["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] = new JsonArray(Json("""{"name":"TWO","value":"22"}"""));

        KubeObject after = await ApplyAsync(BuiltIn.Deployment, wanted, "a");

        Names(after, Pod("containers")).Split(' ').Order().ShouldBe(["main", "side"]);
        Names(after, Pod("containers", "main", "env")).Split(' ').Order().ShouldBe(["THREE", "TWO"]);
        Text(after, Pod("containers", "main", "env", "TWO", "value")).ShouldBe("22");
        after = await ApplyAsync(BuiltIn.Deployment, Containers("""[{"name":"main","env":[{"name":"THREE","value":"3"}]}]"""), "b");
        Names(after, Pod("containers")).ShouldBe("main");
    }

    [Fact]
    public async Task A_container_goes_only_when_nobody_names_it()
    {
        await ApplyAsync(BuiltIn.Deployment, Deployment("one"), "a");
        await ApplyAsync(BuiltIn.Deployment, Containers("""[{"name":"side","image":"side:1"}]"""), "b");
        await ApplyAsync(BuiltIn.Deployment, Containers("""[{"name":"side","image":"side:1"}]"""), "c");

        KubeObject after = await ApplyAsync(BuiltIn.Deployment, Containers("[]"), "b");
        Names(after, Pod("containers")).Split(' ').Order().ShouldBe(["main", "side"]);

        after = await ApplyAsync(BuiltIn.Deployment, Containers("[]"), "c");
        Names(after, Pod("containers")).ShouldBe("main");
    }

    [Fact]
    public async Task Ports_volumes_and_mounts_are_told_apart_by_their_keys()
    {
        JsonObject wanted = Deployment("one");
        JsonObject pod = wanted["spec"]!["template"]!["spec"]!.AsObject();
        pod["volumes"] = JsonNode.Parse("""[{"name":"tmp","emptyDir":{}},{"name":"more","emptyDir":{}}]""");
        pod["containers"]![0]!["volumeMounts"] = JsonNode.Parse("""[{"name":"tmp","mountPath":"/a"},{"name":"tmp","mountPath":"/b"}]""");
        KubeObject first = await ApplyAsync(BuiltIn.Deployment, wanted, "a");
        Text(await ApplyAsync(BuiltIn.Deployment, wanted, "a"), "metadata", "resourceVersion").ShouldBe(first.Meta.ResourceVersion);

        pod["volumes"] = JsonNode.Parse("""[{"name":"tmp","emptyDir":{}}]""");
        pod["containers"]![0]!["volumeMounts"] = JsonNode.Parse("""[{"name":"tmp","mountPath":"/b"}]""");
        pod["containers"]![0]!["ports"] = JsonNode.Parse("""[{"containerPort":90,"name":"admin"}]""");
        KubeObject after = await ApplyAsync(BuiltIn.Deployment, wanted, "a");

        Names(after, Pod("volumes")).ShouldBe("tmp");
        Text(after, Pod("containers", "main", "volumeMounts", "0", "mountPath")).ShouldBe("/b");
        Text(after, Pod("containers", "main", "volumeMounts", "1")).ShouldBeEmpty();
        Names(after, Pod("containers", "main", "ports")).ShouldBe("admin");
    }

    [Fact]
    public async Task Items_keep_the_order_of_the_applier()
    {
        await ApplyAsync(BuiltIn.Deployment, Deployment("one"), "a");
        JsonObject wanted = Deployment("one");
        wanted["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] =
            JsonNode.Parse("""[{"name":"ZERO","value":"0"},{"name":"TWO","value":"2"},{"name":"ONE","value":"1"}]""");

        KubeObject after = await ApplyAsync(BuiltIn.Deployment, wanted, "a");

        Names(after, Pod("containers", "main", "env")).ShouldBe("ZERO TWO ONE");
    }

    [Fact]
    public async Task An_atomic_list_or_map_has_one_owner_and_comes_whole()
    {
        await ApplyAsync(Widget, Of("one", """{"words":["x","y"],"whole":{"a":"1","b":"2"}}"""), "a");

        await RefusedAsync(KubeError.Conflict, () => ApplyAsync(Widget, Of("one", """{"words":["x","y","z"]}"""), "b"));
        await RefusedAsync(KubeError.Conflict, () => ApplyAsync(Widget, Of("one", """{"whole":{"c":"3"}}"""), "b"));
        KubeObject after = await ApplyAsync(Widget, Of("one", """{"words":["y"],"whole":{"c":"3"}}"""), "b", force: true);

        Text(after, "spec", "words").ShouldBe("""["y"]""");
        Text(after, "spec", "whole").ShouldBe("""{"c":"3"}""");
    }

    [Fact]
    public async Task A_set_holds_the_values_of_all()
    {
        await ApplyAsync(Widget, Of("one", """{"tags":["x","y"]}"""), "a");
        await ApplyAsync(Widget, Of("one", """{"tags":["y","z"]}"""), "b");

        KubeObject after = await ApplyAsync(Widget, Of("one", """{"tags":["x"]}"""), "a");

        JsonNode.Parse(Text(after, "spec", "tags"))!.AsArray().Select(t => t!.GetValue<string>()).Order().ShouldBe(["x", "y", "z"]);
        after = await ApplyAsync(Widget, Of("one", """{"tags":["z"]}"""), "b");
        JsonNode.Parse(Text(after, "spec", "tags"))!.AsArray().Select(t => t!.GetValue<string>()).Order().ShouldBe(["x", "z"]);
    }

    [Fact]
    public async Task Parts_of_a_custom_kind_are_told_apart_by_the_key_its_schema_names()
    {
        await ApplyAsync(Widget, Of("one", """{"parts":[{"name":"x","count":1,"note":"n"},{"name":"y"}]}"""), "a");
        await ApplyAsync(Widget, Of("one", """{"parts":[{"name":"z"},{"name":"x","count":1}]}"""), "b");

        KubeObject after = await ApplyAsync(Widget, Of("one", """{"parts":[{"name":"y","count":2}]}"""), "a");

        Names(after, "spec", "parts").Split(' ').Order().ShouldBe(["x", "y", "z"]);
        Text(after, "spec", "parts", "x", "count").ShouldBe("1");
        Text(after, "spec", "parts", "x", "note").ShouldBeEmpty();
        Text(after, "spec", "parts", "y", "count").ShouldBe("2");
    }

    [Fact]
    public async Task The_status_has_owners_of_its_own()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1}""", """{"phase":"No"}"""), "operator");
        Text(await ReadAsync(Widget, "one"), "status").ShouldBeEmpty();

        await ApplyAsync(Widget, Of("one", """{"size":9}""", """{"phase":"Ready","conditions":[{"type":"Valid","status":"True"}]}"""), "operator", subresource: "status");
        KubeObject after = await ApplyAsync(Widget, Of("one", null, """
            {"conditions":[{"type":"Live","status":"True"}],"discoveredBackends":[{"name":"x","status":"ready"},{"name":"y"}]}
            """), "gateway", subresource: "status");

        Text(after, "spec").ShouldBe("""{"size":1}""");
        after.Meta.Generation.ShouldBe(1);
        Names(after, "status", "conditions").Split(' ').Order().ShouldBe(["Live", "Valid"]);
        Managers(after).ShouldBe(["gateway Apply status", "operator Apply", "operator Apply status"]);

        after = await ApplyAsync(Widget, Of("one", null, """
            {"conditions":[{"type":"Live","status":"False"}],"discoveredBackends":[{"name":"y","status":"ready"}]}
            """), "gateway", subresource: "status");
        Names(after, "status", "discoveredBackends").ShouldBe("y");
        Text(after, "status", "conditions", "Live", "status").ShouldBe("False");
        Text(after, "status", "phase").ShouldBe("Ready");

        after = await ApplyAsync(Widget, Of("one", null, """{"phase":"Ready"}"""), "operator", subresource: "status");
        Names(after, "status", "conditions").ShouldBe("Live");
        after = await ApplyAsync(Widget, Of("one", """{"size":2}"""), "operator");
        (Text(after, "status", "phase"), Text(after, "spec", "size")).ShouldBe(("Ready", "2"));
    }

    [Fact]
    public async Task The_same_status_again_changes_nothing()
    {
        await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");
        KubeObject first = await ApplyAsync(Widget, Of("one", null, """{"phase":"Ready"}"""), "a", subresource: "status");
        KubeObject second = await ApplyAsync(Widget, Of("one", null, """{"phase":"Ready"}"""), "a", subresource: "status");

        second.Meta.ResourceVersion.ShouldBe(first.Meta.ResourceVersion);
    }

    [Fact]
    public async Task A_status_of_what_is_not_there_is_not_applied() =>
        await RefusedAsync(KubeError.NotFound, () => ApplyAsync(Widget, Of("none", null, """{"phase":"Ready"}"""), "a", subresource: "status"));

    [Fact]
    public async Task An_apply_that_names_an_older_version_conflicts()
    {
        KubeObject first = await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");
        await ApplyAsync(Widget, Of("one", """{"size":2}"""), "a");
        JsonObject stale = With(Of("one", """{"size":3}"""), $$"""{ "resourceVersion": "{{first.Meta.ResourceVersion}}" }""");

        await RefusedAsync(KubeError.Conflict, () => ApplyAsync(Widget, stale, "a", force: true));
    }

    [Fact]
    public async Task An_apply_by_nobody_is_refused() =>
        await RefusedAsync(KubeError.Invalid, () => ApplyAsync(Widget, Of("one", """{"size":1}"""), ""));

    [Theory]
    [InlineData("kind")]
    [InlineData("apiVersion")]
    public async Task An_applied_body_says_what_it_is(string missing)
    {
        JsonObject body = Of("one", """{"size":1}""");
        body.Remove(missing);

        await RefusedAsync(KubeError.Invalid, () => ApplyAsync(Widget, body, "a"));
    }

    [Fact]
    public async Task A_dry_apply_stores_nothing()
    {
        KubeObject first = await ApplyAsync(Widget, Of("one", """{"size":1,"color":"red"}"""), "a");

        KubeObject dry = await ApplyAsync(Widget, Of("one", """{"size":2}"""), "a", dryRun: true);
        await ApplyAsync(Widget, Of("two", """{"size":2}"""), "a", dryRun: true);

        Text(dry, "spec").ShouldBe("""{"size":2}""");
        (await ReadAsync(Widget, "one")).Meta.ResourceVersion.ShouldBe(first.Meta.ResourceVersion);
        (await Cluster.GetAsync(Widget, Key("two"), Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Owners_are_added_to_those_of_others()
    {
        KubeObject one = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("owner-one"));
        KubeObject two = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("owner-two"));
        await ApplyAsync(BuiltIn.Secret, Owned(one), "a");
        KubeObject both = await ApplyAsync(BuiltIn.Secret, Owned(two), "b");
        both.Meta.OwnerReferences.Select(o => o.Name).Order().ShouldBe(["owner-one", "owner-two"]);

        KubeObject after = await ApplyAsync(BuiltIn.Secret, Secret(), "a");

        after.Meta.OwnerReferences.Single().Name.ShouldBe("owner-two");

        static JsonObject Secret() => Json("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"one"}}""");

        static JsonObject Owned(KubeObject owner) => With(Secret(), $$"""
            { "ownerReferences": [ { "apiVersion": "v1", "kind": "ConfigMap", "name": "{{owner.Meta.Name}}", "uid": "{{owner.Meta.Uid}}" } ] }
            """);
    }

    [Fact]
    public async Task Many_appliers_at_once_all_get_their_fields()
    {
        await ApplyAsync(BuiltIn.ConfigMap, ConfigMap("one"), "a");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => ApplyAsync(BuiltIn.ConfigMap, ConfigMap("one", $"k{i}", $"{i}"), $"m{i}"))));

        KubeObject after = await ReadAsync(BuiltIn.ConfigMap, "one");
        Enumerable.Range(0, 8).Select(i => Text(after, "data", $"k{i}")).ShouldBe(["0", "1", "2", "3", "4", "5", "6", "7"]);
        Text(after, "data", "key").ShouldBe("value");
    }

    private static string[] Pod(params string[] path) => ["spec", "template", "spec", .. path];

    private static JsonObject Containers(string containers) => Json($$"""
        {
          "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "one" },
          "spec": { "template": { "spec": { "containers": {{containers}} } } }
        }
        """);

    private static JsonObject With(JsonObject body, string metadata)
    {
        foreach ((string name, JsonNode? value) in Json(metadata))
            body["metadata"]![name] = value?.DeepClone();
        return body;
    }

    private static IEnumerable<string> Managers(KubeObject item) =>
        item.ToJsonObject()["metadata"]!["managedFields"]!.AsArray()
            .Select(m => $"{m!["manager"]} {m["operation"]} {m["subresource"]}".Trim()).Order(StringComparer.Ordinal);
}
