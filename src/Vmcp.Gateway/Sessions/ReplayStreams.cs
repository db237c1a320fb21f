using System.Collections.Concurrent;
using System.Globalization;

namespace Vmcp.Gateway.Sessions;

/// <summary>
/// The POST event streams of a session whose answer has not reached the client yet. A client that lost the connection takes
/// one up again by <c>GET</c> with <c>Last-Event-ID</c> (MCP 2025-11-25, resumability).
/// </summary>
public sealed class ReplayStreams
{
    /// <summary>Streams kept of one session; the oldest unfinished one goes first.</summary>
    internal const int MaxStreams = 32;

    private readonly ConcurrentDictionary<long, Outbox> _streams = new();
    private long _last;

    /// <summary>Opens a stream; its number is part of each event id.</summary>
    public (long Number, Outbox Events) Open()
    {
        long number = Interlocked.Increment(ref _last);
        Outbox events = new();
        _streams[number] = events;
        if (_streams.Count > MaxStreams)
            Close(_streams.Keys.Min());
        return (number, events);
    }

    /// <summary>The client has all of it, or will never ask.</summary>
    public void Close(long number) => _streams.TryRemove(number, out _);

    /// <summary>The id of an event of a POST stream.</summary>
    public static string EventId(long stream, long number) => string.Create(CultureInfo.InvariantCulture, $"p{stream}.{number}");

    /// <summary>The stream and position an event id names; null when it is unknown or belongs to the standalone stream.</summary>
    public (long Number, Outbox Events, long After)? Find(string eventId)
    {
        if (!eventId.StartsWith('p') || eventId.IndexOf('.') is not (> 0 and int dot))
            return null;
        return long.TryParse(eventId.AsSpan(1, dot - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long stream)
            && long.TryParse(eventId.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long after)
            && _streams.TryGetValue(stream, out Outbox? events)
            ? (stream, events, after)
            : null;
    }
}
