using System.Collections.Immutable;

namespace Vmcp.Operator.SmallControllers;

/// <summary>What is known around a configuration object.</summary>
public sealed record ConfigFacts
{
    /// <summary>Nobody uses it.</summary>
    public static ConfigFacts Unused { get; } = new();

    /// <summary>The objects that name it: workloads, entries and VirtualMCPServers, in any order.</summary>
    public ImmutableArray<Referrer> Referrers { get; init; } = [];
}
