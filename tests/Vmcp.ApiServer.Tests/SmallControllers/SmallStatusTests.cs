using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.ApiServer.Tests.Informers;
using Vmcp.ApiServer.Tests.Ring;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.SmallControllers;

/// <summary>What the small controllers write is taken by a real API server with the real definitions.</summary>
public sealed class SmallStatusTests(SharedApiServer shared)
{
    private const string Manifests = """
        {kind: MCPGroup, metadata: {name: eng}, spec: {description: x}}
        ---
        {kind: MCPServer, metadata: {name: github}, spec: {image: x, groupRef: {name: eng}}}
        ---
        {kind: MCPServerEntry, metadata: {name: docs}, spec: {remoteUrl: 'https://docs.example.com/mcp', transport: sse, groupRef: {name: eng}, externalAuthConfigRef: {name: auth}}}
        ---
        {kind: MCPServerEntry, metadata: {name: inside}, spec: {remoteUrl: 'http://127.0.0.1/mcp', transport: sse, groupRef: {name: eng}}}
        ---
        {kind: MCPExternalAuthConfig, metadata: {name: auth}, spec: {type: unauthenticated}}
        ---
        {kind: MCPExternalAuthConfig, metadata: {name: sts}, spec: {type: awsSts, awsSts: {region: eu-west-1}}}
        ---
        {kind: MCPOIDCConfig, metadata: {name: idp}, spec: {type: inline, inline: {issuer: 'https://idp.example.com'}}}
        ---
        {kind: MCPToolConfig, metadata: {name: tools}, spec: {toolsFilter: [a, b]}}
        ---
        {kind: MCPTelemetryConfig, metadata: {name: otel}, spec: {openTelemetry: {enabled: true, endpoint: 'https://otel:4318'}}}
        ---
        {kind: MCPAuthzConfig, metadata: {name: authz}, spec: {type: cedarv1, config: {policies: ['permit(principal, action, resource);']}}}
        ---
        {kind: VirtualMCPCompositeToolDefinition, metadata: {name: flow}, spec: {name: flow, description: d, steps: [{id: a, tool: t}]}}
        ---
        {kind: VirtualMCPCompositeToolDefinition, metadata: {name: ring}, spec: {name: ring, description: d, steps: [{id: a, tool: t, dependsOn: [a]}]}}
        """;

    [Fact]
    public async Task Every_kind_gets_its_status_and_a_deletion_waits_for_the_last_user()
    {
        await shared.Server.ApplyCrdsAsync();
        string space = await shared.Server.CreateNamespaceAsync();
        using KubeClient cluster = Kube.Client(shared.Server);
        foreach (YamlDocument document in KubeYaml.ReadAll(Manifests, "test"))
        {
            JsonObject body = document.Body;
            ResourceType type = ToolHive.All.Single(t => t.Kind == body["kind"]!.GetValue<string>());
            body["apiVersion"] = ToolHive.ApiVersion;
            body["metadata"]!["namespace"] = space;
            await cluster.CreateAsync(type, body, WriteOptions.Default, Token);
        }

        using CancellationTokenSource stop = new();
        using HttpClient http = new();
        OperatorOptions options = new()
        {
            MetricsAddress = null,
            HealthAddress = null,
            Namespaces = [space],
            Controllers = [.. VmcpOperator.Controllers.Where(c => c != "virtualmcpserver")],
        };
        Task running = new VmcpOperator(options, new OperatorParts
        {
            Cluster = cluster,
            Planner = VirtualServerPlanner.Plan,
            Http = http,
            Loggers = NullLoggerFactory.Instance,
        }).RunAsync(stop.Token);
        try
        {
            KubeObject group = await UntilAsync(cluster, ToolHive.MCPGroup, space, "eng", "MCPServersChecked=True/ListMCPServersCheckSucceeded");
            group.At("status", "entries")!.Value.GetRawText().ShouldBe("""["docs","inside"]""");
            group.At("status", "phase")!.Value.GetString().ShouldBe("Ready");
            await UntilAsync(cluster, ToolHive.MCPServerEntry, space, "docs", "Valid=True/ConfigValid");
            await UntilAsync(cluster, ToolHive.MCPServerEntry, space, "inside", "RemoteURLValidated=False/RemoteURLInvalid");
            await UntilAsync(cluster, ToolHive.MCPExternalAuthConfig, space, "sts", "Valid=False/ValidationFailed");
            await UntilAsync(cluster, ToolHive.MCPOIDCConfig, space, "idp", "Valid=True/ConfigValid");
            await UntilAsync(cluster, ToolHive.MCPToolConfig, space, "tools", "Valid=True/ValidationSucceeded");
            await UntilAsync(cluster, ToolHive.MCPTelemetryConfig, space, "otel", "Valid=False/ValidationFailed");
            await UntilAsync(cluster, ToolHive.MCPAuthzConfig, space, "authz", "Valid=True/ConfigValid");
            await UntilAsync(cluster, ToolHive.VirtualMCPCompositeToolDefinition, space, "flow", "WorkflowValidated=True/ValidationSuccess");
            await UntilAsync(cluster, ToolHive.VirtualMCPCompositeToolDefinition, space, "ring", "WorkflowValidated=False/DependencyCycle");

            ObjectKey auth = new(space, "auth");
            await Eventually.BecomesAsync(async () => (await cluster.GetAsync(ToolHive.MCPExternalAuthConfig, auth, Token))!.Meta.Finalizers.Count == 1, "the finalizer");
            await cluster.DeleteAsync(ToolHive.MCPExternalAuthConfig, auth, DeleteOptions.Default, Token);
            await UntilAsync(cluster, ToolHive.MCPExternalAuthConfig, space, "auth", "DeletionBlocked=True/ReferencedByWorkloads");
            await cluster.DeleteAsync(ToolHive.MCPServerEntry, new ObjectKey(space, "docs"), DeleteOptions.Default, Token);
            await Eventually.BecomesAsync(async () => await cluster.GetAsync(ToolHive.MCPExternalAuthConfig, auth, Token) is null, "the deletion");
        }
        finally
        {
            await stop.CancelAsync();
            await running.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<KubeObject> UntilAsync(KubeClient cluster, ResourceType type, string space, string name, string condition)
    {
        KubeObject? last = null;
        await Eventually.BecomesAsync(
            async () =>
            {
                last = await cluster.GetAsync(type, new ObjectKey(space, name), Token);
                return last?.At("status", "conditions") is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().Any(c => Word(c) == condition);
            },
            $"{type} {name}: {condition}");
        return last!;
    }

    private static string Word(JsonElement c) => $"{c.GetProperty("type").GetString()}={c.GetProperty("status").GetString()}/{c.GetProperty("reason").GetString()}";
}
