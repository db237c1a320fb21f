using System.Text.Json;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Checks;

/// <summary>
/// Hashes of the config objects in use, which status shows so that a user sees which version is in use: the object's own
/// <c>status.configHash</c>, or as long as no controller wrote that, what ours would write.
/// </summary>
internal static class ConfigHashes
{
    public static string? Oidc(VirtualMCPServer server, World world) =>
        world.OidcConfigs.TryGetValue(server.Spec.IncomingAuth?.OidcConfigRef?.Name ?? "", out MCPOIDCConfig? config)
            ? config.Status.ConfigHash ?? ConfigHash.Of(JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPOIDCConfigSpec))
            : null;

    public static string? Authz(VirtualMCPServer server, World world) =>
        world.AuthzConfigs.TryGetValue(server.Spec.IncomingAuth?.AuthzConfigRef?.Name ?? "", out MCPAuthzConfig? config)
            ? config.Status.ConfigHash ?? ConfigHash.Of(JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPAuthzConfigSpec))
            : null;

    public static string? Telemetry(VirtualMCPServer server, World world) =>
        world.TelemetryConfigs.TryGetValue(server.Spec.TelemetryConfigRef?.Name ?? "", out MCPTelemetryConfig? config)
            ? config.Status.ConfigHash ?? ConfigHash.Of(JsonSerializer.SerializeToNode(config.Spec, ResourcesJson.Default.MCPTelemetryConfigSpec))
            : null;
}
