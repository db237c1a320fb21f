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
/// <param name="pace">How often what is read.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where refusals are told.</param>
internal sealed class NamedReader(ICluster cluster, string space, ReadingPace pace, TimeProvider time, ILogger logger)
{
    /// <summary>Objects read at the same time.</summary>
    private const int Parallel = 8;

    /// <summary>
    /// A right that was taken away for longer than this was meant to be: what it gave is forgotten. An API server that is away is another
    /// matter; nobody decided anything then.
    /// </summary>
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromMinutes(10);

    /// <summary>An API server that did not answer is left alone for so long.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Name, Entry> _known = new();
    private readonly ConcurrentDictionary<Name, bool> _doubted = new();
    private long? _awayAt;

    private sealed record Entry(NamedContent Content, long ReadAt)
    {
        public int Failures { get; init; }

        public long? RefusedSince { get; init; }

        public long? DoubtedAt { get; init; }

        public bool IsComplete => Content is { Data: not null, Refusal: null };
    }

    /// <summary>What is known of an object; null when it was never asked for.</summary>
    public NamedContent? Find(ResourceType type, string name) => _known.GetValueOrDefault(new Name(type, name))?.Content;

    /// <summary>What is in use although newer may be had, or null. Names objects and no content.</summary>
    public string? Trouble
    {
        get
        {
            KeyValuePair<Name, Entry>[] old = [.. _known.Where(k => k.Value.Content is { Data: not null, Refusal: not null })];
            if (old.Length == 0)
                return null;
            Name first = old.Select(k => k.Key).MinBy(n => (n.Type.Kind, n.Value));
            string more = old.Length == 1 ? "" : $" and {old.Length - 1} more";
            return $"{first.Type.Kind} \"{first.Value}\"{more} cannot be read again: {Why(_known.GetValueOrDefault(first)?.Content.Refusal)}";
        }
    }

    /// <summary>When the next of these is to be read; zero or less when one is due. Null when there are none.</summary>
    public TimeSpan? NextDue(IReadOnlySet<Name> wanted)
    {
        if (wanted.Count == 0)
            return null;
        TimeSpan next = wanted.Min(n => _known.TryGetValue(n, out Entry? entry) ? Left(n, entry) : TimeSpan.Zero);
        return next > PauseLeft ? next : PauseLeft;
    }

    /// <summary>A credential out of this object was refused: it is read again at once, but no more often than the pace says. True when that is new.</summary>
    public bool Doubt(Name name) => _known.ContainsKey(name) && _doubted.TryAdd(name, true);

    /// <summary>Reads those that are due; true when anything came out differently than before.</summary>
    /// <param name="wanted">All objects in use; what is not among them is forgotten.</param>
    /// <param name="soon">Something changed: what is missing may be there by now.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> ReadAsync(IReadOnlySet<Name> wanted, bool soon, CancellationToken cancellationToken)
    {
        foreach (Name name in _known.Keys.Where(k => !wanted.Contains(k)))
            _known.TryRemove(name, out _);
        foreach (Name name in _doubted.Keys.Where(k => !wanted.Contains(k)))
            _doubted.TryRemove(name, out _);
        if (PauseLeft > TimeSpan.Zero)
            return false;
        List<Name> due = [.. wanted.Where(n => !_known.TryGetValue(n, out Entry? entry) || Left(n, entry) <= TimeSpan.Zero
            || (soon && !entry.IsComplete && time.GetElapsedTime(entry.ReadAt) >= pace.Soon))];
        int changes = 0;
        bool away = false;
        ParallelOptions options = new() { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken };
        await System.Threading.Tasks.Parallel.ForEachAsync(due, options, async (name, stop) =>
        {
            // An API server that did not answer one would let each of the others wait as long.
            if (Volatile.Read(ref away))
                return;
            NamedContent? before = Find(name.Type, name.Value);
            NamedContent now = await ReadAsync(name, stop).ConfigureAwait(false);
            if (now.Refusal == KubeError.Unreachable)
                Volatile.Write(ref away, true);
            if (!now.SameAs(before))
                Interlocked.Increment(ref changes);
        }).ConfigureAwait(false);
        _awayAt = away ? time.GetTimestamp() : null;
        return changes > 0;
    }

