namespace Vmcp.Kubernetes.Queues;

/// <summary>How the work on a key ended.</summary>
public abstract record WorkResult
{
    private WorkResult()
    {
    }

    /// <summary>Nothing is left to do until the key is added again.</summary>
    public static WorkResult Done { get; } = new DoneResult();

    /// <summary>It worked; look again later.</summary>
    /// <param name="After">How much later.</param>
    public sealed record Requeue(TimeSpan After) : WorkResult;

    /// <summary>It failed; try again after the backoff.</summary>
    /// <param name="Reason">Why, for the log; no secret value.</param>
    public sealed record Failed(string Reason) : WorkResult
    {
        /// <summary>The server's wish (<c>Retry-After</c>); the next attempt is not sooner.</summary>
        public TimeSpan? NotBefore { get; init; }
    }

    internal sealed record DoneResult : WorkResult;
}
