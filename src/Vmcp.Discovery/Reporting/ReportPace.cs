namespace Vmcp.Discovery.Reporting;

/// <summary>When a leader reads and writes: soon after a change, rarely when changes do not end, less and less while it fails.</summary>
/// <param name="options">The paces.</param>
/// <param name="time">The clock.</param>
internal sealed class ReportPace(RuntimeStatusOptions options, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // What was refused stays refused until somebody changes the rights or the definition.
    private static readonly TimeSpan FirstPauseWhenRefused = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPauseWhenRefused = TimeSpan.FromMinutes(5);

    private long _beat = time.GetTimestamp();
    private long? _differsSince;
    private long? _wroteAt;
    private bool _agreed;
    private int _failures;
    private long _failedAt;
    private TimeSpan _pause;

    /// <summary>Whether anything may be asked of the API server.</summary>
    public bool MayAsk => _failures == 0 || time.GetElapsedTime(_failedAt) >= _pause;

    /// <summary>The time of the last check should be refreshed if there is a newer one.</summary>
    public bool HeartbeatDue => time.GetElapsedTime(_beat) >= options.Heartbeat;

    /// <summary>Whether a change is to be written now.</summary>
    /// <param name="settled">Every backend was checked once.</param>
    public bool MayWrite(bool settled)
    {
        _differsSince ??= time.GetTimestamp();
        if (_wroteAt is { } wrote && time.GetElapsedTime(wrote) < options.Gap)
            return false;
        return settled || time.GetElapsedTime(_differsSince.Value) >= (_agreed ? options.Settle : options.FirstChecks);
    }

    /// <summary>What is stored is what should be said.</summary>
    public void Agrees()
    {
        _differsSince = null;
        _agreed = true;
        _failures = 0;
    }

    /// <summary>A write was taken.</summary>
    public void Wrote()
    {
        _wroteAt = time.GetTimestamp();
        Beat();
    }

    /// <summary>The last check is as fresh in the status as it can be.</summary>
    public void Beat() => _beat = time.GetTimestamp();

    /// <summary>The API server did not answer, or refused.</summary>
    /// <param name="mayHealItself">The same may work in a moment.</param>
    /// <param name="atLeast">How long the server asks us to wait.</param>
    public void Failed(bool mayHealItself, TimeSpan? atLeast = null)
    {
        _failedAt = time.GetTimestamp();
        (TimeSpan first, TimeSpan longest) = mayHealItself ? (FirstPause, LongestPause) : (FirstPauseWhenRefused, LongestPauseWhenRefused);
        TimeSpan grown = first * Math.Pow(2, Math.Min(_failures, 10));
        TimeSpan pause = grown < longest ? grown : longest;
        _pause = atLeast is { } asked && asked > pause ? (asked < LongestPauseWhenRefused ? asked : LongestPauseWhenRefused) : pause;
        _failures++;
    }
}
