namespace Vmcp.Kubernetes.Queues;

/// <summary>Waiting times that double from attempt to attempt, each taken at random from its upper half so that many do not march in step.</summary>
/// <param name="first">The longest first wait.</param>
/// <param name="most">No wait is longer.</param>
public sealed class Backoff(TimeSpan first, TimeSpan most)
{
    /// <summary>Attempts that failed since the last success.</summary>
    public int Failures { get; private set; }

    /// <summary>How long to wait after one more failure.</summary>
    public TimeSpan Next() => Wait(first, most, Failures++);

    /// <summary>It worked.</summary>
    public void Reset() => Failures = 0;

    /// <summary>The wait after <paramref name="failures"/> earlier failures.</summary>
    public static TimeSpan Wait(TimeSpan first, TimeSpan most, int failures)
    {
        double full = Math.Min(most.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 40)));
#pragma warning disable CA5394 // Spreads load; nothing is guessed from it.
        return TimeSpan.FromMilliseconds(full * (0.5 + Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
    }
}
