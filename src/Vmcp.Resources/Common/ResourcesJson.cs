using System.Text.Json.Serialization;

namespace Vmcp.Resources;

/// <summary>How the kinds are read and written: camelCase, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VirtualMCPServer))]
[JsonSerializable(typeof(MCPGroup))]
[JsonSerializable(typeof(MCPServer))]
[JsonSerializable(typeof(MCPRemoteProxy))]
[JsonSerializable(typeof(MCPServerEntry))]
[JsonSerializable(typeof(MCPExternalAuthConfig))]
[JsonSerializable(typeof(MCPOIDCConfig))]
[JsonSerializable(typeof(MCPToolConfig))]
[JsonSerializable(typeof(VirtualMCPCompositeToolDefinition))]
[JsonSerializable(typeof(MCPTelemetryConfig))]
[JsonSerializable(typeof(MCPAuthzConfig))]
[JsonSerializable(typeof(EmbeddingServer))]
public sealed partial class ResourcesJson : JsonSerializerContext;
