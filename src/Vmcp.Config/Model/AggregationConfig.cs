using Vmcp.Config.Values;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Values;

namespace Vmcp.Config.Model;

/// <summary><c>aggregation</c>: how the backends' items become one list.</summary>
public sealed record AggregationConfig
{
    /// <summary>The prefix when none is written.</summary>
    public const string DefaultPrefixFormat = "{workload}_";

    /// <summary>Nothing written.</summary>
    public static AggregationConfig Default { get; } = new();

    /// <summary>What happens to names more than one backend wants.</summary>
    /// <default><see cref="EffectiveConflictResolution"/></default>
    public ConflictStrategy? ConflictResolution { get; init; }

    /// <summary>Settings of the strategy.</summary>
    public ConflictResolutionConfig? ConflictResolutionConfig { get; init; }

    /// <summary>Visibility of backends without an entry in <see cref="Tools"/>.</summary>
    /// <default><see cref="ToolVisibility.Allow"/></default>
    public ToolVisibility? DefaultToolVisibility { get; init; }

    /// <summary>Hide every backend tool.</summary>
    /// <default><c>false</c></default>
    public bool? ExcludeAllTools { get; init; }

    /// <summary>Per-backend rules.</summary>
    public EquatableArray<WorkloadToolsConfig> Tools { get; init; }

    /// <summary>The strategy: as written, or prefix.</summary>
    public ConflictStrategy EffectiveConflictResolution => ConflictResolution ?? ConflictStrategy.Prefix;

    /// <summary>The prefix: as written, or <see cref="DefaultPrefixFormat"/>.</summary>
    public string EffectivePrefixFormat => ConflictResolutionConfig?.PrefixFormat ?? DefaultPrefixFormat;
}

/// <summary><c>aggregation.conflictResolutionConfig</c>.</summary>
public sealed record ConflictResolutionConfig
{
    /// <summary>Prefix of exposed names; <c>{workload}</c> stands for the backend's name.</summary>
    /// <default><see cref="AggregationConfig.DefaultPrefixFormat"/></default>
    public string? PrefixFormat { get; init; }

    /// <summary>Backend names, best first.</summary>
    public EquatableArray<string> PriorityOrder { get; init; }
}

/// <summary>The values of <c>defaultToolVisibility</c>.</summary>
public enum ToolVisibility
{
    /// <summary>Listed.</summary>
    Allow,

    /// <summary>Hidden.</summary>
    Deny,
}

/// <summary>One entry of <c>aggregation.tools</c>.</summary>
public sealed record WorkloadToolsConfig
{
    /// <summary>The backend the rules are for.</summary>
    public string? Workload { get; init; }

    /// <summary>A tool config resource; the operator replaces it by its content.</summary>
    public NameRef? ToolConfigRef { get; init; }

    /// <summary>Only these tools are listed, and only they can be called.</summary>
    /// <default>all tools</default>
    public EquatableArray<string> Filter { get; init; }

    /// <summary>Changes by the backend's own tool name.</summary>
    public SortedMap<ToolOverrideConfig> Overrides { get; init; } = SortedMap.Empty<ToolOverrideConfig>();

    /// <summary>Hide all tools of this backend.</summary>
    /// <default><c>false</c></default>
    public bool? ExcludeAll { get; init; }
}

/// <summary>What is changed on one tool; absent members keep the backend's value.</summary>
public sealed record ToolOverrideConfig
{
    /// <summary>New name before prefixing.</summary>
    public string? Name { get; init; }

    /// <summary>New description.</summary>
    public string? Description { get; init; }

    /// <summary>New annotations.</summary>
    public ToolAnnotationsConfig? Annotations { get; init; }
}

/// <summary>MCP tool annotations; absent members keep the backend's value.</summary>
public sealed record ToolAnnotationsConfig
{
    /// <summary>A title for people.</summary>
    public string? Title { get; init; }

    /// <summary>The tool changes nothing.</summary>
    public bool? ReadOnlyHint { get; init; }

    /// <summary>The tool may destroy.</summary>
    public bool? DestructiveHint { get; init; }

    /// <summary>Calling again with the same arguments changes nothing more.</summary>
    public bool? IdempotentHint { get; init; }

    /// <summary>The tool reaches beyond its own system.</summary>
    public bool? OpenWorldHint { get; init; }
}
