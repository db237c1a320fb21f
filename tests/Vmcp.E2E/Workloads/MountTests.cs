using System.Text.Json.Nodes;
using Vmcp.E2E.World;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Workloads;

/// <summary>A gateway that nobody but its pod's manifest describes.</summary>
public sealed class MountTests(SharedCluster shared)
{
    [Fact]
    public async Task A_gateway_without_the_operator_follows_its_mounted_document()
    {
        await using ScriptedBackend first = await ScriptedBackend.StartAsync();
        await using ScriptedBackend second = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.ApplyAsync("{apiVersion: v1, kind: ServiceAccount, metadata: {name: default}, automountServiceAccountToken: false}");
        await DocumentAsync(space, $"backends: [{{name: a, url: '{first.Url}'}}]");
        await space.ApplyAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: plain, labels: {toolhive-name: plain}}
            spec:
              nodeName: test-node
              containers:
              - name: vmcp
                image: vmcp:latest
                args: [serve, --config=/etc/vmcp/vmcp.yaml, --host=0.0.0.0, --port=4483]
                ports: [{name: http, containerPort: 4483}]
                readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 2}
                volumeMounts: [{name: document, mountPath: /etc/vmcp}]
              volumes: [{name: document, configMap: {name: document}}]
            """);
        await space.PodsReadyAsync("plain", 1);
        await space.AllListAsync("plain", "a_echo");

        await DocumentAsync(space, $"backends: [{{name: b, url: '{second.Url}'}}]");

        await space.AllListAsync("plain", "b_echo");
        await using ModernClient client = new(Space.At(space.PodOf("plain")));
        (await client.CallToolAsync("b_echo", """{"input":"followed"}""")).Text().ShouldBe("followed");
        space.PodOf("plain").Restarts.ShouldBe(0);
    }

    private static Task DocumentAsync(Space space, string text) => space.Cluster.Admin.PatchAsync(
        BuiltIn.ConfigMap,
        space.Key("document"),
        new Patch.Apply(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "document", ["namespace"] = space.Name },
            ["data"] = new JsonObject { ["vmcp.yaml"] = text },
        }),
        new WriteOptions { FieldManager = "user" },
        default);
}
