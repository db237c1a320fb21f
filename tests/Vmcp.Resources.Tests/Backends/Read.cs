using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources.Backends;

namespace Vmcp.Resources.Tests.Backends;

/// <summary>Objects as manifests write them.</summary>
internal static class Read
{
    public static MCPServer Server(string yaml) => One(yaml, ResourcesJson.Default.MCPServer);

    public static MCPRemoteProxy Proxy(string yaml) => One(yaml, ResourcesJson.Default.MCPRemoteProxy);

    public static MCPServerEntry Entry(string yaml) => One(yaml, ResourcesJson.Default.MCPServerEntry);

    public static VirtualMCPServer Gateway(string yaml) => One(yaml, ResourcesJson.Default.VirtualMCPServer);

    public static MCPExternalAuthConfig Auth(string name, string spec, string status = "{}") => One(
        $"{{metadata: {{name: {name}, namespace: demo, generation: 2}}, spec: {spec}, status: {status}}}", ResourcesJson.Default.MCPExternalAuthConfig);

    public static T One<T>(string yaml, JsonTypeInfo<T> type)
    {
        JsonObject body = KubeYaml.ReadAll(yaml, "test.yaml").ShouldHaveSingleItem().Body;
        return body.Deserialize(type)!;
    }
}

/// <summary>What a resolver may look at.</summary>
internal sealed record Facts
{
    public VirtualMCPServer Gateway { get; init; } = Read.Gateway("{metadata: {name: hub, namespace: demo}}");

    public MemberBackend[] Members { get; init; } = [];

    public MCPExternalAuthConfig[] Configs { get; init; } = [];

    public Dictionary<string, string[]> Secrets { get; init; } = [];

    public BackendAuthResolver Resolver() => new(
        Gateway,
        Members,
        name => Configs.FirstOrDefault(c => c.Metadata.Name == name),
        name => Secrets.TryGetValue(name, out string[]? keys) ? keys : null);
}
