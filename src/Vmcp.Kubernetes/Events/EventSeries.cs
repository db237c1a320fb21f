namespace Vmcp.Kubernetes.Events;

/// <summary>What makes two events the same.</summary>
internal readonly record struct EventIdentity(EventSubject Subject, EventLevel Level, string Reason, string Action, string Note);

/// <summary>An event and how often it happened.</summary>
internal sealed class EventSeries(EventIdentity identity, string name, DateTimeOffset first)
{
    public EventIdentity Identity => identity;

    /// <summary>The name of the Event object.</summary>
    public string Name { get; set; } = name;

    public DateTimeOffset First { get; set; } = first;

    public DateTimeOffset Last { get; set; } = first;

    public DateTimeOffset Written { get; set; } = first;

    public int Count { get; set; } = 1;

    public int CountWritten { get; set; }

    public bool Queued { get; set; }
}

/// <summary>
/// Decides which events are written: the first of its kind at once, repetitions within ten minutes as a count, at most every six minutes
/// (Kubernetes enhancement 383, event series). Bounded; not safe for threads.
/// </summary>
internal sealed class EventBook(int capacity)
{
    public static readonly TimeSpan Same = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan Between = TimeSpan.FromMinutes(6);

    private readonly Dictionary<EventIdentity, LinkedListNode<EventSeries>> _known = [];
    // The one that happened last is last.
    private readonly LinkedList<EventSeries> _byLast = new();
    private long _sequence;

    public int Count => _known.Count;

    /// <summary>Notes that it happened; the series when it is to be written now, or null.</summary>
    public EventSeries? Happened(EventIdentity identity, DateTimeOffset now)
    {
        if (_known.TryGetValue(identity, out LinkedListNode<EventSeries>? node) && now - node.Value.Last < Same)
        {
            EventSeries series = node.Value;
            series.Count++;
            series.Last = now;
            _byLast.Remove(node);
            _byLast.AddLast(node);
            return now - series.Written >= Between ? Queue(series) : null;
        }

        if (node is not null)
            Forget(node);
        if (_known.Count >= capacity)
            Forget(_byLast.First!);
        EventSeries next = new(identity, NameOf(identity.Subject, now), now);
        _known.Add(identity, _byLast.AddLast(next));
        return Queue(next);
    }

    /// <summary>Forgets what no longer happens; returns those whose last count is still to be written.</summary>
    public IReadOnlyList<EventSeries> Sweep(DateTimeOffset now)
    {
        List<EventSeries> unwritten = [];
        while (_byLast.First is { } oldest && now - oldest.Value.Last >= Same)
        {
            if (oldest.Value.Count > oldest.Value.CountWritten && Queue(oldest.Value) is { } series)
                unwritten.Add(series);
            Forget(oldest);
        }

        return unwritten;
    }

    private static EventSeries? Queue(EventSeries series)
    {
        if (series.Queued)
            return null;
        series.Queued = true;
        return series;
    }

    private void Forget(LinkedListNode<EventSeries> node)
    {
        _known.Remove(node.Value.Identity);
        _byLast.Remove(node);
    }

    // Unique among the events of a namespace: two processes do not tell of one object in the same 100 ns.
    private string NameOf(EventSubject subject, DateTimeOffset now)
    {
        string name = subject.Key.Name.Length > 200 ? subject.Key.Name[..200].TrimEnd('-', '.') : subject.Key.Name;
        return $"{name}.{now.UtcTicks:x}{_sequence++ & 0xfff:x3}";
    }
}
