using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Events;

/// <summary>
/// Tells users what happens to their objects (<c>kubectl describe</c>), as events.k8s.io/v1 Events. Recording never waits and never fails;
/// when there are too many, the newest are dropped and counted.
/// </summary>
/// <param name="cluster">The API server.</param>
/// <param name="instance">Which process tells: the pod's name.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where dropped events are told.</param>
/// <param name="controller">Who tells.</param>
public sealed class EventRecorder(ICluster cluster, string instance, TimeProvider time, ILogger logger, string controller = "vmcp-operator")
{
    private const int QueueLength = 1000;
    private const int Attempts = 4;
    private static readonly TimeSpan SweepEach = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly EventBook _book = new(4096);
    private readonly Channel<EventSeries> _queue =
        Channel.CreateBounded<EventSeries>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private long _dropped;

    /// <summary>Events dropped since the start because too many were waiting.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Notes an event; it is written soon by <see cref="RunAsync"/>.</summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="level">Good or bad news.</param>
    /// <param name="reason">One word for machines: <c>BackendJoined</c>.</param>
    /// <param name="action">What was being done: <c>Reconcile</c>.</param>
    /// <param name="note">A sentence for people; no secret value. Cut to 1 KiB.</param>
    public void Record(EventSubject subject, EventLevel level, string reason, string action, string note)
    {
        lock (_lock)
        {
            if (_book.Happened(new EventIdentity(subject, level, Cut(reason, 128), Cut(action, 128), Cut(note, 1024)), time.GetUtcNow()) is { } series)
                Enqueue(series);
        }
    }

    /// <summary>Writes events until cancelled; then it tries for two seconds to write what is left.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource sweeping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sweep = SweepAsync(sweeping.Token);
        try
        {
            await foreach (EventSeries series in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                await WriteAsync(series, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await FarewellAsync().ConfigureAwait(false);
        }
        finally
        {
            await sweeping.CancelAsync().ConfigureAwait(false);
            await sweep.ConfigureAwait(false);
        }
    }

    private void Enqueue(EventSeries series)
    {
        if (_queue.Writer.TryWrite(series))
            return;
        series.Queued = false;
        Interlocked.Increment(ref _dropped);
    }

    private async Task FarewellAsync()
    {
        using CancellationTokenSource limit = new(FarewellLimit, time);
        try
        {
            while (_queue.Reader.TryRead(out EventSeries? series))
                await WriteAsync(series, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            logger.EventsDropped(_queue.Reader.Count + 1, "the process ended");
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(SweepEach, time);
        long told = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                lock (_lock)
                {
                    foreach (EventSeries series in _book.Sweep(time.GetUtcNow()))
                        Enqueue(series);
                }

                long dropped = Dropped;
                if (dropped > told)
                    logger.EventsDropped(dropped - told, $"{QueueLength} were waiting already");
                told = dropped;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
    }

    private async Task WriteAsync(EventSeries series, CancellationToken cancellationToken)
    {
        Queues.Backoff backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        while (true)
        {
            Draft draft;
            lock (_lock)
            {
                series.Queued = false;
                draft = new Draft(series.Name, series.CountWritten > 0, series.Count, series.First, series.Last);
            }

            try
            {
                await SendAsync(series.Identity, draft, cancellationToken).ConfigureAwait(false);
                lock (_lock)
                {
                    series.CountWritten = draft.Count;
                    series.Written = time.GetUtcNow();
                }

                return;
            }
            catch (KubeException e) when (e.Error == KubeError.NotFound && draft.Exists)
            {
                // The server keeps events for an hour; what still happens after that is told anew.
                lock (_lock)
                    series.CountWritten = 0;
            }
            catch (KubeException e) when (e.Error == KubeError.AlreadyExists)
            {
                // The first answer was lost, the event was not.
                lock (_lock)
                    series.CountWritten = 1;
                return;
            }
            catch (KubeException e) when (e.IsTransient && backoff.Failures < Attempts - 1)
            {
                TimeSpan delay = backoff.Next();
                await Task.Delay(e.RetryAfter > delay ? e.RetryAfter.Value : delay, time, cancellationToken).ConfigureAwait(false);
            }
            catch (KubeException e)
            {
                // A namespace that is going away takes no events; nobody will miss them.
                logger.EventNotWritten(series.Identity.Reason, series.Identity.Subject.ToString(), e.Message);
                return;
            }
        }
    }

    private Task<KubeObject> SendAsync(EventIdentity identity, Draft draft, CancellationToken cancellationToken)
    {
        ObjectKey key = new(identity.Subject.Key.Namespace is { Length: > 0 } space ? space : "default", draft.Name);
        JsonObject? series = draft.Count < 2 ? null : new JsonObject
        {
            ["count"] = draft.Count,
            ["lastObservedTime"] = MicroTime.Format(draft.Last),
        };
        if (draft.Exists)
        {
            return cluster.PatchAsync(
                BuiltIn.Event, key, new Patch.Merge(new JsonObject { ["series"] = series }), WriteOptions.Default, cancellationToken);
        }

        JsonObject body = new()
        {
            ["apiVersion"] = BuiltIn.Event.ApiVersion,
            ["kind"] = BuiltIn.Event.Kind,
            ["metadata"] = new JsonObject { ["namespace"] = key.Namespace, ["name"] = key.Name },
            ["eventTime"] = MicroTime.Format(draft.First),
            ["type"] = identity.Level == EventLevel.Warning ? "Warning" : "Normal",
            ["reason"] = identity.Reason,
            ["action"] = identity.Action,
            ["note"] = identity.Note,
            ["regarding"] = identity.Subject.ToJson(),
            ["reportingController"] = controller,
            ["reportingInstance"] = Cut(instance, 128),
        };
        if (series is not null)
            body["series"] = series;
        return cluster.CreateAsync(BuiltIn.Event, body, WriteOptions.Default, cancellationToken);
    }

    /// <summary>Cuts to the API's limits, which count bytes.</summary>
    internal static string Cut(string text, int most)
    {
        if (text.Length <= most && Encoding.UTF8.GetByteCount(text) <= most)
            return text;
        int bytes = 0;
        int kept = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > most - 3)
                break;
            kept += rune.Utf16SequenceLength;
        }

        return text[..kept] + "...";
    }

    private sealed record Draft(string Name, bool Exists, int Count, DateTimeOffset First, DateTimeOffset Last);
}
