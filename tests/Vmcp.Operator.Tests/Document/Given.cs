using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Settings;
using Vmcp.Resources;

using World = Vmcp.Operator.Planning.World;

namespace Vmcp.Operator.Tests.Document;
/// <summary>A server and its world, from manifests. The group <c>team</c> is there and ready unless the manifests say otherwise.</summary>
internal sealed record Given(VirtualMCPServer Server, World World)
{
    private const string Group = "{kind: MCPGroup, metadata: {name: team, namespace: demo}, status: {phase: Ready}}";

    public OperatorSettings Settings { get; init; } = OperatorSettings.Default;

    /// <summary>The scenarios' server <c>hub</c>, with more of its spec, and other objects.</summary>
    public static Given Hub(string spec = "", string objects = "") => From(
        $$"""
        kind: VirtualMCPServer
        metadata: {name: hub, namespace: demo, generation: 1}
        spec:
          groupRef: {name: team}
        {{Indent(spec.Contains("incomingAuth", StringComparison.Ordinal) ? spec : spec + "\nincomingAuth: {type: anonymous}")}}
        ---
        {{Group}}
        ---
        {{objects}}
        """);

    public static Given From(string manifests)
    {
        VirtualMCPServer? server = null;
        World world = World.Empty;
        foreach (JsonObject body in KubeYaml.ReadAll(manifests, "test.yaml").Select(d => d.Body))
        {
            body["metadata"]!["namespace"] ??= "demo";
            switch (body["kind"]!.GetValue<string>())
            {
                case "VirtualMCPServer":
                    server = As(ResourcesJson.Default.VirtualMCPServer);
                    break;
                case "MCPGroup":
                    world = world with { Group = As(ResourcesJson.Default.MCPGroup) };
                    break;
                case "MCPServer":
                    world = world with { Servers = world.Servers.Add(As(ResourcesJson.Default.MCPServer)) };
                    break;
                case "MCPRemoteProxy":
                    world = world with { RemoteProxies = world.RemoteProxies.Add(As(ResourcesJson.Default.MCPRemoteProxy)) };
                    break;
                case "MCPServerEntry":
                    world = world with { Entries = world.Entries.Add(As(ResourcesJson.Default.MCPServerEntry)) };
                    break;
                case "MCPExternalAuthConfig":
                    world = world with { ExternalAuthConfigs = world.ExternalAuthConfigs.SetItem(Name(), As(ResourcesJson.Default.MCPExternalAuthConfig)) };
                    break;
                case "MCPOIDCConfig":
                    world = world with { OidcConfigs = world.OidcConfigs.SetItem(Name(), As(ResourcesJson.Default.MCPOIDCConfig)) };
                    break;
                case "MCPToolConfig":
                    world = world with { ToolConfigs = world.ToolConfigs.SetItem(Name(), As(ResourcesJson.Default.MCPToolConfig)) };
                    break;
                case "VirtualMCPCompositeToolDefinition":
                    world = world with { CompositeTools = world.CompositeTools.SetItem(Name(), As(ResourcesJson.Default.VirtualMCPCompositeToolDefinition)) };
                    break;
                case "MCPTelemetryConfig":
                    world = world with { TelemetryConfigs = world.TelemetryConfigs.SetItem(Name(), As(ResourcesJson.Default.MCPTelemetryConfig)) };
                    break;
                case "MCPAuthzConfig":
                    world = world with { AuthzConfigs = world.AuthzConfigs.SetItem(Name(), As(ResourcesJson.Default.MCPAuthzConfig)) };
                    break;
                case "EmbeddingServer":
                    world = world with { EmbeddingServers = world.EmbeddingServers.SetItem(Name(), As(ResourcesJson.Default.EmbeddingServer)) };
                    break;
                case "Secret":
                    world = world with { Secrets = world.Secrets.SetItem(Name(), new SecretFacts([.. Data().Keys], $"v-{Name()}")) };
                    break;
                case "ConfigMap":
                    world = world with
                    {
                        ConfigMaps = world.ConfigMaps.SetItem(
                            Name(), new ConfigMapFacts(Data().ToImmutableSortedDictionary(StringComparer.Ordinal), $"v-{Name()}")),
                    };
                    break;
                default:
                    throw new ArgumentException($"unknown kind in {body}");
            }

            string Name() => body["metadata"]!["name"]!.GetValue<string>();

            Dictionary<string, string> Data() => (body["data"]?.AsObject() ?? []).ToDictionary(d => d.Key, d => d.Value!.ToString());

            T As<T>(JsonTypeInfo<T> type) => body.Deserialize(type)!;
        }

        return new Given(server.ShouldNotBeNull(), world);
    }

    public DocumentResult Plan() => DocumentPlanner.Plan(Server, World, Settings);

    /// <summary>The document, read back as the gateway reads it in its pod: with the variables it has there and no others.</summary>
    public (GatewayDocument Document, GatewayConfig Config) Rendered()
    {
        DocumentResult result = Plan();
        result.Failure.ShouldBeNull();
        GatewayDocument document = result.Document.ShouldNotBeNull();
        Dictionary<string, string> env = [];
        foreach (EnvVar variable in document.Env)
            env.Add(variable.Name, variable is EnvVar.Text text ? text.Value : "value");
        ConfigResult read = ConfigFile.Load(document.ConfigYaml, "config.yaml", env.GetValueOrDefault);
        read.Problems.ShouldBeEmpty(document.ConfigYaml);
        return (document, read.Config.ShouldNotBeNull());
    }

    public string Failure() => Plan().Failure.ShouldNotBeNull().Message;

    private static string Indent(string text) => string.Join('\n', text.Split('\n').Select(line => "  " + line));
}

/// <summary>Manifests the tests share.</summary>
internal static class Manifests
{
    public const string Inline = "outgoingAuth: {source: inline}";

    public const string KeySecret = "{kind: Secret, metadata: {name: s1}, data: {k: ''}}";

    public static string Server(string name, string spec = "") =>
        $"{{kind: MCPServer, metadata: {{name: {name}}}, spec: {{image: i, groupRef: {{name: team}}, transport: streamable-http{(spec.Length == 0 ? "" : ", ")}{spec}}}, "
        + $"status: {{url: 'http://mcp-{name}-proxy.demo.svc.cluster.local:8080/mcp', phase: Ready}}}}";

    public static string Entry(string name, string spec = "") =>
        $"{{kind: MCPServerEntry, metadata: {{name: {name}}}, spec: {{groupRef: {{name: team}}, remoteUrl: 'https://{name}.example.com/mcp', transport: streamable-http{(spec.Length == 0 ? "" : ", ")}{spec}}}, status: {{phase: Valid}}}}";

    public static string Header(string name, string secret = "s1", string key = "k") =>
        $"{{kind: MCPExternalAuthConfig, metadata: {{name: {name}}}, spec: {{type: headerInjection, headerInjection: {{headerName: X-Key, valueSecretRef: {{name: {secret}, key: {key}}}}}}}}}";

    public static string Own(string config) => $"externalAuthConfigRef: {{name: {config}}}";

    public static string Ref(string config) => $"{{type: externalAuthConfigRef, externalAuthConfigRef: {{name: {config}}}}}";

    public static string All(params string[] documents) => string.Join("\n---\n", documents);
}
