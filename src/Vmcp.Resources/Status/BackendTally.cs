namespace Vmcp.Resources.Status;

/// <summary>How many backends are in which state (crds.md 2.3).</summary>
public sealed record BackendTally
{
    /// <summary>Nothing is known of any.</summary>
    public static BackendTally None { get; } = new();

    /// <summary><c>ready</c> and <c>unauthenticated</c>: calls go there.</summary>
    public int Routable { get; init; }

    /// <summary><c>degraded</c>: it works, but not well.</summary>
    public int Degraded { get; init; }

    /// <summary><c>unavailable</c>.</summary>
    public int Unavailable { get; init; }

    /// <summary><c>unknown</c> and words nobody knows.</summary>
    public int Unknown { get; init; }

    /// <summary>Those that are not routable, sorted by name, as <c>jira (unavailable)</c>.</summary>
    public IReadOnlyList<string> Troubled { get; init; } = [];

    /// <summary>All of them.</summary>
    public int Total => Routable + Degraded + Unavailable + Unknown;

    /// <summary>What they are together.</summary>
    public BackendMix Mix
    {
        get
        {
            if (Total == 0)
                return BackendMix.None;
            if (Routable == Total)
                return BackendMix.All;
            if (Routable + Degraded > 0)
                return BackendMix.Some;
            return Unknown > 0 ? BackendMix.Pending : BackendMix.NoneRoutable;
        }
    }

    /// <summary>A sentence about them.</summary>
    public string Message => Mix switch
    {
        BackendMix.None => "No backends",
        BackendMix.All => $"All {Total} backends healthy",
        BackendMix.Pending => $"Waiting for the first health check of {Unknown} of {Total} backends",
        BackendMix.NoneRoutable => $"None of {Total} backends can be reached: {Names}",
        _ => $"{Routable} of {Total} backends healthy; not healthy: {Names}",
    };

    private string Names => string.Join(", ", Troubled.Take(5)) + (Troubled.Count > 5 ? $" and {Troubled.Count - 5} more" : "");

    /// <summary>Counts them.</summary>
    public static BackendTally Of(IEnumerable<ObservedBackend> backends)
    {
        ObservedBackend[] all = [.. backends.OrderBy(b => b.Name, StringComparer.Ordinal)];
        return new BackendTally
        {
            Routable = all.Count(IsRoutable),
            Degraded = all.Count(b => b.Status == "degraded"),
            Unavailable = all.Count(b => b.Status == "unavailable"),
            Unknown = all.Count(b => !IsRoutable(b) && b.Status is not ("degraded" or "unavailable")),
            Troubled = [.. all.Where(b => !IsRoutable(b)).Select(b => $"{b.Name} ({b.Status})")],
        };
    }

    /// <summary>Whether calls go to it: it is well, or it only wants to know the user (crds.md 2.3, backendCount).</summary>
    public static bool IsRoutable(ObservedBackend backend) => backend.Status is "ready" or "unauthenticated";
}

/// <summary>What all backends are together.</summary>
public enum BackendMix
{
    /// <summary>There are none, or nobody said anything of them yet.</summary>
    None,

    /// <summary>None works, and some were not probed yet.</summary>
    Pending,

    /// <summary>All are routable.</summary>
    All,

    /// <summary>Some are not.</summary>
    Some,

    /// <summary>All are unavailable.</summary>
    NoneRoutable,
}
