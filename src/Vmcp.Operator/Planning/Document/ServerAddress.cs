using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary>Where a server is found in the cluster (operator 2.1).</summary>
public static class ServerAddress
{
    /// <summary>The port of every gateway.</summary>
    public const int Port = 4483;

    /// <summary>The base URL, as <c>status.url</c> shows it.</summary>
    public static string Of(VirtualMCPServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return $"http://vmcp-{server.Metadata.Name}.{server.Metadata.Namespace}.svc.cluster.local:{Port}";
    }

    /// <summary>The MCP endpoint.</summary>
    public static string Mcp(VirtualMCPServer server) => Of(server) + "/mcp";
}
