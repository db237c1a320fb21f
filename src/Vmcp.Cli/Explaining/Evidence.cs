namespace Vmcp.Cli.Explaining;

/// <summary>What is known of a gateway and its backends, from wherever it was asked.</summary>
internal sealed record Evidence
{
    /// <summary>The backends, served or not, sorted by name.</summary>
    public required IReadOnlyList<BackendEvidence> Backends { get; init; }

    /// <summary>Why the items of the backends are not known, with what to do about it; null when they are.</summary>
    public string? ItemsHidden { get; init; }

    /// <summary>What else a person has to know, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What is known of one backend.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Steps">The steps up to its health, in order: <c>backend</c>, <c>auth</c>, <c>health</c>.</param>
internal sealed record BackendEvidence(string Name, IReadOnlyList<Step> Steps)
{
    /// <summary>What it listed; null when that is not known: it never answered, is not served, or the gateway does not show it.</summary>
    public IReadOnlyList<ItemEvidence>? Items { get; init; }

    /// <summary>What it lists depends on the user, so no one list says what clients see.</summary>
    public bool IsPerUser { get; init; }
}

/// <summary>One item with the gateway's verdict.</summary>
/// <param name="Kind"><c>tool</c>, <c>prompt</c>, <c>resource</c> or <c>template</c>.</param>
/// <param name="Name">The backend's own name.</param>
/// <param name="ExposedName">The name in the catalog, or null.</param>
/// <param name="Outcome">The verdict's word.</param>
/// <param name="Reason">Its sentence.</param>
internal sealed record ItemEvidence(string Kind, string Name, string? ExposedName, string Outcome, string Reason)
{
    /// <summary>What renamed it.</summary>
    public IReadOnlyList<string> RenamedBy { get; init; } = [];

    /// <summary>All that stands in its way, by outcome.</summary>
    public IReadOnlyList<(string Outcome, string Reason)> Obstacles { get; init; } = [];

    /// <summary>Only clients that can be asked see it.</summary>
    public bool DependsOnClient { get; init; }

    /// <summary>Whether clients see it.</summary>
    public bool IsVisible => Outcome == "visible";
}
