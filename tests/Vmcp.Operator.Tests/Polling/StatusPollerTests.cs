using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Polling;
using Vmcp.Operator.Tests.Worlds;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Polling;

public sealed class StatusPollerTests : IDisposable
{
    private static readonly ObjectKey Hub = new("demo", "hub");
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedPods _pods = new();
    private readonly List<ObjectKey> _woken = [];
    private readonly HttpClient _http;
    private readonly StatusPoller _poller;

    public StatusPollerTests()
    {
        _http = new HttpClient(_pods);
        _poller = new StatusPoller(_http, pod => new Uri($"http://{pod.Name}/status"), _woken.Add, _time, NullLogger<StatusPoller>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _pods.Dispose();
    }

    [Theory]
    [InlineData("healthy", "ready")]
    [InlineData("degraded", "degraded")]
    [InlineData("unhealthy", "unavailable")]
    [InlineData("unauthenticated", "unauthenticated")]
    [InlineData("unknown", "unknown")]
    [InlineData("new word", "unknown")]
    public async Task Words_of_the_endpoint_become_words_of_the_resource(string health, string status)
    {
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", health)));
        Track("a");
        await RoundAsync();
        Observed().ShouldHaveSingleItem().Status.ShouldBe(status);
    }

    [Fact]
    public async Task The_worst_replica_wins_for_each_backend()
    {
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy"), ScriptedPods.Backend("beta", "unhealthy", 3, "timeout")));
        _pods.Answers("b", ScriptedPods.Status(ScriptedPods.Backend("alpha", "degraded", 1), ScriptedPods.Backend("beta", "healthy")));
        Track("a", "b");
        await RoundAsync();
        Observed().Select(b => $"{b.Name}={b.Status}/{b.ConsecutiveFailures}").ShouldBe(["alpha=degraded/1", "beta=unavailable/3"]);
    }

    [Fact]
    public async Task It_wakes_the_server_only_when_something_changed()
    {
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")));
        Track("a");
        await RoundAsync();
        await RoundAsync();
        await RoundAsync();
        _woken.ShouldBe([Hub]);
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "unhealthy", 1)));
        await RoundAsync();
        _woken.ShouldBe([Hub, Hub]);
    }

    [Fact]
    public async Task A_pod_that_does_not_answer_is_no_outage_of_the_backends()
    {
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")));
        _pods.Refuses("b");
        Track("a", "b");
        for (int i = 0; i < 5; i++)
            await RoundAsync();
        Observed().ShouldHaveSingleItem().Status.ShouldBe("ready");
    }

    [Fact]
    public async Task When_no_pod_answers_for_three_rounds_nothing_is_known()
    {
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")));
        Track("a");
        await RoundAsync();
        _pods.Refuses("a");
        await RoundAsync();
        await RoundAsync();
        Observed().Single().Status.ShouldBe("ready");
        await RoundAsync();
        Observed().Single().Status.ShouldBe("unknown");
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")));
        await RoundAsync();
        Observed().Single().Status.ShouldBe("ready");
    }

    [Fact]
    public async Task A_silent_pod_is_given_three_seconds_and_holds_up_nobody_else()
    {
        _pods.Silent("a");
        _pods.Answers("b", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")));
        Track("a", "b");
        Task round = RoundAsync();
        await Until(() => _pods.Requests == 2);
        round.IsCompleted.ShouldBeFalse();
        _time.Advance(StatusPoller.Timeout);
        await round.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Observed().ShouldHaveSingleItem().Status.ShouldBe("ready");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""{"backends":[{"health":"healthy"}]}""")]
    [InlineData("[]")]
    [InlineData("""{"backends":[{"name":"\ud800"}]}""")]
    public async Task An_answer_that_is_no_status_counts_as_silence(string body)
    {
        _pods.Answers("a", body);
        Track("a");
        await RoundAsync();
        Observed().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"consecutive_failures\":\"3\"")]
    [InlineData("\"consecutive_failures\":{}")]
    [InlineData("\"breaker\":[]")]
    [InlineData("\"breaker\":{\"state\":\"half_open\",\"last_changed\":7}")]
    public async Task A_member_of_an_odd_form_is_left_out(string member)
    {
        _pods.Answers("a", $"{{\"backends\":[{{\"name\":\"alpha\",\"health\":\"healthy\",{member}}}]}}");
        Track("a");
        await RoundAsync();
        Observed().ShouldHaveSingleItem().ShouldBe(Seen("ready", null));
    }

    [Fact]
    public async Task A_word_without_end_does_not_get_into_the_status()
    {
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "unhealthy", 1, new string('x', 100_000))));
        Track("a");
        await RoundAsync();
        Observed().ShouldHaveSingleItem().Message.ShouldBeNull();
    }

    [Fact]
    public async Task Whatever_happens_with_one_pod_the_others_are_asked()
    {
        _pods.Fails("a", new InvalidOperationException("something nobody thought of"));
        _pods.Answers("b", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")));
        Track("a", "b");
        await RoundAsync();
        Observed().ShouldHaveSingleItem().Status.ShouldBe("ready");
    }

    [Fact]
    public async Task Nothing_is_heard_before_a_pod_answered_or_all_were_silent_for_three_rounds()
    {
        _pods.Refuses("a");
        Track("a");
        _poller.Heard(Hub).ShouldBeNull();
        await RoundAsync();
        await RoundAsync();
        _poller.Heard(Hub).ShouldBeNull();
        _woken.ShouldBeEmpty();
        await RoundAsync();
        _poller.Heard(Hub).ShouldNotBeNull().ShouldBeEmpty();
        _woken.ShouldBe([Hub]);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_off()
    {
        _pods.Answers("a", new string(' ', 5 * 1024 * 1024) + ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")));
        Track("a");
        await RoundAsync();
        Observed().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_error_page_is_no_status()
    {
        _pods.Answers("a", ScriptedPods.Status(ScriptedPods.Backend("alpha", "healthy")), HttpStatusCode.InternalServerError);
        Track("a");
        await RoundAsync();
        Observed().ShouldBeEmpty();
    }

    [Fact]
    public async Task It_asks_every_ten_seconds_and_at_once_when_the_pods_change()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task running = _poller.RunAsync(stop.Token);
        Track("a");
        await Until(() => _pods.Requests == 1);
        Track("a");
        _time.Advance(StatusPoller.Interval);
        await Until(() => _pods.Requests == 2);
        Track("a", "b");
        await Until(() => _pods.Requests == 4);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(20), Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_server_no_longer_tracked_is_not_asked()
    {
        Track("a");
        _poller.Untrack(Hub);
        await RoundAsync();
        _pods.Requests.ShouldBe(0);
        Observed().ShouldBeEmpty();
    }

    [Fact]
    public void The_order_of_the_replicas_does_not_matter()
    {
        ImmutableArray<ObservedBackend> one = [Seen("unavailable", "b")], two = [Seen("unavailable", "a")], three = [Seen("ready", null)];
        ReplicaMerge.Worst([one, two, three]).ShouldBe(ReplicaMerge.Worst([three, two, one]));
    }

    private static ObservedBackend Seen(string status, string? message) => new() { Name = "alpha", Status = status, Message = message };

    private ImmutableArray<ObservedBackend> Observed() => _poller.Heard(Hub) ?? [];

    private void Track(params string[] pods) => _poller.Track(Hub, [.. pods.Select(p => new PodTarget(p, "uid-" + p, "10.0.0.1"))]);

    private Task RoundAsync() => _poller.RoundAsync(all: true, Token);

    private static async Task Until(Func<bool> holds)
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow.AddSeconds(20);
        while (!holds())
        {
            if (DateTimeOffset.UtcNow > limit)
                throw new TimeoutException();
            await Task.Delay(5, Token);
        }
    }
}
