using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using static Vmcp.KubeKit.Contract.Samples;

namespace Vmcp.KubeKit.Contract;

/// <summary>The promises about creating, replacing and patching.</summary>
public abstract class WriteContract : ClusterContract
{
    [Fact]
    public async Task A_created_object_reads_back_with_what_the_server_gives()
    {
        KubeObject created = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        KubeObject read = await ReadAsync(BuiltIn.ConfigMap, "one");

        Text(read, "data", "key").ShouldBe("value");
        read.Kind.ShouldBe("ConfigMap");
        read.ApiVersion.ShouldBe("v1");
        read.Meta.Namespace.ShouldBe(Namespace);
        read.Meta.Uid.ShouldNotBeEmpty();
        read.Meta.Uid.ShouldBe(created.Meta.Uid);
        read.Meta.ResourceVersion.ShouldNotBeEmpty();
        read.Meta.ResourceVersion.ShouldBe(created.Meta.ResourceVersion);
        read.Meta.CreationTimestamp.ShouldNotBeNull();
        read.Meta.DeletionTimestamp.ShouldBeNull();
    }

    [Fact]
    public async Task A_missing_object_is_null() => (await Cluster.GetAsync(BuiltIn.Secret, Key("none"), Token)).ShouldBeNull();

    [Fact]
    public async Task A_second_of_the_same_name_is_refused()
    {
        await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        KubeException refusal = await RefusedAsync(KubeError.AlreadyExists, () => CreateAsync(BuiltIn.ConfigMap, ConfigMap("one", "other")));

        refusal.Message.ShouldContain("one");
        Text(await ReadAsync(BuiltIn.ConfigMap, "one"), "data").ShouldBe("""{"key":"value"}""");
    }

