using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Queues;
using Vmcp.Kubernetes.Tests.Support;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Queues;

public sealed class WorkQueueTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger _log = new();
    private readonly ConcurrentQueue<string> _worked = new();
    private readonly CancellationTokenSource _end = new();
    private WorkQueue<string>? _queue;
    private Task _run = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _run.WaitAsync(Eventually.DefaultLimit);
        _end.Dispose();
    }

    [Fact]
    public async Task A_burst_of_adds_is_one_run_a_second_after_the_first()
    {
        Start(_ => WorkResult.Done);
        for (int i = 0; i < 5; i++)
        {
            _queue!.Add("a");
            await Move(TimeSpan.FromMilliseconds(150));
        }

        _worked.ShouldBeEmpty();
        await Move(TimeSpan.FromMilliseconds(300));
        await Eventually.BecomesAsync(() => _worked.Count == 1, "the run");

        await Move(TimeSpan.FromSeconds(10));
        _worked.ShouldBe(["a"]);
        _queue!.Pending.ShouldBe(0);
    }

    [Fact]
    public async Task A_key_is_never_worked_on_twice_at_once_and_again_when_added_meanwhile()
    {
        int at = 0;
        int most = 0;
        SemaphoreSlim go = new(0);
        StartAsync(async (_, token) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref at));
            await go.WaitAsync(token);
            Interlocked.Decrement(ref at);
            return WorkResult.Done;
        });
        _queue!.Add("a");
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == 1, "the first run");

        _queue.Add("a");
        _queue.Add("a");
        await Move(TimeSpan.FromSeconds(10));
        _worked.Count.ShouldBe(1);
        go.Release();
        await Eventually.BecomesAsync(() => _worked.Count == 2, "the second run");
        go.Release();
        await Move(TimeSpan.FromSeconds(10));

        _worked.Count.ShouldBe(2);
        most.ShouldBe(1);
    }

    [Fact]
    public async Task Failures_are_tried_again_later_and_later_up_to_five_minutes_and_success_forgets_them()
    {
        bool works = false;
        Start(_ => works ? WorkResult.Done : new WorkResult.Failed("no luck"));
        _queue!.Add("a");
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == 1, "the first run");
        List<double> waits = [];
        for (int i = 1; i <= 12; i++)
        {
            int runs = i;
            TimeSpan step = TimeSpan.FromSeconds(Math.Max(0.1, Math.Pow(2, Math.Min(i, 9)) / 20));
            waits.Add((await _time.AdvanceUntilAsync(step, () => _worked.Count > runs, $"run {i + 1}")).TotalSeconds);
        }

        for (int i = 0; i < waits.Count; i++)
        {
            double full = Math.Min(300, Math.Pow(2, i));
            waits[i].ShouldBeInRange(Math.Max(0.9, full / 2 * 0.9), Math.Max(3, full * 1.9), $"wait {i}");
        }

        waits[^1].ShouldBeGreaterThan(140);
        _log.Of(4020)[2].ShouldStartWith("test a: attempt 3 failed, next in ");
        _log.Of(4020)[2].ShouldEndWith("no luck");

        works = true;
        await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => _queue.Pending == 0 && _queue.Running == 0, "success");
        works = false;
        int before = _worked.Count;
        _queue.Add("a");
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == before + 1, "a run");
        (await _time.AdvanceUntilAsync(Step, () => _worked.Count == before + 2, "its retry")).ShouldBeLessThan(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_change_during_a_long_backoff_is_worked_on_soon()
    {
        Start(_ => new WorkResult.Failed("no luck") { NotBefore = TimeSpan.FromMinutes(10) });
        _queue!.Add("a");
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == 1, "the first run");
        await Move(TimeSpan.FromMinutes(5));
        _worked.Count.ShouldBe(1);

        _queue.Add("a");

        (await _time.AdvanceUntilAsync(Step, () => _worked.Count == 2, "the second run")).ShouldBeLessThan(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task What_the_work_throws_is_a_failure_and_the_server_s_wish_counts()
    {
        int run = 0;
        Start(_ => ++run switch
        {
            1 => throw new InvalidOperationException("bug"),
            2 => throw new KubeException(KubeError.TooManyRequests, "slow") { RetryAfter = TimeSpan.FromSeconds(30) },
            _ => WorkResult.Done,
        });
        _queue!.Add("a");
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == 2, "two runs");
        (await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => _worked.Count == 3, "the third")).ShouldBeInRange(TimeSpan.FromSeconds(29), TimeSpan.FromSeconds(35));

        _log.Of(4021).ShouldHaveSingleItem();
        _log.Of(4020).ShouldHaveSingleItem().ShouldContain("slow");
    }

    [Fact]
    public async Task A_requeue_comes_when_asked_for_but_never_hotter_than_once_a_second()
    {
        int run = 0;
        Start(_ => ++run == 1 ? new WorkResult.Requeue(TimeSpan.FromSeconds(40)) : new WorkResult.Requeue(TimeSpan.Zero));
        _queue!.Add("a");
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == 1, "the first run");

        (await _time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => _worked.Count == 2, "the second")).ShouldBeInRange(TimeSpan.FromSeconds(39), TimeSpan.FromSeconds(45));
        int before = _worked.Count;
        await Move(TimeSpan.FromSeconds(5));
        (_worked.Count - before).ShouldBeLessThanOrEqualTo(6);
    }

    [Fact]
    public async Task The_earliest_of_several_times_counts()
    {
        Start(_ => WorkResult.Done);
        _queue!.AddAfter("a", TimeSpan.FromHours(1));
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromMinutes(1));

        (await _time.AdvanceUntilAsync(Step, () => _worked.Count == 1, "the run")).ShouldBeInRange(TimeSpan.FromSeconds(4.9), TimeSpan.FromSeconds(8));
        await Move(TimeSpan.FromHours(2));
        _worked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task No_more_keys_than_allowed_are_worked_on_at_once_and_the_rest_is_the_depth()
    {
        SemaphoreSlim go = new(0);
        StartAsync(
            async (_, token) =>
            {
                await go.WaitAsync(token);
                return WorkResult.Done;
            },
            concurrency: 2);
        foreach (string key in (string[])["a", "b", "c", "d", "e"])
            _queue!.Add(key);
        _queue!.Depth.ShouldBe(0);
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == 2, "two runs");
        await Move(TimeSpan.FromSeconds(5));

        _worked.Count.ShouldBe(2);
        _queue.Running.ShouldBe(2);
        _queue.Depth.ShouldBe(3);
        go.Release(5);
        await Eventually.BecomesAsync(() => _worked.Count == 5, "all runs");
        _worked.Order().ShouldBe(["a", "b", "c", "d", "e"]);
    }

    [Fact]
    public async Task At_the_end_the_work_sees_it_and_is_waited_for_and_nothing_new_begins()
    {
        TaskCompletionSource mayEnd = new();
        bool saw = false;
        StartAsync(async (_, token) =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            catch (OperationCanceledException)
            {
                saw = true;
            }

            await mayEnd.Task;
            return WorkResult.Done;
        });
        _queue!.Add("a");
        await _time.AdvanceUntilAsync(Step, () => _worked.Count == 1, "the run");
        _queue.Add("b");

        await _end.CancelAsync();
        await Eventually.BecomesAsync(() => saw, "the work sees it");
        _run.IsCompleted.ShouldBeFalse();
        mayEnd.SetResult();
        await _run.WaitAsync(Eventually.DefaultLimit);
        await Move(TimeSpan.FromSeconds(5));

        _worked.ShouldBe(["a"]);
    }

    [Fact]
    public async Task Many_keys_added_from_many_threads_are_all_worked_on()
    {
        ConcurrentDictionary<string, int> busy = new();
        bool twice = false;
        _queue = new WorkQueue<string>(
            new WorkQueueOptions { Debounce = TimeSpan.FromMilliseconds(1), MinInterval = TimeSpan.Zero, Concurrency = 8 }, TimeProvider.System, _log);
        ConcurrentDictionary<string, int> last = new();
        ConcurrentDictionary<string, int> wanted = new();
        _run = _queue.RunAsync(
            async (key, _) =>
            {
                twice |= !busy.TryAdd(key, 1);
                last[key] = wanted[key];
                await Task.Yield();
                busy.TryRemove(key, out int _);
                return WorkResult.Done;
            },
            _end.Token);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                string key = $"k{((i * 7) + thread) % 50}";
                wanted.AddOrUpdate(key, 1, (_, n) => n + 1);
                _queue.Add(key);
            }
        })));

        await Eventually.BecomesAsync(() => wanted.All(w => last.GetValueOrDefault(w.Key) == w.Value) && _queue.Pending == 0, "the last state of each key is seen");
        twice.ShouldBeFalse();
    }

    [Fact]
    public async Task The_hooks_are_called_and_their_bugs_do_no_harm()
    {
        List<string> ended = [];
        _queue = new WorkQueue<string>(
            new WorkQueueOptions { OnStart = _ => throw new InvalidOperationException("bug"), OnEnd = (r, _) => ended.Add(r.GetType().Name) }, _time, _log);
        _run = _queue.RunAsync((_, _) => Task.FromResult<WorkResult>(new WorkResult.Requeue(TimeSpan.FromHours(1))), _end.Token);
        _queue.Add("a");

        await _time.AdvanceUntilAsync(Step, () => ended.Count == 1, "the end");
        ended.ShouldBe(["Requeue"]);
        _log.Of(4022).ShouldHaveSingleItem();
    }

    private void Start(Func<string, WorkResult> work) => StartAsync((key, _) => Task.FromResult(work(key)));

    private void StartAsync(Func<string, CancellationToken, Task<WorkResult>> work, int concurrency = 4)
    {
        _queue = new WorkQueue<string>(new WorkQueueOptions { Name = "test", Concurrency = concurrency }, _time, _log);
        _run = _queue.RunAsync(
            (key, token) =>
            {
                _worked.Enqueue(key);
                return work(key, token);
            },
            _end.Token);
    }

    private async Task Move(TimeSpan by)
    {
        await Clock.SettleAsync();
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(by / 10);
            await Clock.SettleAsync();
        }
    }
}
