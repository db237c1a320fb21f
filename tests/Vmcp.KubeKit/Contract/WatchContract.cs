using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using static Vmcp.KubeKit.Contract.Samples;

namespace Vmcp.KubeKit.Contract;

/// <summary>The promises about watches.</summary>
public abstract class WatchContract : ClusterContract
{
    [Fact]
    public async Task Changes_come_in_order_with_the_object_after_them()
    {
        // By name: a new namespace gets a ConfigMap of the server's own, kube-root-ca.crt, when it likes.
        await using WatchReader watch = Watch(
            BuiltIn.ConfigMap, await VersionAsync(BuiltIn.ConfigMap), o => o with { FieldSelector = "metadata.name=one" });
        KubeObject made = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));
        KubeObject changed = await MergeAsync(BuiltIn.ConfigMap, "one", """{"data":{"key":"2"}}""");
        await Cluster.DeleteAsync(BuiltIn.ConfigMap, Key("one"), DeleteOptions.Default, Token);

        WatchEvent[] events = [await watch.NextAsync(), await watch.NextAsync(), await watch.NextAsync()];

        events.Select(e => e.Kind).ShouldBe([WatchEventKind.Added, WatchEventKind.Modified, WatchEventKind.Deleted]);
        events.Select(e => Text(e.Object, "data", "key")).ShouldBe(["value", "2", "2"]);
        events[0].Object.Meta.ResourceVersion.ShouldBe(made.Meta.ResourceVersion);
        events[1].Object.Meta.ResourceVersion.ShouldBe(changed.Meta.ResourceVersion);
        events[2].Object.Meta.ResourceVersion.ShouldNotBe(changed.Meta.ResourceVersion);
        events[0].Object.Kind.ShouldBe("ConfigMap");
    }

    [Fact]
    public async Task A_watch_goes_on_where_the_last_event_was()
    {
        string begin = await VersionAsync(Widget);
        await CreateAsync(Widget, Of("one", "{}"));
        KubeObject seen = await CreateAsync(Widget, Of("two", "{}"));
        await CreateAsync(Widget, Of("three", "{}"));

        await using WatchReader all = Watch(Widget, begin);
        await using WatchReader rest = Watch(Widget, seen.Meta.ResourceVersion);

        (await all.NextTextAsync()).ShouldBe("Added one");
        (await rest.NextTextAsync()).ShouldBe("Added three");
    }

    [Fact]
    public async Task After_a_deletion_its_version_is_where_to_go_on()
    {
        await CreateAsync(Widget, Of("one", "{}"));
        string begin = await VersionAsync(Widget);
        await Cluster.DeleteAsync(Widget, Key("one"), DeleteOptions.Default, Token);
        await using WatchReader first = Watch(Widget, begin);
        WatchEvent deleted = await first.NextAsync();
        deleted.Kind.ShouldBe(WatchEventKind.Deleted);

        await using WatchReader second = Watch(Widget, deleted.Object.Meta.ResourceVersion);
        await CreateAsync(Widget, Of("two", "{}"));

        (await second.NextTextAsync()).ShouldBe("Added two");
    }

    [Fact]
    public async Task An_object_enters_and_leaves_a_label_selection()
    {
        await CreateAsync(Widget, Of("one", "{}"));
        await using WatchReader watch = Watch(Widget, await VersionAsync(Widget), o => o with { LabelSelector = "app=a" });

        await MergeAsync(Widget, "one", """{"metadata":{"labels":{"app":"a"}}}""");
        await MergeAsync(Widget, "one", """{"spec":{"size":2}}""");
        await MergeAsync(Widget, "one", """{"metadata":{"labels":{"app":"b"}}}""");
        await MergeAsync(Widget, "one", """{"spec":{"size":3}}""");
        await MergeAsync(Widget, "one", """{"metadata":{"labels":{"app":"a"}}}""");

        string[] seen = [await watch.NextTextAsync(), await watch.NextTextAsync(), await watch.NextTextAsync(), await watch.NextTextAsync()];
        seen.ShouldBe(["Added one", "Modified one", "Deleted one", "Added one"]);
    }

    [Fact]
    public async Task A_watch_by_name_sees_that_object_only()
    {
        await using WatchReader watch = Watch(Widget, await VersionAsync(Widget), o => o with { FieldSelector = "metadata.name=two" });
        await CreateAsync(Widget, Of("one", "{}"));
        await CreateAsync(Widget, Of("two", "{}"));

        (await watch.NextTextAsync()).ShouldBe("Added two");
    }

    [Fact]
    public async Task A_watch_sees_its_kind_and_its_namespace_only()
    {
        await using WatchReader watch = Watch(BuiltIn.Secret, await VersionAsync(BuiltIn.Secret));
        await CreateAsync(BuiltIn.ConfigMap, ConfigMap("map"));
        string elsewhere = (await OpenAsync()).Namespace;
        await CreateAsync(BuiltIn.Secret, Json($$"""{ "metadata": { "name": "far", "namespace": "{{elsewhere}}" } }"""));
        await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"near"}}"""));

        (await watch.NextTextAsync()).ShouldBe("Added near");
    }

    [Fact]
    public async Task A_write_that_changes_nothing_is_not_told()
    {
        await CreateAsync(Widget, Of("one", """{"size":1}"""));
        await using WatchReader watch = Watch(Widget, await VersionAsync(Widget));
        await MergeAsync(Widget, "one", """{"spec":{"size":1}}""");
        await MergeAsync(Widget, "one", """{"spec":{"size":2}}""", new WriteOptions { DryRun = true });
        await CreateAsync(Widget, Of("two", "{}"));

        (await watch.NextTextAsync()).ShouldBe("Added two");
    }

    [Fact]
    public async Task Metadata_only_is_watched_without_the_rest()
    {
        await using WatchReader watch = Watch(BuiltIn.Secret, await VersionAsync(BuiltIn.Secret), o => o with { MetadataOnly = true });
        KubeObject made = await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"one"},"stringData":{"key":"value"}}"""));
        await Cluster.DeleteAsync(BuiltIn.Secret, Key("one"), DeleteOptions.Default, Token);

        WatchEvent[] events = [await watch.NextAsync(), await watch.NextAsync()];

        events.Select(e => e.Kind).ShouldBe([WatchEventKind.Added, WatchEventKind.Deleted]);
        events[0].Object.Meta.ResourceVersion.ShouldBe(made.Meta.ResourceVersion);
        foreach (WatchEvent change in events)
            change.Object.ToJsonObject().Select(m => m.Key).Except(["apiVersion", "kind", "metadata"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_watches_both_see_everything()
    {
        string begin = await VersionAsync(Widget);
        await using WatchReader one = Watch(Widget, begin);
        await using WatchReader two = Watch(Widget, begin);
        for (int i = 0; i < 20; i++)
            await CreateAsync(Widget, Of($"w{i:00}", "{}"));

        for (int i = 0; i < 20; i++)
        {
            (await one.NextTextAsync()).ShouldBe($"Added w{i:00}");
            (await two.NextTextAsync()).ShouldBe($"Added w{i:00}");
        }
    }

    [Fact]
    public async Task A_watch_ends_when_its_reader_cancels()
    {
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<WatchEvent> events = Cluster
            .WatchAsync(Widget, new WatchOptions { ResourceVersion = await VersionAsync(Widget), Namespace = Namespace }, stop.Token)
            .GetAsyncEnumerator(stop.Token);
        await CreateAsync(Widget, Of("one", "{}"));
        (await events.MoveNextAsync()).ShouldBeTrue();

        ValueTask<bool> next = events.MoveNextAsync();
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await next.AsTask().WaitAsync(Limit));
    }

    [Fact]
    public async Task An_apply_by_nobody_new_is_told_once()
    {
        await using WatchReader watch = Watch(Widget, await VersionAsync(Widget));
        await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");
        await ApplyAsync(Widget, Of("one", """{"size":1}"""), "a");
        await ApplyAsync(Widget, Of("one", """{"size":2}"""), "a");

        string[] seen = [await watch.NextTextAsync(), await watch.NextTextAsync()];
        seen.ShouldBe(["Added one", "Modified one"]);
        await CreateAsync(Widget, Of("two", "{}"));
        (await watch.NextTextAsync()).ShouldBe("Added two");
    }
}
