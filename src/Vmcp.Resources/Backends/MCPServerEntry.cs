using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>A remote MCP server that gateways dial themselves; nothing runs for it in the cluster.</summary>
[CustomResource("mcpserverentries", "mcpentry")]
[PrinterColumn("Phase", ".status.phase")]
[PrinterColumn("Transport", ".spec.transport")]
[PrinterColumn("Remote URL", ".spec.remoteUrl")]
[PrinterColumn("Group", ".spec.groupRef.name")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPServerEntry() : Resource<MCPServerEntrySpec, MCPServerEntryStatus>(ToolHive.MCPServerEntry);

/// <summary>Where the server is and how it is reached.</summary>
public sealed record MCPServerEntrySpec
{
    /// <summary>The server's MCP endpoint.</summary>
    [Required, Bounds(Pattern = Patterns.Http)]
    public string RemoteUrl { get; init => field = value ?? field; } = "";

    /// <summary>The transport the server speaks.</summary>
    [Required, OneOf("sse", "streamable-http")]
    public string? Transport { get; init; }

    /// <summary>The MCPGroup it is a member of.</summary>
    [Required]
    public MCPGroupRef? GroupRef { get; init; }

    /// <summary>Permits private addresses and names inside the cluster.</summary>
    [Default(false)]
    public bool? AllowPrivateEndpoint { get; init; }

    /// <summary>How a gateway proves who it is to the server.</summary>
    public ExternalAuthConfigRef? ExternalAuthConfigRef { get; init; }

    /// <summary>Headers put on every request to the server.</summary>
    public HeaderForwardConfig? HeaderForward { get; init; }

    /// <summary>CA certificates to trust the server by.</summary>
    public CABundleSource? CaBundleRef { get; init; }
}

/// <summary>Whether the entry can be used.</summary>
public sealed record MCPServerEntryStatus
{
    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The state in one word; Valid is the good one.</summary>
    [Default("Pending"), OneOf("Valid", "Pending", "Failed")]
    public string? Phase { get; init; }

    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];
}
