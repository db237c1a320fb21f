using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using static Vmcp.KubeKit.Contract.Samples;

namespace Vmcp.Kubernetes.Tests.InMemory;

/// <summary>What the in-memory cluster offers tests beside the API.</summary>
public sealed class HookTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly KubeException Away = new(KubeError.Unreachable, "away");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly InMemoryCluster _cluster;

    public HookTests() => _cluster = new InMemoryCluster(_time) { HistorySize = 8 };

    [Fact]
    public async Task The_log_tells_each_write_and_what_came_of_it()
    {
        var options = new WriteOptions { FieldManager = "me" };
        await ApplyAsync("one", "1");
        await ApplyAsync("one", "1");
        await _cluster.PatchAsync(BuiltIn.ConfigMap, Key("one"), new Patch.Merge(Json("""{"data":{"key":"2"}}""")), options with { DryRun = true }, None);
        await Should.ThrowAsync<KubeException>(() => _cluster.CreateAsync(BuiltIn.ConfigMap, Body("one", "3"), options, None));
        await _cluster.GetAsync(BuiltIn.ConfigMap, Key("one"), None);
        await _cluster.DeleteAsync(BuiltIn.ConfigMap, Key("one"), DeleteOptions.Default, None);

        _cluster.Writes.Select(w => $"{w}").ShouldBe(
        [
            "apply ConfigMap ns/one by me: Changed", "apply ConfigMap ns/one by me: Unchanged", "patch ConfigMap ns/one by me: Unchanged",
            "create ConfigMap ns/one by me: Refused", "delete ConfigMap ns/one: Changed",
        ]);
        _cluster.Requests.Single(r => !r.IsWrite).Verb.ShouldBe("get");
        _cluster.ForgetRequests();
        _cluster.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_fault_fails_as_many_requests_as_it_is_for_and_stores_nothing()
    {
        _cluster.FailNext(r => r.Verb == "apply" && r.Key.Name == "one", Away, times: 2);

        (await Should.ThrowAsync<KubeException>(() => ApplyAsync("one", "1"))).ShouldBe(Away);
        await ApplyAsync("two", "1");
        await Should.ThrowAsync<KubeException>(() => ApplyAsync("one", "1"));
        _cluster.ObjectsOf(BuiltIn.ConfigMap).Select(o => o.Meta.Name).ShouldBe(["two"]);

        await ApplyAsync("one", "1");
    }

    [Fact]
    public async Task A_lost_answer_has_its_effect()
    {
        _cluster.LoseAnswer(r => r.IsWrite, Away);

        await Should.ThrowAsync<KubeException>(() => ApplyAsync("one", "1"));

        _cluster.ObjectsOf(BuiltIn.ConfigMap).Single().At("data", "key")!.Value.GetString().ShouldBe("1");
        _cluster.Writes.Single().Outcome.ShouldBe(ClusterOutcome.Changed);
    }

    [Fact]
    public async Task A_request_can_be_held_up_and_cancelled()
    {
        var reached = new TaskCompletionSource();
        _cluster.Before = async (_, cancellation) =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        using var stop = new CancellationTokenSource();

        Task<KubeObject?> read = _cluster.GetAsync(BuiltIn.ConfigMap, Key("one"), stop.Token);
        await reached.Task.WaitAsync(Limit);
        read.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => read.WaitAsync(Limit));
    }

    [Fact]
    public async Task Watches_end_when_they_are_closed_and_go_on_at_the_last_version()
    {
        KubeObject one = await ApplyAsync("one", "1");
        await using IAsyncEnumerator<WatchEvent> watch = Watch(one.Meta.ResourceVersion);
        ValueTask<bool> next = watch.MoveNextAsync();

        _cluster.CloseWatches();
        (await next.AsTask().WaitAsync(Limit)).ShouldBeFalse();

        await ApplyAsync("two", "1");
        await using IAsyncEnumerator<WatchEvent> again = Watch(one.Meta.ResourceVersion);
        (await again.MoveNextAsync().AsTask().WaitAsync(Limit)).ShouldBeTrue();
        again.Current.Object.Meta.Name.ShouldBe("two");
    }

    [Fact]
    public async Task Watches_break_off_with_the_exception_given()
    {
        await using IAsyncEnumerator<WatchEvent> watch = Watch("1");
        ValueTask<bool> next = watch.MoveNextAsync();

        _cluster.CloseWatches(Away);

        (await Should.ThrowAsync<KubeException>(() => next.AsTask().WaitAsync(Limit))).ShouldBe(Away);
    }

    [Fact]
    public async Task A_bookmark_carries_the_version_of_now()
    {
        await using IAsyncEnumerator<WatchEvent> watch = Watch("1");
        ValueTask<bool> next = watch.MoveNextAsync();
        KubeObject other = await _cluster.CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"x","namespace":"ns"}}"""), WriteOptions.Default, None);

        _cluster.SendBookmark(BuiltIn.ConfigMap);

        (await next.AsTask().WaitAsync(Limit)).ShouldBeTrue();
        watch.Current.Kind.ShouldBe(WatchEventKind.Bookmark);
        watch.Current.Object.Meta.ResourceVersion.ShouldBe(other.Meta.ResourceVersion);
        watch.Current.Object.Kind.ShouldBe("ConfigMap");
    }

    [Fact]
    public async Task History_is_bounded_and_who_fell_behind_must_list_anew()
    {
        KubeObject first = await ApplyAsync("one", "0");
        await using IAsyncEnumerator<WatchEvent> slow = Watch(first.Meta.ResourceVersion);
        ValueTask<bool> started = slow.MoveNextAsync();
        await ApplyAsync("one", "1");
        (await started.AsTask().WaitAsync(Limit)).ShouldBeTrue();
        for (int i = 2; i < 100; i++)
            await ApplyAsync("one", $"{i}");

        (await Should.ThrowAsync<KubeException>(() => slow.MoveNextAsync().AsTask())).Error.ShouldBe(KubeError.Expired);
        await using IAsyncEnumerator<WatchEvent> old = Watch(first.Meta.ResourceVersion);
        (await Should.ThrowAsync<KubeException>(() => old.MoveNextAsync().AsTask())).Error.ShouldBe(KubeError.Expired);

        string last = _cluster.ObjectsOf(BuiltIn.ConfigMap).Single().Meta.ResourceVersion;
        await using IAsyncEnumerator<WatchEvent> current = Watch(last);
        await ApplyAsync("one", "100");
        (await current.MoveNextAsync().AsTask().WaitAsync(Limit)).ShouldBeTrue();
        current.Current.Object.At("data", "key")!.Value.GetString().ShouldBe("100");
    }

    [Fact]
    public async Task A_watch_from_zero_begins_with_what_is_there()
    {
        await ApplyAsync("one", "1");
        await using IAsyncEnumerator<WatchEvent> watch = Watch("0");

        (await watch.MoveNextAsync().AsTask().WaitAsync(Limit)).ShouldBeTrue();
        (watch.Current.Kind, watch.Current.Object.Meta.Name).ShouldBe((WatchEventKind.Added, "one"));
    }

    [Fact]
    public async Task Moments_are_those_of_its_clock()
    {
        (await ApplyAsync("one", "1")).Meta.CreationTimestamp.ShouldBe(_time.GetUtcNow());
    }

    [Fact]
    public async Task Writers_and_watchers_on_many_threads_see_one_order()
    {
        var cluster = new InMemoryCluster(_time);
        const int writers = 8;
        const int each = 50;
        using var stop = new CancellationTokenSource();
        Task<List<string>>[] watchers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var seen = new List<string>();
            await foreach (WatchEvent change in cluster.WatchAsync(BuiltIn.ConfigMap, new WatchOptions { ResourceVersion = "1" }, stop.Token))
            {
                seen.Add($"{change.Object.Meta.Name} {change.Object.Meta.ResourceVersion}");
                if (seen.Count == writers * each)
                    break;
            }

            return seen;
        }))];

        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            for (int i = 0; i < each; i++)
                await cluster.CreateAsync(BuiltIn.ConfigMap, Body($"m{w}-{i}", "x"), WriteOptions.Default, None);
        })));

        List<string>[] seen = await Task.WhenAll(watchers).WaitAsync(Limit);
        seen[0].Count.ShouldBe(writers * each);
        seen[0].Distinct().Count().ShouldBe(writers * each);
        seen[1].ShouldBe(seen[0]);
        seen[2].ShouldBe(seen[0]);
    }

    private static ObjectKey Key(string name) => new("ns", name);

    private static JsonObject Body(string name, string value)
    {
        JsonObject body = ConfigMap(name, "key", value);
        body["metadata"]!["namespace"] = "ns";
        return body;
    }

    private Task<KubeObject> ApplyAsync(string name, string value) =>
        _cluster.PatchAsync(BuiltIn.ConfigMap, Key(name), new Patch.Apply(Body(name, value)), new WriteOptions { FieldManager = "me" }, None);

    private IAsyncEnumerator<WatchEvent> Watch(string version) =>
        _cluster.WatchAsync(BuiltIn.ConfigMap, new WatchOptions { ResourceVersion = version }, None).GetAsyncEnumerator(None);
}
