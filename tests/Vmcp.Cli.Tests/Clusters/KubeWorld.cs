using System.Text.Json.Nodes;
using Vmcp.Cli.Clusters;
using Vmcp.Cli.Explaining;
using Vmcp.Cli.Terminals;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;

namespace Vmcp.Cli.Tests.Clusters;

/// <summary>A cluster in memory with the group <c>team</c> and the VirtualMCPServer <c>hub</c> in namespace <c>demo</c>.</summary>
internal sealed class KubeWorld : IPodProxy
{
    private const string Hub = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: hub}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: anonymous}
          outgoingAuth:
            source: discovered
            default: {type: externalAuthConfigRef, externalAuthConfigRef: {name: shared}}
        status:
          phase: Degraded
          mode: discovered
          message: 1 of 2 backends is not available
          url: http://vmcp-hub.demo.svc.cluster.local:4483
          observedGeneration: 1
          backendCount: 1
          conditions:
          - {type: Ready, status: "True", reason: DeploymentReady, message: fine, lastTransitionTime: "2026-01-01T00:00:00Z"}
          - {type: BackendsHealthy, status: "False", reason: BackendsUnavailable, message: jira is not available, lastTransitionTime: "2026-01-01T00:00:00Z"}
          discoveredBackends:
          - {name: jira, status: unavailable, message: connection failed, authType: header_injection, authSource: workload, authConfigRef: jira-key, consecutiveFailures: 4, circuitBreakerState: open}
          - {name: notes, status: ready, authType: header_injection, authSource: default, mcpRevision: "2025-11-25"}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: hub}
        spec:
          replicas: 2
          selector: {matchLabels: {app: hub}}
          template: {metadata: {labels: {app: hub}}, spec: {containers: [{name: vmcp, image: example.com/vmcp}]}}
        status: {readyReplicas: 1}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: hub-1
          labels: {app.kubernetes.io/name: virtualmcpserver, app.kubernetes.io/instance: hub}
        spec: {containers: [{name: vmcp, image: example.com/vmcp}]}
        status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: jira}
        spec: {image: example.com/jira, transport: streamable-http, groupRef: {name: team}, externalAuthConfigRef: {name: jira-key}}
        status: {phase: Ready, url: "http://jira.demo:8080/mcp"}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: notes}
        spec: {image: example.com/notes, transport: streamable-http, groupRef: {name: team}}
        status: {phase: Ready, url: "http://notes.demo:8080/mcp"}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: broken}
        spec: {image: example.com/broken, transport: streamable-http, groupRef: {name: team}, externalAuthConfigRef: {name: broken-key}}
        status: {phase: Ready, url: "http://broken.demo:8080/mcp"}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata: {name: jira-key}
        spec: {type: headerInjection, headerInjection: {headerName: X-Key, valueSecretRef: {name: jira-secret, key: token}}}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata: {name: broken-key}
        spec: {type: headerInjection, headerInjection: {headerName: X-Key, valueSecretRef: {name: nowhere, key: token}}}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata: {name: shared}
        spec: {type: headerInjection, headerInjection: {headerName: X-Key, valueSecretRef: {name: shared-secret, key: token}}}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: jira-secret}
        data: {token: aGlkZGVuLXZhbHVl}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: shared-secret}
        data: {token: aGlkZGVuLXZhbHVl}
        """;

    private KubeWorld() => Access = new ClusterAccess(Api, this, "demo");

    public InMemoryCluster Api { get; } = new(TimeProvider.System);

    public ClusterAccess Access { get; }

    /// <summary>What a pod answers through the API server; null for one that cannot be reached.</summary>
    public Func<string, PodAnswer?> Pod { get; set; } = _ => null;

    public static async Task<KubeWorld> StartAsync()
    {
        KubeWorld world = new();
        await world.ApplyAsync(Hub);
        return world;
    }

    public async Task ApplyAsync(string yaml)
    {
        foreach (JsonObject body in KubeYaml.ReadAll(yaml, "test").Select(d => d.Body))
        {
            ResourceType type = TypeOf(body["kind"]!.GetValue<string>());
            body["metadata"]!["namespace"] = "demo";
            ObjectKey key = new("demo", body["metadata"]!["name"]!.GetValue<string>());
            JsonNode? status = body["status"];
            body.Remove("status");
            await Api.PatchAsync(type, key, new Patch.Apply(body), new WriteOptions { FieldManager = "user" }, CancellationToken.None);
            if (status is not null)
            {
                await Api.PatchAsync(
                    type, key, new Patch.Merge(new JsonObject { ["status"] = status.DeepClone() }), new WriteOptions { Subresource = "status" }, CancellationToken.None);
            }
        }
    }

    /// <summary>The account may not do this any more.</summary>
    public void Forbid(Func<ClusterRequest, bool> what) =>
        Api.FailNext(what, new KubeException(KubeError.Forbidden, "the API server said: forbidden"), int.MaxValue);

    public async Task<Ran> StatusAsync(string name, bool json = false)
    {
        Terminal terminal = Vmcp.NewTerminal();
        int code = await ClusterStatusRun.RunAsync(Access, name, json, terminal, CancellationToken.None);
        return new Ran(code, terminal.Out.ToString()!, terminal.Error.ToString()!);
    }

    public async Task<(Explanation Explanation, string Text)> ExplainAsync(string tool)
    {
        Explanation explanation = Explainer.Explain(tool, await ClusterEvidence.ReadAsync(Access, "hub", CancellationToken.None));
        Terminal terminal = Vmcp.NewTerminal();
        ExplanationText.Write(explanation, terminal);
        return (explanation, terminal.Out.ToString()!);
    }

    Task<PodAnswer> IPodProxy.GetAsync(ObjectKey pod, int port, string path, CancellationToken cancellationToken)
    {
        (pod, port).ShouldBe((new ObjectKey("demo", "hub-1"), 4483));
        return Task.FromResult(Pod(path) ?? throw new KubeException(KubeError.ServerError, "the API server said: no way to the pod"));
    }

    private static ResourceType TypeOf(string kind) => kind switch
    {
        "Secret" => BuiltIn.Secret,
        "Deployment" => BuiltIn.Deployment,
        "Pod" => BuiltIn.Pod,
        _ => ToolHive.All.Single(t => t.Kind == kind),
    };
}
