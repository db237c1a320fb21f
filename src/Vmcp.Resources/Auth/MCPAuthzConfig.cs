using System.Text.Json;
using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>Who may call what, shared by several servers.</summary>
[CustomResource("mcpauthzconfigs", "authzcfg")]
[PrinterColumn("Type", ".spec.type")]
[PrinterColumn("Valid", ".status.conditions[?(@.type=='Valid')].status")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record MCPAuthzConfig() : Resource<MCPAuthzConfigSpec, ConfigStatus>(ToolHive.MCPAuthzConfig);

/// <summary>Who may call what.</summary>
public sealed record MCPAuthzConfigSpec
{
    /// <summary>The authorizer; a VirtualMCPServer takes cedarv1.</summary>
    [Required, Bounds(MinLength = 1)]
    public string? Type { get; init; }

    /// <summary>The authorizer's settings; for cedarv1 policies, entities_json and the names of claims.</summary>
    [Required, PreserveUnknownFields]
    public JsonElement? Config { get; init; }
}
