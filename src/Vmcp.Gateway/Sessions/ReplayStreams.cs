using System.Globalization;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// The POST event streams of a session. A client that lost the connection takes one up again by <c>GET</c> with
/// <c>Last-Event-ID</c> (MCP 2025-11-25, resumability). A finished one is kept for a while: a connection that is dead
/// looks alive until the network says otherwise.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class ReplayStreams(TimeProvider time)
{
    /// <summary>Streams kept of one session; the oldest goes first.</summary>
    internal const int MaxStreams = 32;

    /// <summary>A finished stream with more than this is not kept.</summary>
    internal const int MaxFinishedBytes = 256 * 1024;

    /// <summary>How long a finished stream is kept.</summary>
    internal static readonly TimeSpan KeepFinished = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private SortedDictionary<long, Entry>? _streams; // only while there are some: 112 bytes less in an idle session
    private long _last = Random.Shared.NextInt64(1L << 32, 1L << 48); // the id of another replica's stream must not name one of ours

    /// <summary>Streams kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _streams?.Count ?? 0;
        }
    }

    /// <summary>Opens a stream; its number is part of each event id.</summary>
    public (long Number, Outbox Events) Open()
    {
        Trim();
        lock (_lock)
        {
            Outbox events = new();
            _streams ??= [];
            _streams[++_last] = new Entry(events);
            if (_streams.Count > MaxStreams)
                _streams.Remove(_streams.Keys.First());
            return (_last, events);
        }
    }

    /// <summary>The stream has all its events.</summary>
    public void Finish(long number)
    {
        lock (_lock)
        {
            if (_streams is null || !_streams.TryGetValue(number, out Entry? entry))
                return;
            entry.Events.Complete();
            entry.FinishedAt = time.GetTimestamp();
            if (entry.Events.Bytes > MaxFinishedBytes)
                _streams.Remove(number);
        }
    }

    /// <summary>Lets go of streams that finished a while ago.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            if (_streams is null)
                return;
            foreach (long number in _streams.Where(s => s.Value.FinishedAt is { } at && time.GetElapsedTime(at) > KeepFinished).Select(s => s.Key).ToList())
                _streams.Remove(number);
            if (_streams.Count == 0)
                _streams = null;
        }
    }

    /// <summary>The id of an event of a POST stream.</summary>
    public static string EventId(long stream, long number) => string.Create(CultureInfo.InvariantCulture, $"p{stream}.{number}");

    /// <summary>The stream and position an event id names; null when it is unknown or belongs to the standalone stream.</summary>
    public (long Number, Outbox Events, long After)? Find(string eventId)
    {
        if (!eventId.StartsWith('p') || eventId.IndexOf('.') is not (> 0 and int dot)
            || !long.TryParse(eventId.AsSpan(1, dot - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long stream)
            || !long.TryParse(eventId.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long after))
            return null;
        lock (_lock)
        {
            if (_streams is not null && _streams.TryGetValue(stream, out Entry? entry))
                return (stream, entry.Events, after);
        }

        return null;
    }

    private sealed class Entry(Outbox events)
    {
        public Outbox Events => events;

        public long? FinishedAt { get; set; }
    }
}
