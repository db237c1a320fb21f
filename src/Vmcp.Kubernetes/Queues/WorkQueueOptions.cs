namespace Vmcp.Kubernetes.Queues;

/// <summary>How a queue works.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>What the queue is called in logs.</summary>
    public string Name { get; init; } = "queue";

    /// <summary>From the first add of a key to the work on it; adds in between are one.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Keys worked on at once.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>The wait after the first failure; it doubles, less up to half at random.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between failures.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Between a run of a key and its repetition (a retry, a requeue, an add while it ran), at least.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Called when work begins, with the time the key waited beyond its due time.</summary>
    public Action<TimeSpan>? OnStart { get; init; }

    /// <summary>Called when work ended, with how and how long it took.</summary>
    public Action<WorkResult, TimeSpan>? OnEnd { get; init; }
}
