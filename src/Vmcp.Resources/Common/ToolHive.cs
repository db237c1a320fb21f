using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources;

/// <summary>The kinds of the API group <c>toolhive.stacklok.dev</c> this project knows.</summary>
public static class ToolHive
{
    /// <summary>The API group.</summary>
    public const string Group = "toolhive.stacklok.dev";

    /// <summary>The version spoken and stored.</summary>
    public const string Version = "v1beta1";

    /// <summary>An older name of the same version, still served with a warning.</summary>
    public const string DeprecatedVersion = "v1alpha1";

    /// <summary>Group and version as objects carry them.</summary>
    public const string ApiVersion = Group + "/" + Version;

    /// <summary>A gateway over the backends of a group.</summary>
    public static ResourceType VirtualMCPServer { get; } = Of("virtualmcpservers", "VirtualMCPServer");

    /// <summary>A set of backends.</summary>
    public static ResourceType MCPGroup { get; } = Of("mcpgroups", "MCPGroup");

    /// <summary>A backend that runs in the cluster.</summary>
    public static ResourceType MCPServer { get; } = Of("mcpservers", "MCPServer");

    /// <summary>A proxy in the cluster before a remote backend.</summary>
    public static ResourceType MCPRemoteProxy { get; } = Of("mcpremoteproxies", "MCPRemoteProxy");

    /// <summary>A remote backend the gateway dials itself.</summary>
    public static ResourceType MCPServerEntry { get; } = Of("mcpserverentries", "MCPServerEntry");

    /// <summary>How a gateway presents itself to a backend.</summary>
    public static ResourceType MCPExternalAuthConfig { get; } = Of("mcpexternalauthconfigs", "MCPExternalAuthConfig");

    /// <summary>Whose tokens a server accepts.</summary>
    public static ResourceType MCPOIDCConfig { get; } = Of("mcpoidcconfigs", "MCPOIDCConfig");

    /// <summary>Which tools of a backend are shown, and under what names.</summary>
    public static ResourceType MCPToolConfig { get; } = Of("mcptoolconfigs", "MCPToolConfig");

    /// <summary>A workflow offered as one tool.</summary>
    public static ResourceType VirtualMCPCompositeToolDefinition { get; } =
        Of("virtualmcpcompositetooldefinitions", "VirtualMCPCompositeToolDefinition");

    /// <summary>Where traces and metrics go.</summary>
    public static ResourceType MCPTelemetryConfig { get; } = Of("mcptelemetryconfigs", "MCPTelemetryConfig");

    /// <summary>Who may call what.</summary>
    public static ResourceType MCPAuthzConfig { get; } = Of("mcpauthzconfigs", "MCPAuthzConfig");

    /// <summary>A model server for the tool search.</summary>
    public static ResourceType EmbeddingServer { get; } = Of("embeddingservers", "EmbeddingServer");

    /// <summary>All of them, sorted by kind.</summary>
    public static ImmutableArray<ResourceType> All { get; } =
    [
        EmbeddingServer, MCPAuthzConfig, MCPExternalAuthConfig, MCPGroup, MCPOIDCConfig, MCPRemoteProxy, MCPServer, MCPServerEntry,
        MCPTelemetryConfig, MCPToolConfig, VirtualMCPCompositeToolDefinition, VirtualMCPServer,
    ];

    private static ResourceType Of(string plural, string kind) => new(Group, Version, plural, kind);
}
