using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vmcp.Config.Values;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Checks;

/// <summary>
/// Hashes of the config objects in use, which status shows so that a user sees which version is in use: the object's own
/// <c>status.configHash</c>, or one of its spec where no controller writes that.
/// </summary>
internal static class ConfigHashes
{
    public static string? Oidc(VirtualMCPServer server, World world) =>
        world.OidcConfigs.TryGetValue(server.Spec.IncomingAuth?.OidcConfigRef?.Name ?? "", out MCPOIDCConfig? config)
            ? config.Status.ConfigHash ?? OfSpec(JsonSerializer.SerializeToElement(config, ResourcesJson.Default.MCPOIDCConfig))
            : null;

    public static string? Authz(VirtualMCPServer server, World world) =>
        world.AuthzConfigs.TryGetValue(server.Spec.IncomingAuth?.AuthzConfigRef?.Name ?? "", out MCPAuthzConfig? config)
            ? config.Status.ConfigHash ?? OfSpec(JsonSerializer.SerializeToElement(config, ResourcesJson.Default.MCPAuthzConfig))
            : null;

    public static string? Telemetry(VirtualMCPServer server, World world) =>
        world.TelemetryConfigs.TryGetValue(server.Spec.TelemetryConfigRef?.Name ?? "", out MCPTelemetryConfig? config)
            ? config.Status.ConfigHash ?? OfSpec(JsonSerializer.SerializeToElement(config, ResourcesJson.Default.MCPTelemetryConfig))
            : null;

    private static string OfSpec(JsonElement config) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Write(config.GetProperty("spec")))));
}
