using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Manifests;

/// <summary>Whether an object has the form of its kind, which an API server asks of it before it stores it.</summary>
internal static class ResourceForms
{
    /// <summary>Checks an object of a kind of ours; others have no form to check.</summary>
    /// <exception cref="ResourceFormException">A field does not have the form of the kind.</exception>
    public static void Check(ResourceType type, KubeObject item) => _ = type.Kind switch
    {
        nameof(EmbeddingServer) => ResourceReader.Read(item, ResourcesJson.Default.EmbeddingServer),
        nameof(MCPAuthzConfig) => ResourceReader.Read(item, ResourcesJson.Default.MCPAuthzConfig),
        nameof(MCPExternalAuthConfig) => ResourceReader.Read(item, ResourcesJson.Default.MCPExternalAuthConfig),
        nameof(MCPGroup) => ResourceReader.Read(item, ResourcesJson.Default.MCPGroup),
        nameof(MCPOIDCConfig) => ResourceReader.Read(item, ResourcesJson.Default.MCPOIDCConfig),
        nameof(MCPRemoteProxy) => ResourceReader.Read(item, ResourcesJson.Default.MCPRemoteProxy),
        nameof(MCPServer) => ResourceReader.Read(item, ResourcesJson.Default.MCPServer),
        nameof(MCPServerEntry) => ResourceReader.Read(item, ResourcesJson.Default.MCPServerEntry),
        nameof(MCPTelemetryConfig) => ResourceReader.Read(item, ResourcesJson.Default.MCPTelemetryConfig),
        nameof(MCPToolConfig) => ResourceReader.Read(item, ResourcesJson.Default.MCPToolConfig),
        nameof(VirtualMCPCompositeToolDefinition) => ResourceReader.Read(item, ResourcesJson.Default.VirtualMCPCompositeToolDefinition),
        nameof(VirtualMCPServer) => ResourceReader.Read(item, ResourcesJson.Default.VirtualMCPServer),
        _ => (object?)null,
    };
}
