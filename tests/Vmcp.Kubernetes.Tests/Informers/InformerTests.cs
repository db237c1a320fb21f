using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Tests.Support;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Informers;

public sealed class InformerTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger _log = new();
    private readonly ScriptedCluster _cluster = new();
    private readonly List<string> _told = [];
    private readonly CancellationTokenSource _end = new();
    private Informer<string>? _informer;
    private Task _run = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _run.WaitAsync(Eventually.DefaultLimit);
        _end.Dispose();
    }

    [Fact]
    public async Task The_first_list_is_told_and_then_every_change()
    {
        _cluster.List("7", Map("a", "1"), Map("b", "2"));
        ScriptedWatch watch = _cluster.Watch();
        Start();
        await _informer!.WhenSyncedAsync(CancellationToken.None).WaitAsync(Eventually.DefaultLimit);

        watch.Send(WatchEventKind.Added, Map("c", "8")).Send(WatchEventKind.Modified, Map("a", "9", "2")).Send(WatchEventKind.Deleted, Map("b", "10"))
            .Send(WatchEventKind.Deleted, Map("never-known", "11"));

        await ToldAsync("a: - > 1", "b: - > 1", "c: - > 1", "a: 1 > 2", "b: 1 > -");
        _informer.Snapshot.Keys.Select(k => k.Name).Order().ShouldBe(["a", "c"]);
        _informer.Synced.ShouldBeTrue();
        _informer.Health.LastError.ShouldBeNull();
    }

    [Fact]
    public async Task Pages_are_one_list_and_nothing_is_known_before_the_last()
    {
        _cluster.List(_ => new ObjectPage([Map("a", "1")], "7", "t1"));
        _cluster.List(o =>
        {
            _informer!.Snapshot.ShouldBeEmpty();
            _informer.Synced.ShouldBeFalse();
            return new ObjectPage([Map("b", "2")], "7", null);
        });
        Start();

        await ToldAsync("a: - > 1", "b: - > 1");
        _cluster.Asked[..2].ShouldBe(["list", "list continue=t1"]);
    }

    [Fact]
    public async Task A_page_token_that_expires_begins_the_list_anew()
    {
        _cluster.List(_ => new ObjectPage([Map("a", "1")], "7", "t1")).Fail(KubeError.Expired).List("8", Map("b", "2"));
        Start();

        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => _informer!.Synced, "synced");

        _told.ShouldBe(["b: - > 1"]);
        _cluster.Asked[..3].ShouldBe(["list", "list continue=t1", "list"]);
    }

    [Fact]
    public async Task A_watch_the_server_ends_is_resumed_at_the_last_version_a_bookmark_s_too()
    {
        _cluster.List("7");
        ScriptedWatch first = _cluster.Watch();
        ScriptedWatch second = _cluster.Watch();
        Start();

        first.Send(WatchEventKind.Added, Map("a", "8")).End();
        await Eventually.BecomesAsync(() => _cluster.Asked.Contains("watch 8"), "the second watch");
        second.Send(WatchEventKind.Bookmark, Map("", "20")).End();

        await Eventually.BecomesAsync(() => _cluster.Asked.Contains("watch 20"), "the third watch");
        _cluster.Asked.ShouldBe(["list", "watch 7", "watch 8", "watch 20"]);
        _log.Of(4011).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_watch_that_ends_at_once_without_news_is_not_asked_for_in_a_hot_loop()
    {
        _cluster.List("7");
        for (int i = 0; i < 5; i++)
            _cluster.Watch().End();
        Start();
        await Clock.SettleAsync();
        await Clock.SettleAsync();

        _cluster.Asked.Count(a => a == "watch 7").ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_watch_that_breaks_is_resumed_after_a_wait_without_a_list()
    {
        _cluster.List("7", Map("a", "1"));
        ScriptedWatch first = _cluster.Watch();
        ScriptedWatch second = _cluster.Watch();
        Start();
        first.Send(WatchEventKind.Modified, Map("a", "8", "2")).Fail(KubeError.Unreachable);
        await Eventually.BecomesAsync(() => _informer!.Health.LastError == "scripted Unreachable", "the error");
        _cluster.Asked.Length.ShouldBe(2);

        TimeSpan waited = await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => _cluster.Asked.Length == 3, "the second watch");
        second.Send(WatchEventKind.Modified, Map("a", "9", "3"));

        await ToldAsync("a: - > 1", "a: 1 > 2", "a: 2 > 3");
        waited.ShouldBeInRange(TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(1.5));
        _cluster.Asked.ShouldBe(["list", "watch 7", "watch 8"]);
        _informer!.Health.LastError.ShouldBeNull();
    }

    [Fact]
    public async Task An_expired_version_is_listed_anew_and_missed_changes_and_deletes_are_told()
    {
        _cluster.List("7", Map("a", "1"), Map("b", "2"), Map("c", "3")).List("20", Map("a", "9", "2"), Map("c", "15", "2"), Map("d", "16"));
        _cluster.Watch().Send(WatchEventKind.Added, Map("e", "8")).Send(WatchEventKind.Modified, Map("a", "9", "2")).Fail(KubeError.Expired);
        Start();

        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => _cluster.Asked.Length == 4, "the second watch");

        _told[3..5].ShouldBe(["e: - > 1", "a: 1 > 2"]);
        _told[5..].Order().ShouldBe(["b: 1 > -", "c: 1 > 2", "d: - > 1", "e: 1 > -"]);
        _cluster.Asked.ShouldBe(["list", "watch 7", "list", "watch 20"]);
    }

    [Fact]
    public async Task Waits_grow_to_half_a_minute_and_shrink_after_success()
    {
        for (int i = 0; i < 12; i++)
            _cluster.Fail(KubeError.ServerError);
        _cluster.List("7");
        ScriptedWatch watch = _cluster.Watch();
        Start();
        List<TimeSpan> waits = [];
        for (int i = 1; i <= 12; i++)
        {
            int asked = i;
            waits.Add(await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(i < 4 ? 100 : 500), () => _cluster.Asked.Length > asked, $"list {i + 1}"));
        }

        waits[0].ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(2));
        waits[^1].ShouldBeInRange(TimeSpan.FromSeconds(14.5), TimeSpan.FromSeconds(34));
        waits.ShouldAllBe(w => w <= TimeSpan.FromSeconds(34));
        await Eventually.BecomesAsync(() => _cluster.Asked[^1] == "watch 7", "the watch");
        watch.Send(WatchEventKind.Added, Map("a", "8")).Fail(KubeError.Unreachable);
        (await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => _cluster.Asked[^1] == "watch 8", "the next watch"))
            .ShouldBeLessThan(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task The_server_s_wish_to_wait_is_obeyed()
    {
        _cluster.Fail(KubeError.TooManyRequests, TimeSpan.FromSeconds(20)).List("7");
        Start();

        TimeSpan waited = await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), () => _informer!.Synced, "synced");

        waited.ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task Pages_too_large_to_take_are_asked_for_smaller()
    {
        List<int?> limits = [];
        for (int i = 0; i < 8; i++)
        {
            _cluster.List(o =>
            {
                limits.Add(o.Limit);
                return o.Limit > 20 ? throw new KubeException(KubeError.Other, "too large") : new ObjectPage([Map("a", "1")], "7", null);
            });
        }

        Start();
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(500), () => _informer!.Synced, "synced");

        limits.ShouldBe([500, 250, 125, 62, 31, 15]);
    }

    [Fact]
    public async Task A_version_the_server_keeps_refusing_is_given_up_for_a_list()
    {
        _cluster.List("7");
        for (int i = 0; i < 3; i++)
            _cluster.Watch().Fail(KubeError.ServerError);
        Start();

        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), () => _cluster.Asked.Count(a => a == "list") == 2, "a second list");

        _cluster.Asked.Count(a => a == "watch 7").ShouldBeInRange(3, 4);
    }

    [Fact]
    public async Task An_object_that_is_not_understood_keeps_its_last_good_value_and_is_logged_once_a_version()
    {
        _cluster.List("7", Map("a", "1", "good"), Map("b", "2", "bad")).List("20", Map("a", "8", "bad"), Map("b", "2", "bad"));
        ScriptedWatch watch = _cluster.Watch();
        ScriptedWatch afterwards = _cluster.Watch();
        Start();
        watch.Send(WatchEventKind.Modified, Map("a", "8", "bad")).Fail(KubeError.Expired);
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => _cluster.Asked.Length == 4, "the second watch");

        _informer!.Snapshot.ShouldHaveSingleItem().Value.ShouldBe("good");
        _log.Of(4013).Length.ShouldBe(2);
        _log.Of(4013)[0].ShouldContain("ConfigMap a/b at version 2 is not understood, it is left out");
        _log.Of(4013)[1].ShouldContain("ConfigMap a/a at version 8 is not understood, the last good one is kept");

        afterwards.Send(WatchEventKind.Modified, Map("b", "21", "fine")).Send(WatchEventKind.Deleted, Map("a", "22", "bad"));
        await ToldAsync("a: - > good", "b: - > fine", "a: good > -");
    }

    [Fact]
    public async Task An_object_replaced_by_one_not_understood_is_gone()
    {
        _cluster.List("7", Map("a", "1", "good"));
        _cluster.Watch().Send(WatchEventKind.Modified, ScriptedCluster.Map("a", "8", "bad", uid: "another"));
        Start();

        await ToldAsync("a: - > good", "a: good > -");
        _informer!.Snapshot.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_about_an_object_never_quotes_it()
    {
        _cluster.List("7", Map("a", "1", "hush"));
        Start(o => JsonSerializer.Deserialize<JsonElement>($"{{\"x\":{o.At("data", "value")!.Value.GetString()}}}").GetRawText());
        await Eventually.BecomesAsync(() => _log.Of(4013).Length == 1, "the log");

        _log.Of(4013)[0].ShouldNotContain("hush");
    }

    [Fact]
    public async Task A_handler_that_throws_stops_neither_the_others_nor_the_picture()
    {
        _cluster.List("7", Map("a", "1"));
        ScriptedWatch watch = _cluster.Watch();
        _informer = Informer(Value);
        _informer.OnChange(_ => throw new InvalidOperationException("bug"));
        Start();
        watch.Send(WatchEventKind.Modified, Map("a", "8", "2"));

        await ToldAsync("a: - > 1", "a: 1 > 2");
        _log.Of(4014).Length.ShouldBe(2);
    }

    private static KubeObject Map(string name, string version, string value = "1") => ScriptedCluster.Map(name, version, value);

    private static string Value(KubeObject o) =>
        o.At("data", "value")?.GetString() is { } value && value != "bad" ? value : throw new FormatException("bad value");

    private Informer<string> Informer(Func<KubeObject, string> convert) =>
        new(_cluster, BuiltIn.ConfigMap, new Selection { Namespace = "a" }, convert, _time, _log);

    private void Start(Func<KubeObject, string>? convert = null)
    {
        _informer ??= Informer(convert ?? Value);
        _informer.OnChange(c =>
        {
            lock (_told)
                _told.Add($"{c.Key.Name}: {c.Old ?? "-"} > {c.New ?? "-"}");
        });
        _run = _informer.RunAsync(_end.Token);
    }

    private Task<string> ToldAsync(params string[] told) => Eventually.ReadsAsync(
        () =>
        {
            lock (_told)
                return Task.FromResult(string.Join(", ", _told));
        },
        t => t == string.Join(", ", told),
        "changes told");
}
