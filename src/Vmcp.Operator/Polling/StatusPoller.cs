using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Polling;

/// <summary>
/// Asks the ready pods of inline gateways how their backends are: every ten seconds, and at once when a pod turns ready or goes
/// (design 1, operator.md 5.5). An inline pod has no access to the API server, so it cannot tell by itself.
/// </summary>
/// <param name="http">Sends the requests; it must not follow redirects.</param>
/// <param name="address">Where a pod's endpoint is.</param>
/// <param name="changed">Called when the picture of a server changed, the time of its last check aside.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes changes of state.</param>
public sealed class StatusPoller(HttpClient http, StatusAddress address, Action<ObjectKey> changed, TimeProvider time, ILogger<StatusPoller> logger)
{
    /// <summary>Time between two rounds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>A pod that takes longer counts as silent.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    // A status of 5000 backends is about 2 MB.
    private const int MaxBody = 4 * 1024 * 1024;

    private const int Concurrency = 16;

    // One lost answer is no news; three rounds of silence are.
    private const int SilentRounds = 3;

    private readonly ConcurrentDictionary<ObjectKey, Entry> _servers = new();

    // One pending wake is enough: a round looks at everything that is due.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private sealed class Entry
    {
        public ImmutableArray<PodTarget> Pods { get; set; } = [];

        public bool Due { get; set; } = true;

        public int Silent { get; set; }

        /// <summary>A pod answered, or all were silent for long enough.</summary>
        public bool Heard { get; set; }

        public ImmutableArray<ObservedBackend> Picture { get; set; } = [];

        public Lock Gate { get; } = new();
    }

    /// <summary>Says which ready pods an inline server has; a change of the set asks at once.</summary>
    public void Track(ObjectKey server, ImmutableArray<PodTarget> pods)
    {
        Entry entry = _servers.GetOrAdd(server, static _ => new Entry());
        lock (entry.Gate)
        {
            bool same = entry.Pods.SequenceEqual(pods);
            entry.Pods = pods;
            entry.Due |= !same;
            if (!entry.Due)
                return;
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Stops asking: the server is gone or discovered.</summary>
    public void Untrack(ObjectKey server) => _servers.TryRemove(server, out _);

    /// <summary>
    /// What the gateways of a server last said, sorted by name; null while no pod had the time to answer: an operator that just began knows less
    /// than the status that its predecessor wrote.
    /// </summary>
    public ImmutableArray<ObservedBackend>? Heard(ObjectKey server)
    {
        if (!_servers.TryGetValue(server, out Entry? entry))
            return null;
        lock (entry.Gate)
            return entry.Heard ? entry.Picture : null;
    }

    /// <summary>Asks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        Task<bool> tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        Task<bool> wake = _wake.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (!cancellationToken.IsCancellationRequested)
        {
            Task first = await Task.WhenAny(tick, wake).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            bool all = tick.IsCompleted;
            if (all)
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            if (wake.IsCompleted)
            {
                _wake.Reader.TryRead(out _);
                wake = _wake.Reader.WaitToReadAsync(cancellationToken).AsTask();
            }

            await RoundAsync(all, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One round over the servers that are due, or over all.</summary>
    internal async Task RoundAsync(bool all, CancellationToken cancellationToken)
    {
        List<(ObjectKey Server, Entry Entry, ImmutableArray<PodTarget> Pods)> due = [];
        foreach ((ObjectKey server, Entry entry) in _servers)
        {
            lock (entry.Gate)
            {
                if (!all && !entry.Due)
                    continue;
                entry.Due = false;
                due.Add((server, entry, entry.Pods));
            }
        }

        ConcurrentDictionary<(ObjectKey, string), ImmutableArray<ObservedBackend>> answers = new();
        ParallelOptions options = new() { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(due.SelectMany(d => d.Pods.Select(pod => (d.Server, Pod: pod))), options, async (ask, token) =>
        {
            if (await AskAsync(ask.Server, ask.Pod, token).ConfigureAwait(false) is { } answer)
                answers[(ask.Server, ask.Pod.Uid)] = answer;
        }).ConfigureAwait(false);

        foreach ((ObjectKey server, Entry entry, ImmutableArray<PodTarget> pods) in due)
        {
            if (Settle(entry, [.. pods.Where(p => answers.ContainsKey((server, p.Uid))).Select(p => answers[(server, p.Uid)])]))
                changed(server);
        }
    }

    private static bool Settle(Entry entry, List<ImmutableArray<ObservedBackend>> said)
    {
        lock (entry.Gate)
        {
            ImmutableArray<ObservedBackend> picture;
            if (said.Count > 0)
            {
                entry.Silent = 0;
                picture = ReplicaMerge.Worst(said);
            }
            else
            {
                entry.Silent = Math.Min(entry.Silent + 1, SilentRounds);
                picture = entry.Silent < SilentRounds ? entry.Picture : ReplicaMerge.Unknown(entry.Picture);
            }

            bool heard = entry.Heard || said.Count > 0 || entry.Silent == SilentRounds;
            bool differs = heard != entry.Heard || !ReplicaMerge.Same(entry.Picture, picture);
            entry.Heard = heard;
            entry.Picture = picture;
            return differs;
        }
    }

    private async Task<ImmutableArray<ObservedBackend>?> AskAsync(ObjectKey server, PodTarget pod, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(Timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using HttpResponseMessage response = await http.GetAsync(address(pod), HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                logger.PodDoesNotTell(pod.Name, server, $"it answers {(int)response.StatusCode}");
                return null;
            }

            ImmutableArray<ObservedBackend>? answer = await ReadAsync(response, either.Token).ConfigureAwait(false);
            if (answer is null)
                logger.PodDoesNotTell(pod.Name, server, "its answer is no status");
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            logger.PodDoesNotTell(pod.Name, server, "it does not answer in 3 s");
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            logger.PodDoesNotTell(pod.Name, server, e.Message);
            return null;
        }
#pragma warning disable CA1031 // Whatever one pod answers, the others are asked on: an end of the polling is the end of the operator.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.PodTellsNonsense(e, pod.Name, server);
            return null;
        }
    }

    private static async Task<ImmutableArray<ObservedBackend>?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            using MemoryStream bytes = new();
            byte[] buffer = new byte[16 * 1024];
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (bytes.Length + read > MaxBody)
                    return null;
                bytes.Write(buffer, 0, read);
            }

            return PodAnswer.Read(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
        }
    }
}
