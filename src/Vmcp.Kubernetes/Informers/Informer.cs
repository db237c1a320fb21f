using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Queues;

namespace Vmcp.Kubernetes.Informers;

/// <summary>Keeps a local picture of a kind's objects: lists them once, then follows their changes, through every kind of broken connection.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="type">The kind.</param>
/// <param name="selection">Which objects.</param>
/// <param name="convert">What is kept of an object; must be pure and should keep no <see cref="KubeObject"/>, whose JSON is large.</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="logger">Where trouble is told.</param>
/// <param name="pageSize">Objects per page of a list; fewer while pages prove too large to take or too slow to get.</param>
public sealed class Informer<T>(
    ICluster cluster, ResourceType type, Selection selection, Func<KubeObject, T> convert, TimeProvider time, ILogger logger, int pageSize = 500)
    where T : notnull
{
    // A watch that ends sooner than this brought no news worth coming back at once for.
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);
    private const int TriesPerVersion = 3;
    private const int SmallestPage = 10;

    private readonly Store<T> _store = new(type.Kind, convert, logger);
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<Action<Change<T>>> _handlers = [];
    private int _halvings;
    private InformerHealth _health = new(time.GetUtcNow(), null);

    /// <summary>What is known now. Free to take, never changes.</summary>
    public ImmutableDictionary<ObjectKey, T> Snapshot => _store.Snapshot;

    /// <summary>The first list is complete.</summary>
    public bool Synced => _synced.Task.IsCompleted;

    /// <summary>How it gets on with the API server.</summary>
    public InformerHealth Health => Volatile.Read(ref _health);

    /// <summary>
    /// Calls <paramref name="handler"/> after every change, in order, with the snapshot already new; the first list counts as changes.
    /// Register before <see cref="RunAsync"/>. A handler must return at once: the informer waits for it.
    /// </summary>
    public void OnChange(Action<Change<T>> handler) => ImmutableInterlocked.Update(ref _handlers, list => list.Add(handler));

    /// <summary>Waits until the first list is complete.</summary>
    public Task WhenSyncedAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>Runs until cancelled, whatever the server does.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? version = null;
        int refusals = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            long begun = time.GetTimestamp();
            string? from = version;
            try
            {
                version ??= await ListAsync(cancellationToken).ConfigureAwait(false);
                await foreach (WatchEvent change in WatchAsync(version, cancellationToken).ConfigureAwait(false))
                {
                    refusals = 0;
                    Take(change);
                    if (change.Object.Meta.ResourceVersion is { Length: > 0 } next)
                        version = next;
                }

                // The server ends a watch every few minutes; that is no error.
                Contact();
                refusals = 0;
                if (version == from && time.GetElapsedTime(begun) < ShortWatch)
                    await WaitAsync(_backoff.Next(), cancellationToken).ConfigureAwait(false);
                else
                    _backoff.Reset();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (KubeException e) when (e.Error == KubeError.Expired && version is not null && version != from)
            {
                // A version we just got is too old already: come back, but not at once.
                logger.VersionExpired(type.Kind, version);
                version = null;
                await WaitAsync(_backoff.Next(), cancellationToken).ConfigureAwait(false);
            }
            catch (KubeException e) when (e.Error == KubeError.Expired && version is not null)
            {
                logger.VersionExpired(type.Kind, version);
                version = null;
            }
#pragma warning disable CA1031 // Whatever a cluster throws, the picture must go on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                // A version the server refuses again and again, say after etcd came back from a backup, is not worth keeping.
                if (e is not KubeException { Error: KubeError.Unreachable } && ++refusals >= TriesPerVersion)
                    (version, refusals) = (null, 0);
                if (version is null && e is KubeException { Error: KubeError.Other or KubeError.Unreachable or KubeError.ServerError })
                    _halvings = Math.Min(_halvings + 1, 16);
                TimeSpan delay = Longer(_backoff.Next(), (e as KubeException)?.RetryAfter);
                Volatile.Write(ref _health, Health with { LastError = e.Message, ErrorKind = (e as KubeException)?.Error });
                logger.WatchBroke(type.Kind, e.Message, delay);
                await WaitAsync(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        Store<T>.Listing listing = _store.Begin();
        string? next = null;
        string version;
        do
        {
            ListOptions options = new()
            {
                Namespace = selection.Namespace,
                LabelSelector = selection.LabelSelector,
                FieldSelector = selection.FieldSelector,
                MetadataOnly = selection.MetadataOnly,
                Limit = Math.Max(Math.Min(SmallestPage, pageSize), pageSize >> _halvings),
                Continue = next,
            };
            ObjectPage page = await cluster.ListAsync(type, options, cancellationToken).ConfigureAwait(false);
            foreach (KubeObject item in page.Items)
                _store.Take(item, listing);
            (version, next) = (page.ResourceVersion, page.Continue);
            Contact();
        }
        while (next is not null);

        _halvings = 0;
        IReadOnlyList<Change<T>> changes = _store.Commit(listing);
        logger.Listed(type.Kind, Snapshot.Count, version);
        foreach (Change<T> change in changes)
            Tell(change);
        _synced.TrySetResult();
        return version;
    }

    private IAsyncEnumerable<WatchEvent> WatchAsync(string version, CancellationToken cancellationToken) =>
        cluster.WatchAsync(
            type,
            new WatchOptions
            {
                Namespace = selection.Namespace,
                LabelSelector = selection.LabelSelector,
                FieldSelector = selection.FieldSelector,
                MetadataOnly = selection.MetadataOnly,
                ResourceVersion = version,
                Opened = Contact,
            },
            cancellationToken);

    private void Take(WatchEvent change)
    {
        Contact();
        _backoff.Reset();
        if (change.Kind != WatchEventKind.Bookmark && _store.Apply(change) is { } told)
            Tell(told);
    }

    private void Tell(Change<T> change)
    {
        foreach (Action<Change<T>> handler in _handlers)
        {
            try
            {
                handler(change);
            }
#pragma warning disable CA1031 // One handler's bug must not stop the picture for all.
            catch (Exception e)
#pragma warning restore CA1031
            {
                logger.HandlerFailed(e, type.Kind, change.Key);
            }
        }
    }

    private void Contact() => Volatile.Write(ref _health, new InformerHealth(time.GetUtcNow(), null));

    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop looks at the token.
        }
    }

    private static TimeSpan Longer(TimeSpan mine, TimeSpan? theirs) => theirs > mine ? theirs.Value : mine;
}
