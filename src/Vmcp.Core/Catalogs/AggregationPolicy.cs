using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vmcp.Core.Catalogs;

/// <summary>How the backends' items become one catalog (<c>aggregation</c> of the configuration).</summary>
public sealed record AggregationPolicy
{
    /// <summary>What happens to names more than one backend wants.</summary>
    public ConflictStrategy Strategy { get; init; } = ConflictStrategy.Prefix;

    /// <summary>Prefix of exposed names; <c>{workload}</c> stands for the backend's name.</summary>
    public string PrefixFormat { get; init; } = "{workload}_";

    /// <summary>Backend names, best first, for <see cref="ConflictStrategy.Priority"/>.</summary>
    public ImmutableArray<string> PriorityOrder { get; init; } = [];

    /// <summary>Per-backend rules by backend name.</summary>
    public FrozenDictionary<string, ToolRules> Tools { get; init; } = FrozenDictionary<string, ToolRules>.Empty;

    /// <summary>Hide every backend tool.</summary>
    public bool ExcludeAllTools { get; init; }

    /// <summary>Hide the tools of backends without an entry in <see cref="Tools"/>.</summary>
    public bool DenyByDefault { get; init; }

    /// <summary>The rank of a backend that <see cref="PriorityOrder"/> does not name.</summary>
    internal const int Unranked = int.MaxValue;

    /// <summary>The prefix of a backend's names.</summary>
    public string PrefixOf(string backend) => PrefixFormat.Replace("{workload}", backend, StringComparison.Ordinal);

    /// <summary>Place in <see cref="PriorityOrder"/>, 0 is best; <see cref="Unranked"/> when it is not named there.</summary>
    internal int RankOf(string backend) => PriorityOrder.IndexOf(backend) is >= 0 and int rank ? rank : Unranked;
}

/// <summary>The conflict strategies of vmcp-runtime 5.</summary>
public enum ConflictStrategy
{
    /// <summary>Always prefix.</summary>
    Prefix,

    /// <summary>Bare names; the best-placed owner of a contested name gets it.</summary>
    Priority,

    /// <summary>Bare names; contested ones must be renamed by an override.</summary>
    Manual,
}

/// <summary>The tool rules of one backend.</summary>
public sealed record ToolRules
{
    /// <summary>If not empty, only these tools (original or overridden name) are visible.</summary>
    public ImmutableArray<string> Filter { get; init; } = [];

    /// <summary>Changes by original tool name.</summary>
    public FrozenDictionary<string, ToolOverride> Overrides { get; init; } = FrozenDictionary<string, ToolOverride>.Empty;

    /// <summary>Hide all tools of this backend.</summary>
    public bool ExcludeAll { get; init; }
}

/// <summary>What is changed on one tool; null keeps the backend's value.</summary>
public sealed record ToolOverride
{
    /// <summary>New name before prefixing.</summary>
    public string? Name { get; init; }

    /// <summary>New description.</summary>
    public string? Description { get; init; }

    /// <summary>New <c>annotations.title</c>.</summary>
    public string? Title { get; init; }

    /// <summary>New <c>annotations.readOnlyHint</c>.</summary>
    public bool? ReadOnlyHint { get; init; }

    /// <summary>New <c>annotations.destructiveHint</c>.</summary>
    public bool? DestructiveHint { get; init; }

    /// <summary>New <c>annotations.idempotentHint</c>.</summary>
    public bool? IdempotentHint { get; init; }

    /// <summary>New <c>annotations.openWorldHint</c>.</summary>
    public bool? OpenWorldHint { get; init; }
}
