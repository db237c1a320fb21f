using Microsoft.Extensions.Logging;

namespace Vmcp.Kubernetes.Queues;

/// <summary>Keys that wait to be worked on: each at most once at a time, together when they come in a burst, later and later when they fail.</summary>
/// <param name="options">How.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failures are told.</param>
public sealed class WorkQueue<TKey>(WorkQueueOptions options, TimeProvider time, ILogger logger)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly SortedSet<Entry> _waiting = new(Order);
    private readonly long _origin = time.GetTimestamp();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sequence;
    private int _running;

    private static Comparer<Entry> Order { get; } = Comparer<Entry>.Create(
        (a, b) => a.Due!.Value.CompareTo(b.Due!.Value) is var byTime and not 0 ? byTime : a.Sequence.CompareTo(b.Sequence));

    /// <summary>Keys whose time has come and which wait for a worker.</summary>
    public int Depth
    {
        get
        {
            lock (_lock)
                return _waiting.TakeWhile(e => e.Due <= Now).Count();
        }
    }

    /// <summary>Keys that wait for anything: their time or a worker.</summary>
    public int Pending
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>Keys worked on now.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
                return _running;
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Asks for work on a key, soon. A key that is being worked on is worked on again after.</summary>
    public void Add(TKey key) => AddAfter(key, options.Debounce);

    /// <summary>Asks for work on a key after a while; the earliest of several askings counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_lock)
        {
            Entry entry = EntryOf(key);
            TimeSpan due = Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
            if (entry.LastStart is { } started && due < started + options.MinInterval)
                due = started + options.MinInterval;
            Schedule(entry, due);
        }
    }

    /// <summary>
    /// Works until cancelled; then no key is begun any more, workers see the cancelled token, and this returns when the last one ended.
    /// </summary>
    /// <param name="worker">The work on a key; what it throws counts as a failure.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<TKey, CancellationToken, Task<WorkResult>> worker, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(worker);
        HashSet<Task> works = [];
        while (!cancellationToken.IsCancellationRequested)
        {
            (Entry? next, TimeSpan? wait, Task news) = Take();
            if (next is not null)
            {
                works.RemoveWhere(t => t.IsCompleted);
                // Off this loop at once: a worker may not yield before it has done much.
                works.Add(Task.Run(() => WorkAsync(next, worker, cancellationToken), CancellationToken.None));
                continue;
            }

            await WaitAsync(news, wait, cancellationToken).ConfigureAwait(false);
        }

        await Task.WhenAll(works).ConfigureAwait(false);
    }

    /// <summary>A key to begin now, or until when there is none.</summary>
    private (Entry? Next, TimeSpan? Wait, Task News) Take()
    {
        lock (_lock)
        {
            if (_news.Task.IsCompleted)
                _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // A running key waits in its entry; it is put into the line when its work ends.
            if (_running >= options.Concurrency || _waiting.Min is not { } first)
                return (null, null, _news.Task);
            TimeSpan now = Now;
            if (first.Due!.Value > now)
                return (null, first.Due.Value - now, _news.Task);
            _waiting.Remove(first);
            first.Waited = now - first.Due.Value;
            first.Due = null;
            first.LastStart = now;
            first.Busy = true;
            _running++;
            return (first, null, _news.Task);
        }
    }

    private async Task WorkAsync(Entry entry, Func<TKey, CancellationToken, Task<WorkResult>> worker, CancellationToken cancellationToken)
    {
        Hook(() => options.OnStart?.Invoke(entry.Waited));
        long begun = time.GetTimestamp();
        WorkResult result;
        Exception? thrown = null;
        try
        {
            result = await worker(entry.Key, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = WorkResult.Done;
        }
#pragma warning disable CA1031 // Whatever the work throws, the queue goes on, and the key is tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            thrown = e;
            result = new WorkResult.Failed($"{e.GetType().Name}: {e.Message}") { NotBefore = (e as Api.KubeException)?.RetryAfter };
        }

        Finish(entry, result, thrown);
        Hook(() => options.OnEnd?.Invoke(result, time.GetElapsedTime(begun)));
    }

    private void Finish(Entry entry, WorkResult result, Exception? thrown)
    {
        TimeSpan? delay = null;
        int attempt = 0;
        lock (_lock)
        {
            _running--;
            entry.Busy = false;
            TimeSpan now = Now;
            TimeSpan? due = entry.Due;
            entry.Due = null;
            switch (result)
            {
                case WorkResult.Failed failed:
                    delay = Backoff.Wait(options.FirstBackoff, options.MaxBackoff, entry.Failures++);
                    // Half a second would be hotter than promised.
                    delay = Longest(delay.Value, options.MinInterval, failed.NotBefore ?? TimeSpan.Zero);
                    attempt = entry.Failures;
                    due = Sooner(due, now + delay.Value);
                    break;
                case WorkResult.Requeue again:
                    entry.Failures = 0;
                    due = Sooner(due, now + Longest(again.After, options.MinInterval, TimeSpan.Zero));
                    break;
                default:
                    entry.Failures = 0;
                    break;
            }

            if (due is { } when)
                Schedule(entry, when);
            else
                _entries.Remove(entry.Key);
            _news.TrySetResult();
        }

        if (result is not WorkResult.Failed told)
            return;
        if (thrown is null or Api.KubeException)
            logger.WorkFailed(options.Name, entry.Key.ToString() ?? "", attempt, delay!.Value, told.Reason);
        else
            logger.WorkThrew(thrown, options.Name, entry.Key.ToString() ?? "", attempt, delay!.Value);
    }

    private Entry EntryOf(TKey key)
    {
        if (!_entries.TryGetValue(key, out Entry? entry))
            _entries.Add(key, entry = new Entry(key, _sequence++));
        return entry;
    }

    private void Schedule(Entry entry, TimeSpan due)
    {
        if (entry.Due <= due)
            return;
        if (entry.Due is not null && !entry.Busy)
            _waiting.Remove(entry);
        entry.Due = due;
        if (entry.Busy)
            return;
        _waiting.Add(entry);
        if (_waiting.Min == entry)
            _news.TrySetResult();
    }

    private async Task WaitAsync(Task news, TimeSpan? wait, CancellationToken cancellationToken)
    {
        try
        {
            if (wait is { } time1)
                await news.WaitAsync(time1, time, cancellationToken).ConfigureAwait(false);
            else
                await news.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The first key's time has come.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop looks at the token.
        }
    }

    private void Hook(Action hook)
    {
        try
        {
            hook();
        }
#pragma warning disable CA1031 // A counter's bug must not stop the work.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.HookFailed(e, options.Name);
        }
    }

    private static TimeSpan Sooner(TimeSpan? a, TimeSpan b) => a < b ? a.Value : b;

    private static TimeSpan Longest(TimeSpan a, TimeSpan b, TimeSpan c) => TimeSpan.FromTicks(Math.Max(a.Ticks, Math.Max(b.Ticks, c.Ticks)));

    private sealed class Entry(TKey key, long sequence)
    {
        public TKey Key => key;

        public long Sequence => sequence;

        public TimeSpan? Due { get; set; }

        public TimeSpan? LastStart { get; set; }

        public TimeSpan Waited { get; set; }

        public bool Busy { get; set; }

        public int Failures { get; set; }
    }
}
