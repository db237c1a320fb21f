namespace Vmcp.Gateway.Backends;

/// <summary>
/// Reports of 401s of one backend, at most one a second: a flood of them is cheap, and a source cannot look any better for being asked more often.
/// </summary>
/// <param name="told">Who wants to know.</param>
/// <param name="time">The clock.</param>
internal sealed class QuietReport(Action<string> told, TimeProvider time)
{
    private long _due = long.MinValue;

    /// <summary>Passes the report on, or keeps quiet.</summary>
    public void Tell(string backend)
    {
        long now = time.GetTimestamp();
        long due = Volatile.Read(ref _due);
        if (now >= due && Interlocked.CompareExchange(ref _due, now + time.TimestampFrequency, due) == due)
            told(backend);
    }
}