    [Fact]
    public async Task A_new_object_must_not_name_a_version()
    {
        JsonObject body = ConfigMap("one");
        body["metadata"]!["resourceVersion"] = "1";

        // The API server answers 500 here: it finds the version when it stores.
        await RefusedAsync(KubeError.ServerError, () => CreateAsync(BuiltIn.ConfigMap, body));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("..")]
    public async Task A_key_that_is_no_file_name_is_refused(string key)
    {
        await RefusedAsync(KubeError.Invalid, () => CreateAsync(BuiltIn.ConfigMap, ConfigMap("one", key)));
        await RefusedAsync(KubeError.Invalid, () => CreateAsync(BuiltIn.Secret, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "one" },
            ["stringData"] = new JsonObject { [key] = "x" },
        }));
    }

    [Fact]
    public async Task A_generated_name_begins_as_asked()
    {
        JsonObject body = ConfigMap("x");
        body["metadata"] = new JsonObject { ["generateName"] = "gen-" };

        KubeObject first = await CreateAsync(BuiltIn.ConfigMap, body);
        KubeObject second = await CreateAsync(BuiltIn.ConfigMap, body);

        first.Meta.Name.ShouldStartWith("gen-");
        second.Meta.Name.ShouldNotBe(first.Meta.Name);
    }

    [Theory]
    [InlineData("Not_A_Name")]
    [InlineData("-x")]
    [InlineData("x.-y")]
    public async Task A_name_that_is_no_DNS_name_is_refused(string name) =>
        await RefusedAsync(KubeError.Invalid, () => CreateAsync(BuiltIn.ConfigMap, ConfigMap(name)));

    [Theory]
    [InlineData("a label", "x")]
    [InlineData("label", "a value")]
    [InlineData("label", "-x")]
    [InlineData("/label", "x")]
    public async Task A_malformed_label_is_refused(string key, string value)
    {
        JsonObject body = ConfigMap("one");
        body["metadata"]!["labels"] = new JsonObject { [key] = value };

        await RefusedAsync(KubeError.Invalid, () => CreateAsync(BuiltIn.ConfigMap, body));
    }

    [Fact]
    public async Task A_label_of_63_characters_is_taken_and_one_of_64_is_refused()
    {
        JsonObject body = ConfigMap("one");
        body["metadata"]!["labels"] = new JsonObject { ["vmcp.example/label"] = new string('a', 63) };
        await CreateAsync(BuiltIn.ConfigMap, body);

        body["metadata"]!["labels"] = new JsonObject { ["vmcp.example/label"] = new string('a', 64) };
        await RefusedAsync(KubeError.Invalid, () => ReplaceAsync(BuiltIn.ConfigMap, body));
    }

    [Fact]
    public async Task A_replacement_of_the_current_version_is_stored_as_a_new_one()
    {
        KubeObject first = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));
        JsonObject body = first.ToJsonObject();
        body["data"] = new JsonObject { ["other"] = "2" };

        KubeObject second = await ReplaceAsync(BuiltIn.ConfigMap, body);

        second.Meta.ResourceVersion.ShouldNotBe(first.Meta.ResourceVersion);
        second.Meta.Uid.ShouldBe(first.Meta.Uid);
        second.Meta.CreationTimestamp.ShouldBe(first.Meta.CreationTimestamp);
        Text(await ReadAsync(BuiltIn.ConfigMap, "one"), "data").ShouldBe("""{"other":"2"}""");
    }

    [Fact]
    public async Task A_replacement_of_an_older_version_conflicts()
    {
        JsonObject stale = (await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"))).ToJsonObject();
        await MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"newer"}}""");

        await RefusedAsync(KubeError.Conflict, () => ReplaceAsync(BuiltIn.ConfigMap, stale));

        Text(await ReadAsync(BuiltIn.ConfigMap, "one"), "data", "key").ShouldBe("newer");
    }

    [Fact]
    public async Task A_replacement_of_another_uid_conflicts()
    {
        JsonObject body = (await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"))).ToJsonObject();
        body["metadata"]!["uid"] = "00000000-0000-0000-0000-000000000000";

        await RefusedAsync(KubeError.Conflict, () => ReplaceAsync(BuiltIn.ConfigMap, body));
    }

    [Fact]
    public async Task Only_some_kinds_take_a_replacement_that_names_no_version()
    {
        await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));
        await CreateAsync(Widget, Of("one", """{"size":1}"""));

        Text(await ReplaceAsync(BuiltIn.ConfigMap, ConfigMap("one", "key", "2")), "data", "key").ShouldBe("2");
        await RefusedAsync(KubeError.Invalid, () => ReplaceAsync(Widget, Of("one", """{"size":2}""")));
    }

    [Fact]
    public async Task What_is_not_there_is_neither_replaced_nor_patched()
    {
        await RefusedAsync(KubeError.NotFound, () => ReplaceAsync(BuiltIn.ConfigMap, ConfigMap("none")));
        await RefusedAsync(KubeError.NotFound, () => MergeAsync(BuiltIn.ConfigMap, "none", "{}"));
    }

    [Fact]
    public async Task A_write_that_changes_nothing_leaves_the_version_alone()
    {
        KubeObject widget = await CreateAsync(Widget, Of("one", """{"size":1}"""));
        KubeObject map = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        (await ReplaceAsync(Widget, widget.ToJsonObject())).Meta.ResourceVersion.ShouldBe(widget.Meta.ResourceVersion);
        (await MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"value","none":null}}""")).Meta.ResourceVersion.ShouldBe(map.Meta.ResourceVersion);
    }

    [Fact]
    public async Task A_merge_patch_sets_removes_and_leaves()
    {
        JsonObject body = ConfigMap("one");
        body["data"] = Json("""{"stays":"1","changes":"2","goes":"3"}""");
        await CreateAsync(BuiltIn.ConfigMap, body);

        KubeObject patched = await MergeAsync(BuiltIn.ConfigMap, "one", """{"metadata":{"labels":{"a":"b"}},"data":{"changes":"4","goes":null,"new":"5"}}""");

        ShouldHave(patched, """{"stays":"1","changes":"4","new":"5"}""", "data");
        patched.Meta.Labels["a"].ShouldBe("b");
    }

    [Fact]
    public async Task A_merge_patch_replaces_lists_whole()
    {
        await CreateAsync(Widget, Of("one", """{"parts":[{"name":"a","count":1},{"name":"b"}]}"""));

        KubeObject patched = await MergeAsync(Widget, "one", """{"spec":{"parts":[{"name":"b","count":2}]}}""");

        ShouldHave(patched, """[{"name":"b","count":2}]""", "spec", "parts");
    }

    [Fact]
    public async Task A_patch_for_an_older_version_conflicts()
    {
        KubeObject first = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));
        await MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"newer"}}""");
        string patch = $$"""{ "metadata": { "resourceVersion": "{{first.Meta.ResourceVersion}}" }, "data": { "key": "stale" } }""";

        await RefusedAsync(KubeError.Conflict, () => MergeAsync(BuiltIn.ConfigMap, "one", patch));
    }

    [Fact]
    public async Task A_JSON_patch_does_each_of_its_operations()
    {
        JsonObject body = ConfigMap("one");
        body["data"] = Json("""{"a":"1","b":"2","c":"3","d":"4"}""");
        body["metadata"]!["annotations"] = Json("""{"vmcp.test/x":"1"}""");
        await CreateAsync(BuiltIn.ConfigMap, body);

        KubeObject patched = await Cluster.PatchAsync(BuiltIn.ConfigMap, Key("one"), new Patch.Json(JsonNode.Parse("""
            [
              {"op":"test","path":"/data/a","value":"1"},
              {"op":"replace","path":"/data/a","value":"10"},
              {"op":"remove","path":"/data/b"},
              {"op":"add","path":"/data/new","value":"5"},
              {"op":"copy","from":"/data/c","path":"/data/copied"},
              {"op":"move","from":"/data/d","path":"/data/moved"},
              {"op":"replace","path":"/metadata/annotations/vmcp.test~1x","value":"2"}
            ]
            """)!.AsArray()), WriteOptions.Default, Token);

        ShouldHave(patched, """{"a":"10","c":"3","new":"5","copied":"3","moved":"4"}""", "data");
        patched.Meta.Annotations["vmcp.test/x"].ShouldBe("2");
    }

    [Theory]
    [InlineData("""[{"op":"replace","path":"/data/key","value":"new"},{"op":"test","path":"/data/key","value":"other"}]""")]
    [InlineData("""[{"op":"replace","path":"/data/key","value":"new"},{"op":"remove","path":"/data/none"}]""")]
    [InlineData("""[{"op":"replace","path":"/data/key","value":"new"},{"op":"replace","path":"/data/none","value":"x"}]""")]
    public async Task A_JSON_patch_of_which_one_operation_fails_does_nothing(string operations)
    {
        await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        await RefusedAsync(KubeError.Invalid, () => Cluster.PatchAsync(
            BuiltIn.ConfigMap, Key("one"), new Patch.Json(JsonNode.Parse(operations)!.AsArray()), WriteOptions.Default, Token));

        Text(await ReadAsync(BuiltIn.ConfigMap, "one"), "data", "key").ShouldBe("value");
    }

    [Fact]
    public async Task A_dry_run_answers_as_if_and_stores_nothing()
    {
        var dry = new WriteOptions { DryRun = true };
        KubeObject stored = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        Text(await CreateAsync(BuiltIn.ConfigMap, ConfigMap("two"), dry), "data", "key").ShouldBe("value");
        Text(await MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"2"}}""", dry), "data", "key").ShouldBe("2");
        await RefusedAsync(KubeError.AlreadyExists, () => CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"), dry));

        (await Cluster.GetAsync(BuiltIn.ConfigMap, Key("two"), Token)).ShouldBeNull();
        (await ReadAsync(BuiltIn.ConfigMap, "one")).Meta.ResourceVersion.ShouldBe(stored.Meta.ResourceVersion);
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_spec_only()
    {
        (await CreateAsync(Widget, Of("one", """{"size":1}"""))).Meta.Generation.ShouldBe(1);

        (await MergeAsync(Widget, "one", """{"metadata":{"labels":{"a":"b"},"annotations":{"c":"d"}}}""")).Meta.Generation.ShouldBe(1);
        (await MergeAsync(Widget, "one", """{"status":{"phase":"Ready"}}""", Status)).Meta.Generation.ShouldBe(1);
        (await MergeAsync(Widget, "one", """{"spec":{"size":2}}""")).Meta.Generation.ShouldBe(2);
        (await MergeAsync(Widget, "one", """{"spec":{"size":2}}""")).Meta.Generation.ShouldBe(2);
    }

    [Fact]
    public async Task A_deployment_counts_its_generation_and_a_config_map_has_none()
    {
        (await CreateAsync(BuiltIn.Deployment, Deployment("one"))).Meta.Generation.ShouldBe(1);
        (await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"))).Meta.Generation.ShouldBe(0);

        (await MergeAsync(BuiltIn.Deployment, "one", """{"metadata":{"labels":{"a":"b"}}}""")).Meta.Generation.ShouldBe(1);
        (await MergeAsync(BuiltIn.Deployment, "one", """{"status":{"replicas":1}}""", Status)).Meta.Generation.ShouldBe(1);
        (await MergeAsync(BuiltIn.Deployment, "one", """{"spec":{"replicas":3}}""")).Meta.Generation.ShouldBe(2);
    }

    [Fact]
    public async Task The_object_and_its_status_are_written_apart()
    {
        KubeObject created = await CreateAsync(Widget, Of("one", """{"size":1}""", """{"phase":"Made"}"""));
        Text(created, "status").ShouldBeEmpty();

        JsonObject body = created.ToJsonObject();
        body["spec"]!["size"] = 2;
        body["status"] = Json("""{"phase":"Ready"}""");
        body["metadata"]!["labels"] = Json("""{"a":"b"}""");
        KubeObject status = await ReplaceAsync(Widget, body, Status);
        Text(status, "status", "phase").ShouldBe("Ready");
        Text(status, "spec", "size").ShouldBe("1");
        status.Meta.Labels.ShouldBeEmpty();

        body = status.ToJsonObject();
        body["spec"]!["size"] = 2;
        body.Remove("status");
        KubeObject main = await ReplaceAsync(Widget, body);
        Text(main, "spec", "size").ShouldBe("2");
        Text(main, "status", "phase").ShouldBe("Ready");

        main = await MergeAsync(Widget, "one", """{"status":{"phase":"Broken"}}""");
        Text(main, "status", "phase").ShouldBe("Ready");
        status = await MergeAsync(Widget, "one", """{"spec":{"size":3},"status":{"phase":"Done"}}""", Status);
        (Text(status, "status", "phase"), Text(status, "spec", "size")).ShouldBe(("Done", "2"));
    }

    [Fact]
    public async Task A_status_write_of_an_older_version_conflicts()
    {
        JsonObject stale = (await CreateAsync(Widget, Of("one", """{"size":1}"""))).ToJsonObject();
        await MergeAsync(Widget, "one", """{"spec":{"size":2}}""");
        stale["status"] = Json("""{"phase":"Ready"}""");

        await RefusedAsync(KubeError.Conflict, () => ReplaceAsync(Widget, stale, Status));
    }

    [Fact]
    public async Task A_kind_without_a_status_has_no_such_subresource()
    {
        await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        await RefusedAsync(KubeError.NotFound, () => MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"x"}}""", Status));
    }

    [Fact]
    public async Task Texts_of_a_secret_become_its_data()
    {
        await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"one"},"stringData":{"key":"value"}}"""));

        KubeObject secret = await ReadAsync(BuiltIn.Secret, "one");

        Text(secret, "data", "key").ShouldBe(Convert.ToBase64String(Encoding.UTF8.GetBytes("value")));
        Text(secret, "stringData").ShouldBeEmpty();
        Text(secret, "type").ShouldBe("Opaque");
    }

    [Fact]
    public async Task What_never_changes_cannot_be_changed()
    {
        await CreateAsync(BuiltIn.Deployment, Deployment("one"));
        await CreateAsync(BuiltIn.RoleBinding, Json("""
            {"metadata":{"name":"one"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"a"},
             "subjects":[{"kind":"ServiceAccount","name":"x","namespace":"default"}]}
            """));

        await RefusedAsync(KubeError.Invalid, () => MergeAsync(BuiltIn.Deployment, "one", """{"spec":{"selector":{"matchLabels":{"app":"one","more":"x"}}}}"""));
        await RefusedAsync(KubeError.Invalid, () => MergeAsync(BuiltIn.RoleBinding, "one", """{"roleRef":{"name":"b"}}"""));
    }

    [Fact]
    public async Task A_lease_is_handed_over_by_version()
    {
        KubeObject lease = await CreateAsync(BuiltIn.Lease, Json("""{"metadata":{"name":"one"},"spec":{"holderIdentity":"a","leaseDurationSeconds":15}}"""));
        JsonObject mine = lease.ToJsonObject();
        JsonObject theirs = lease.ToJsonObject();
        mine["spec"]!["holderIdentity"] = "b";
        theirs["spec"]!["holderIdentity"] = "c";

        await ReplaceAsync(BuiltIn.Lease, mine);
        await RefusedAsync(KubeError.Conflict, () => ReplaceAsync(BuiltIn.Lease, theirs));

        Text(await ReadAsync(BuiltIn.Lease, "one"), "spec", "holderIdentity").ShouldBe("b");
    }

    [Fact]
    public async Task Of_many_who_write_at_once_by_version_none_is_lost()
    {
        await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one", "count", "0"));
        const int writers = 8;

        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(CountAsync)));

        Text(await ReadAsync(BuiltIn.ConfigMap, "one"), "data", "count").ShouldBe($"{writers}");

        async Task CountAsync()
        {
            while (true)
            {
                JsonObject body = (await ReadAsync(BuiltIn.ConfigMap, "one")).ToJsonObject();
                int count = int.Parse(body["data"]!["count"]!.GetValue<string>(), CultureInfo.InvariantCulture);
                body["data"]!["count"] = $"{count + 1}";
                try
                {
                    await ReplaceAsync(BuiltIn.ConfigMap, body);
                    return;
                }
                catch (KubeException e) when (e.Error == KubeError.Conflict)
                {
                    // Somebody was faster: again, with what is there now.
                }
            }
        }
    }

    [Fact]
    public async Task Of_many_who_create_at_once_one_succeeds()
    {
        Task<bool>[] creations = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));
                return true;
            }
            catch (KubeException e) when (e.Error == KubeError.AlreadyExists)
            {
                return false;
            }
        }))];

        (await Task.WhenAll(creations)).Count(created => created).ShouldBe(1);
    }

    [Fact]
    public async Task An_object_handed_out_stays_as_it_is()
    {
        JsonObject body = ConfigMap("one");
        KubeObject first = await CreateAsync(BuiltIn.ConfigMap, body);
        body["data"]!["key"] = "mine";

        await MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"new"}}""");
        first.ToJsonObject()["data"]!["key"] = "mine too";

        Text(first, "data", "key").ShouldBe("value");
        Text(await ReadAsync(BuiltIn.ConfigMap, "one"), "data", "key").ShouldBe("new");
    }

    private static WriteOptions Status => new() { Subresource = "status" };
}
