using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Which tools of a backend are shown, and under what names.</summary>
[CustomResource("mcptoolconfigs", "tc", "toolconfig")]
[PrinterColumn("Valid", ".status.conditions[?(@.type=='Valid')].status")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPToolConfig() : Resource<MCPToolConfigSpec, ConfigStatus>(ToolHive.MCPToolConfig);

/// <summary>Which tools are shown, and under what names.</summary>
public sealed record MCPToolConfigSpec
{
    /// <summary>The tools that are shown; all when empty.</summary>
    [ListSet]
    public IReadOnlyList<string> ToolsFilter { get; init => field = value ?? field; } = [];

    /// <summary>What is shown in place of a tool's own words, by the tool's own name.</summary>
    public IReadOnlyDictionary<string, ToolOverrideSpec> ToolsOverride { get; init => field = value ?? field; } = new Dictionary<string, ToolOverrideSpec>();
}

/// <summary>What is shown in place of a tool's own words.</summary>
public sealed record ToolOverrideSpec
{
    /// <summary>The name shown.</summary>
    public string? Name { get; init; }

    /// <summary>The description shown.</summary>
    public string? Description { get; init; }

    /// <summary>The hints shown; those not set stay the tool's own.</summary>
    public ToolAnnotationsSpec? Annotations { get; init; }
}

/// <summary>Hints about a tool (MCP, ToolAnnotations).</summary>
public sealed record ToolAnnotationsSpec
{
    /// <summary>A title for people.</summary>
    public string? Title { get; init; }

    /// <summary>The tool changes nothing.</summary>
    public bool? ReadOnlyHint { get; init; }

    /// <summary>The tool may destroy.</summary>
    public bool? DestructiveHint { get; init; }

    /// <summary>A second call with the same arguments changes nothing more.</summary>
    public bool? IdempotentHint { get; init; }

    /// <summary>The tool reaches into an open world.</summary>
    public bool? OpenWorldHint { get; init; }
}
