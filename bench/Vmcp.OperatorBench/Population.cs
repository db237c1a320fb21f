using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.OperatorBench;

/// <summary>The objects of many teams: each a group, its members, credentials for some, and a VirtualMCPServer.</summary>
internal static class Population
{
    private const string Namespace = "demo";

    public static async Task FillAsync(InMemoryCluster cluster, int servers, int members)
    {
        for (int s = 1; s <= servers; s++)
        {
            string group = $"team{s}";
            await CreateAsync(cluster, ToolHive.MCPGroup, group, []);
            for (int m = 1; m <= members; m++)
                await MemberAsync(cluster, group, $"{group}-backend{m}", withCredential: m % 5 == 0);
            await CreateAsync(cluster, ToolHive.VirtualMCPServer, $"hub{s}", new JsonObject
            {
                ["groupRef"] = Named(group),
                ["incomingAuth"] = new JsonObject { ["type"] = "anonymous" },
                ["outgoingAuth"] = new JsonObject { ["source"] = s % 2 == 0 ? "inline" : "discovered" },
            });
        }
    }

    private static async Task MemberAsync(InMemoryCluster cluster, string group, string name, bool withCredential)
    {
        JsonObject spec = new() { ["image"] = "echo", ["transport"] = "streamable-http", ["groupRef"] = Named(group) };
        if (withCredential)
        {
            spec["externalAuthConfigRef"] = Named($"{name}-auth");
            await cluster.CreateAsync(BuiltIn.Secret, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Secret",
                ["metadata"] = new JsonObject { ["namespace"] = Namespace, ["name"] = $"{name}-key" },
                ["data"] = new JsonObject { ["key"] = "bm90LWEtcmVhbC1vbmU=" },
            }, WriteOptions.Default, CancellationToken.None);
            await CreateAsync(cluster, ToolHive.MCPExternalAuthConfig, $"{name}-auth", new JsonObject
            {
                ["type"] = "headerInjection",
                ["headerInjection"] = new JsonObject
                {
                    ["headerName"] = "X-Api-Key",
                    ["valueSecretRef"] = new JsonObject { ["name"] = $"{name}-key", ["key"] = "key" },
                },
            });
        }

        await CreateAsync(cluster, ToolHive.MCPServer, name, spec);
        JsonObject status = new() { ["phase"] = "Ready", ["url"] = $"http://mcp-{name}-proxy.{Namespace}.svc.cluster.local:8080/mcp" };
        await cluster.PatchAsync(
            ToolHive.MCPServer,
            new ObjectKey(Namespace, name),
            new Patch.Merge(new JsonObject { ["status"] = status }),
            new WriteOptions { Subresource = "status" },
            CancellationToken.None);
    }

    private static Task<KubeObject> CreateAsync(InMemoryCluster cluster, ResourceType type, string name, JsonObject spec) =>
        cluster.CreateAsync(type, new JsonObject
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject { ["namespace"] = Namespace, ["name"] = name },
            ["spec"] = spec,
        }, WriteOptions.Default, CancellationToken.None);

    private static JsonObject Named(string name) => new() { ["name"] = name };
}
