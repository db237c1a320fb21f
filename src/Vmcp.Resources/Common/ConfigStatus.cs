using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>The status of the kinds that only hold settings for others.</summary>
public sealed record ConfigStatus
{
    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];

    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Hash of the spec, by which its users see that it changed.</summary>
    public string? ConfigHash { get; init; }
}
