using System.Text.Json.Nodes;
using Vmcp.E2E.Auth;
using Vmcp.E2E.World;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Workloads;

/// <summary>A gateway that nobody but its pod's manifest describes.</summary>
public sealed class MountTests(SharedCluster shared)
{
    [Fact]
    public async Task A_gateway_without_the_operator_follows_its_mounted_document_and_keys()
    {
        await using TestAuthorizationServer idp = await TestAuthorizationServer.StartAsync();
        await using ScriptedBackend first = await ScriptedBackend.StartAsync();
        await using ScriptedBackend second = await ScriptedBackend.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.ApplyAsync("{apiVersion: v1, kind: ServiceAccount, metadata: {name: default}, automountServiceAccountToken: false}");
        await KeysAsync(space, idp);
        await DocumentAsync(space, idp, $"a, url: '{first.Url}'");
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
                volumeMounts: [{name: document, mountPath: /etc/vmcp}, {name: keys, mountPath: /etc/keys}]
              volumes: [{name: document, configMap: {name: document}}, {name: keys, configMap: {name: keys}}]
            """);
        await space.PodsReadyAsync("plain", 1);
        Login alice = new(idp, "alice", "plain");
        await space.AllListAsync("plain", alice.Headers, "a_echo");

        idp.RotateKeys();
        alice.Refresh();
        await using ModernClient client = new(Space.At(space.PodOf("plain")), headers: alice.Headers);
        (await client.CallToolAsync("a_echo")).HttpStatus.ShouldBe(401, "a key that is not in the file");
        await KeysAsync(space, idp);
        await Eventually.BecomesAsync(async () => (await client.DiscoverAsync()).HttpStatus == 200, "the new key counts", Space.Limit);

        await DocumentAsync(space, idp, $"b, url: '{second.Url}'");
        await space.AllListAsync("plain", alice.Headers, "b_echo");
        (await client.CallToolAsync("b_echo", """{"input":"followed"}""")).Text().ShouldBe("followed");
        space.PodOf("plain").Restarts.ShouldBe(0);
    }

    private static async Task KeysAsync(Space space, TestAuthorizationServer idp)
    {
        using HttpClient http = new();
        await MapAsync(space, "keys", "jwks.json", await http.GetStringAsync(idp.JwksUrl));
    }

    private static Task DocumentAsync(Space space, TestAuthorizationServer idp, string backend) => MapAsync(space, "document", "vmcp.yaml",
        $$"""
        incomingAuth: {type: oidc, oidc: {issuer: '{{idp.Issuer}}', audience: plain, jwksFile: /etc/keys/jwks.json, insecureAllowHttp: true} }
        backends: [{name: {{backend}}}]
        """);

    private static Task MapAsync(Space space, string name, string key, string text) => space.Cluster.Admin.PatchAsync(
        BuiltIn.ConfigMap,
        space.Key(name),
        new Patch.Apply(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space.Name },
            ["data"] = new JsonObject { [key] = text },
        }),
        new WriteOptions { FieldManager = "user" },
        default);
}
