using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Reading;

/// <summary>
/// Reads Secrets and ConfigMaps by name, exactly those in use (design 5.7): the rights of the gateway allow nothing else, so they cannot be
/// watched. Keeps what it read; a failing read keeps it too, except that an object that is gone is gone.
/// </summary>
/// <param name="cluster">The API server.</param>
/// <param name="space">The namespace.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where refusals are told.</param>
internal sealed class NamedReader(ICluster cluster, string space, TimeProvider time, ILogger logger)
{
    /// <summary>Objects read at the same time.</summary>
    private const int Parallel = 8;

    /// <summary>
    /// A right that was taken away for longer than this was meant to be: what it gave is forgotten. An API server that is away is another
    /// matter; nobody decided anything then.
    /// </summary>
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Name, Entry> _known = new();

    private sealed record Entry(NamedContent Content, long ReadAt, long? RefusedSince);

    /// <summary>What is known of an object; null when it was never asked for.</summary>
    public NamedContent? Find(ResourceType type, string name) => _known.GetValueOrDefault(new Name(type, name))?.Content;

    /// <summary>Whether one of these was never read, is missing or could not be read: worth asking for again soon.</summary>
    public bool IsIncomplete(IEnumerable<Name> names) =>
        names.Any(n => !_known.TryGetValue(n, out Entry? entry) || entry.Content.Data is null || entry.Content.Refusal is not null);

    /// <summary>Reads those that are wanted; true when anything came out differently than before.</summary>
    /// <param name="wanted">All objects in use; what is not among them is forgotten.</param>
    /// <param name="isDue">Which of them to read, given how long ago that was and whether the read succeeded; null for never.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> ReadAsync(IReadOnlySet<Name> wanted, Func<Name, TimeSpan?, bool, bool> isDue, CancellationToken cancellationToken)
    {
        foreach (Name name in _known.Keys.Where(k => !wanted.Contains(k)))
            _known.TryRemove(name, out _);
        List<Name> due = [];
        foreach (Name name in wanted)
        {
            Entry? entry = _known.GetValueOrDefault(name);
            bool complete = entry is { Content: { Data: not null, Refusal: null } };
            if (isDue(name, entry is null ? null : time.GetElapsedTime(entry.ReadAt), complete))
                due.Add(name);
        }

        int changes = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForEachAsync(due, options, async (name, stop) =>
        {
            if (await ReadAsync(name, stop).ConfigureAwait(false))
                Interlocked.Increment(ref changes);
        }).ConfigureAwait(false);
        return changes > 0;
    }

    private async Task<bool> ReadAsync(Name name, CancellationToken cancellationToken)
    {
        Entry? before = _known.GetValueOrDefault(name);
        NamedContent content;
        long? refusedSince = null;
        try
        {
            KubeObject? item = await cluster.GetAsync(name.Type, new ObjectKey(space, name.Value), cancellationToken).ConfigureAwait(false);
            content = item is null ? NamedContent.Missing : NamedContent.Of(name.Type, item);
        }
        catch (KubeException e)
        {
            refusedSince = e.Error is KubeError.Forbidden or KubeError.Unauthorized ? before?.RefusedSince ?? time.GetTimestamp() : null;
            bool forget = refusedSince is { } since && time.GetElapsedTime(since) > RefusalPatience;
            content = new NamedContent(forget ? null : before?.Content.Data, e.Error);
            if (before?.Content.Refusal != e.Error)
                logger.NotRead(name.Type.Kind, name.Value, e.Message);
        }

        _known[name] = new Entry(content, time.GetTimestamp(), refusedSince);
        return !content.SameAs(before?.Content);
    }

    /// <summary>An object of the namespace.</summary>
    /// <param name="Type">Secret or ConfigMap.</param>
    /// <param name="Value">Its name.</param>
    internal readonly record struct Name(ResourceType Type, string Value);
}
