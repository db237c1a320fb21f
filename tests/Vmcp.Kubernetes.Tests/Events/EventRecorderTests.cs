using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Events;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Tests.Support;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Events;

public sealed class EventRecorderTests : IAsyncDisposable
{
    private static readonly EventSubject Subject = new("toolhive.stacklok.dev/v1alpha1", "VirtualMCPServer", new ObjectKey("team-a", "tools"), "uid-1");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly ListLogger _log = new();
    private readonly ScriptedCluster _cluster = new();
    private readonly ConcurrentQueue<(string Verb, ObjectKey Key, JsonObject Body)> _written = new();
    private readonly CancellationTokenSource _end = new();
    private readonly EventRecorder _recorder;
    private Task _run = Task.CompletedTask;

    public EventRecorderTests()
    {
        _cluster.OnWrite = Take;
        _recorder = new EventRecorder(_cluster, "operator-0", _time, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _run.WaitAsync(Eventually.DefaultLimit);
        _end.Dispose();
    }

    [Fact]
    public async Task An_event_carries_all_the_server_asks_for()
    {
        Start();
        Record("It is ready.");
        await WrittenAsync(1);

        (string verb, ObjectKey key, JsonObject body) = _written.Single();
        verb.ShouldBe("create");
        key.Namespace.ShouldBe("team-a");
        key.Name.ShouldStartWith("tools.");
        body.Remove("metadata");
        body.ToJsonString().ShouldBe(
            """{"apiVersion":"events.k8s.io/v1","kind":"Event","eventTime":"2026-01-31T12:00:00.000000Z","type":"Normal","reason":"Ready","action":"Reconcile","note":"It is ready.","regarding":{"apiVersion":"toolhive.stacklok.dev/v1alpha1","kind":"VirtualMCPServer","namespace":"team-a","name":"tools","uid":"uid-1"},"reportingController":"vmcp-operator","reportingInstance":"operator-0"}""");
    }

    [Fact]
    public async Task The_same_again_is_counted_and_written_at_most_every_six_minutes()
    {
        Start();
        Record("It is ready.");
        await WrittenAsync(1);
        for (int minute = 1; minute <= 12; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            Record("It is ready.");
            await Clock.SettleAsync();
        }

        await WrittenAsync(3);
        _written.Select(w => w.Verb).ShouldBe(["create", "patch", "patch"]);
        _written.Select(w => w.Key).Distinct().ShouldHaveSingleItem();
        _written.Select(w => w.Body["series"]?["count"]?.GetValue<int>()).ShouldBe([null, 7, 13]);
        _written.Last().Body["series"]!["lastObservedTime"]!.GetValue<string>().ShouldBe("2026-01-31T12:12:00.000000Z");
    }

    [Fact]
    public async Task Another_note_reason_or_object_is_another_event()
    {
        Start();
        Record("It is ready.");
        Record("It is readier.");
        _recorder.Record(Subject, EventLevel.Normal, "Other", "Reconcile", "It is ready.");
        _recorder.Record(Subject with { Uid = "uid-2" }, EventLevel.Warning, "Ready", "Reconcile", "It is ready.");

        await WrittenAsync(4);
        _written.Select(w => w.Key).Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public async Task What_stopped_gets_its_last_count_and_begins_anew_after_ten_minutes()
    {
        Start();
        Record("It is ready.");
        await WrittenAsync(1);
        _time.Advance(TimeSpan.FromMinutes(2));
        Record("It is ready.");

        await _time.AdvanceUntilAsync(TimeSpan.FromMinutes(1), () => _written.Count == 2, "the last count");
        _written.Last().Body["series"]!["count"]!.GetValue<int>().ShouldBe(2);
        Record("It is ready.");

        await WrittenAsync(3);
        _written.Last().Verb.ShouldBe("create");
    }

    [Fact]
    public async Task An_event_the_server_forgot_is_told_anew()
    {
        Start();
        Record("It is ready.");
        await WrittenAsync(1);
        _cluster.OnWrite = (verb, key, body) => verb == "patch" ? throw new KubeException(KubeError.NotFound, "gone") : Take(verb, key, body);
        _time.Advance(TimeSpan.FromMinutes(7));
        Record("It is ready.");

        await WrittenAsync(2);
        _written.Last().Verb.ShouldBe("create");
        _written.Last().Body["series"]!["count"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task A_server_in_trouble_is_tried_again_and_one_that_refuses_is_not()
    {
        int tries = 0;
        _cluster.OnWrite = (verb, key, body) => ++tries <= 2 ? throw new KubeException(KubeError.ServerError, "trouble") : Take(verb, key, body);
        Start();
        Record("It is ready.");
        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), () => _written.Count == 1, "the event");

        _cluster.OnWrite = (verb, key, body) => body["note"]!.GetValue<string>() == "One." ? throw new KubeException(KubeError.Forbidden, "namespace goes") : Take(verb, key, body);
        Record("One.");
        Record("Two.");
        await WrittenAsync(2);
        _log.Of(4041).ShouldHaveSingleItem().ShouldContain("namespace goes");
    }

    [Fact]
    public async Task Too_many_are_dropped_and_counted_and_recording_never_waits()
    {
        for (int i = 0; i < 1500; i++)
            Record($"Note {i}.");

        _recorder.Dropped.ShouldBe(500);
        Start();
        await WrittenAsync(1000);
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(20), () => _log.Of(4040).Length == 1, "the log");
        _log.Of(4040).Single().ShouldStartWith("500 events were dropped");
    }

    [Fact]
    public async Task At_the_end_what_is_left_is_written()
    {
        await _end.CancelAsync();
        Record("It stops.");
        Start();

        await _run.WaitAsync(Eventually.DefaultLimit);
        _written.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task At_the_end_a_hanging_server_is_not_waited_for_longer_than_two_seconds()
    {
        _cluster.OnWrite = (_, _, _) => throw new KubeException(KubeError.ServerError, "trouble") { RetryAfter = TimeSpan.FromHours(1) };
        Start();
        Record("It stops.");
        await Clock.SettleAsync();
        await _end.CancelAsync();
        Record("It stopped.");

        await _time.AdvanceUntilAsync(TimeSpan.FromMilliseconds(500), () => _run.IsCompleted, "the end");
    }

    [Fact]
    public void A_long_note_is_cut_between_characters_to_the_bytes_allowed()
    {
        string cut = EventRecorder.Cut(string.Concat(Enumerable.Repeat("äß€😀", 200)), 1024);

        Encoding.UTF8.GetByteCount(cut).ShouldBeInRange(1018, 1024);
        cut.ShouldEndWith("...");
        cut.ShouldNotContain('\uFFFD');
        EventRecorder.Cut("short", 1024).ShouldBe("short");
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        EventBook book = new(100);
        for (int i = 0; i < 1000; i++)
            book.Happened(new EventIdentity(Subject, EventLevel.Normal, "Ready", "Reconcile", $"{i}"), _time.GetUtcNow());

        book.Count.ShouldBe(100);
        book.Sweep(_time.GetUtcNow().AddMinutes(10));
        book.Count.ShouldBe(0);
    }

    private void Start() => _run = _recorder.RunAsync(_end.Token);

    private void Record(string note) => _recorder.Record(Subject, EventLevel.Normal, "Ready", "Reconcile", note);

    private Task WrittenAsync(int count) => Eventually.BecomesAsync(() => _written.Count == count, $"{count} writes");

    private KubeObject Take(string verb, ObjectKey key, JsonNode body)
    {
        _written.Enqueue((verb, key, (JsonObject)body.DeepClone()));
        return KubeObject.From(new JsonObject { ["metadata"] = new JsonObject() });
    }
}