    /// <summary>Why an object could not be read, in a few words.</summary>
    public static string Why(KubeError? refusal) => refusal switch
    {
        null => "it was not read yet",
        KubeError.Forbidden => "the gateway's account may not read it (yet): the operator keeps its Role current",
        KubeError.Unauthorized => "the API server refuses the account's token",
        _ => "the API server did not answer",
    };

    private TimeSpan PauseLeft => _awayAt is { } at ? Pause - time.GetElapsedTime(at) : TimeSpan.Zero;

    private TimeSpan Left(Name name, Entry entry)
    {
        TimeSpan left = (entry.IsComplete ? pace.Refresh : pace.AfterFailures(entry.Failures)) - time.GetElapsedTime(entry.ReadAt);
        if (!_doubted.ContainsKey(name))
            return left;
        TimeSpan doubt = entry.DoubtedAt is { } at ? pace.Doubted - time.GetElapsedTime(at) : TimeSpan.Zero;
        return doubt < left ? doubt : left;
    }

    private async Task<NamedContent> ReadAsync(Name name, CancellationToken cancellationToken)
    {
        Entry? before = _known.GetValueOrDefault(name);
        bool doubted = _doubted.TryRemove(name, out _);
        NamedContent content;
        long? refusedSince = null;
        try
        {
            KubeObject? item = await cluster.GetAsync(name.Type, new ObjectKey(space, name.Value), cancellationToken).ConfigureAwait(false);
            content = item is null ? NamedContent.Missing : NamedContent.Of(name.Type, item);
        }
        catch (KubeException e)
        {
            bool refused = e.Error is KubeError.Forbidden or KubeError.Unauthorized;
            refusedSince = before?.RefusedSince ?? (refused ? time.GetTimestamp() : null);
            bool forget = refused && time.GetElapsedTime(refusedSince!.Value) > RefusalPatience;
            content = new NamedContent(forget ? null : before?.Content.Data, e.Error) { NotText = forget || before is null ? [] : before.Content.NotText };
            if (before?.Content.Refusal != e.Error)
                logger.NotRead(name.Type.Kind, name.Value, e.Message);
        }

        long now = time.GetTimestamp();
        Entry entry = new(content, now) { RefusedSince = refusedSince, DoubtedAt = doubted ? now : before?.DoubtedAt };
        _known[name] = entry with { Failures = entry.IsComplete ? 0 : (before?.Failures ?? 0) + 1 };
        return content;
    }

    /// <summary>An object of the namespace.</summary>
    /// <param name="Type">Secret or ConfigMap.</param>
    /// <param name="Value">Its name.</param>
    internal readonly record struct Name(ResourceType Type, string Value);
}

/// <summary>How often something is read by name.</summary>
/// <param name="Refresh">How old what was read may get.</param>
/// <param name="Retry">How often what is missing or refused is asked for, at the end; more often in its first seconds.</param>
/// <param name="Doubted">How often at most something is read because a credential out of it was refused.</param>
internal sealed record ReadingPace(TimeSpan Refresh, TimeSpan Retry, TimeSpan Doubted)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);

    /// <summary>How often what is missing or refused is asked for when there is a reason to hope.</summary>
    public TimeSpan Soon => Retry < TimeSpan.FromSeconds(1) ? Retry : TimeSpan.FromSeconds(1);

    /// <summary>How long to wait after so many failures: a right or an object often comes right after what needs it.</summary>
    public TimeSpan AfterFailures(int failures)
    {
        TimeSpan wait = First * (1 << Math.Clamp(failures - 1, 0, 10));
        return wait < Retry ? wait : Retry;
    }
}
