using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>A set of backends. Members name the group, not the other way round.</summary>
[CustomResource("mcpgroups", "mcpg", "mcpgroup")]
[PrinterColumn("Servers", ".status.serverCount", Type = "integer")]
[PrinterColumn("Proxies", ".status.remoteProxyCount", Type = "integer")]
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Checked", ".status.conditions[?(@.type=='MCPServersChecked')].status")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPGroup() : Resource<MCPGroupSpec, MCPGroupStatus>(ToolHive.MCPGroup);

/// <summary>What the group is for.</summary>
public sealed record MCPGroupSpec
{
    /// <summary>For people.</summary>
    public string? Description { get; init; }
}

/// <summary>Who is in the group.</summary>
public sealed record MCPGroupStatus
{
    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The state in one word: Ready once the members could be listed.</summary>
    [Default("Pending"), OneOf("Ready", "Pending", "Failed")]
    public string? Phase { get; init; }

    /// <summary>Names of the MCPServers, sorted.</summary>
    [ListSet]
    public IReadOnlyList<string> Servers { get; init => field = value ?? field; } = [];

    /// <summary>Number of MCPServers.</summary>
    public int? ServerCount { get; init; }

    /// <summary>Names of the MCPRemoteProxies, sorted.</summary>
    [ListSet]
    public IReadOnlyList<string> RemoteProxies { get; init => field = value ?? field; } = [];

    /// <summary>Number of MCPRemoteProxies.</summary>
    public int? RemoteProxyCount { get; init; }

    /// <summary>Names of the MCPServerEntries, sorted.</summary>
    [ListSet]
    public IReadOnlyList<string> Entries { get; init => field = value ?? field; } = [];

    /// <summary>Number of MCPServerEntries.</summary>
    public int? EntryCount { get; init; }

    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];
}
