using Vmcp.Config.Model;
using Vmcp.Core.Values;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary>The client headers a server's gateway passes on to its backends.</summary>
public static class PassedHeaders
{
    /// <summary>Those of the spec, or where it lists none those of its config; none of a config that cannot be read.</summary>
    public static EquatableArray<string> Of(VirtualMCPServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return Of(server, server.Spec.PassthroughHeaders.Count > 0 ? null : SpecConfig.Read(server).Config);
    }

    /// <summary>The same for who has read the config already.</summary>
    internal static EquatableArray<string> Of(VirtualMCPServer server, GatewayConfig? config) =>
        server.Spec.PassthroughHeaders.Count > 0 ? [.. server.Spec.PassthroughHeaders] : config?.PassthroughHeaders ?? [];
}
