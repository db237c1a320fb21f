namespace Vmcp.Gateway.Dashboard;

/// <summary>Something that happened to a backend.</summary>
/// <param name="At">When it was seen.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Reason">Why, or what is different now; no address, header or raw error is in it.</param>
internal sealed record BackendChange(DateTimeOffset At, string Backend, BackendChangeKind Kind, string Reason)
{
    /// <summary>The kind as the page knows it.</summary>
    public string Word => Kind switch
    {
        BackendChangeKind.Joined => "joined",
        BackendChangeKind.Changed => "changed",
        BackendChangeKind.Degraded => "degraded",
        BackendChangeKind.Recovered => "recovered",
        _ => "left",
    };
}

/// <summary>The turns of a backend's life.</summary>
internal enum BackendChangeKind
{
    /// <summary>It was reached for the first time.</summary>
    Joined,

    /// <summary>Its configuration or its lists are others now.</summary>
    Changed,

    /// <summary>Its health got worse.</summary>
    Degraded,

    /// <summary>Its health got better.</summary>
    Recovered,

    /// <summary>It is served no more.</summary>
    Left,
}
