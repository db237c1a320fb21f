using System.Text.Json.Nodes;

using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.DiscoveryBench;

/// <summary>The group of the measurement in a real API server.</summary>
internal sealed class Members(ApiServer server, string space, ManyServers backends) : IDisposable
{
    private readonly KubeClient _client = new(KubeConfig.Load(server.AdminKubeconfig), TimeProvider.System, NullLogger.Instance);

    public async Task CreateAsync(IEnumerable<string> names)
    {
        await _client.CreateAsync(ToolHive.MCPGroup, Body(ToolHive.MCPGroup, "team", []), WriteOptions.Default, default);
        await _client.CreateAsync(
            ToolHive.VirtualMCPServer,
            Body(ToolHive.VirtualMCPServer, "hub", new JsonObject
            {
                ["groupRef"] = new JsonObject { ["name"] = "team" },
                ["incomingAuth"] = new JsonObject { ["type"] = "anonymous" },
            }),
            WriteOptions.Default,
            default);
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (name, _) => await AddAsync(name));
    }

    public async Task AddAsync(string name)
    {
        await _client.CreateAsync(
            ToolHive.MCPServer,
            Body(ToolHive.MCPServer, name, new JsonObject
            {
                ["image"] = "example.com/many",
                ["transport"] = "streamable-http",
                ["groupRef"] = new JsonObject { ["name"] = "team" },
            }),
            WriteOptions.Default,
            default);
        JsonObject status = new() { ["status"] = new JsonObject { ["phase"] = "Ready", ["url"] = backends.UrlOf(name).AbsoluteUri } };
        await _client.PatchAsync(
            ToolHive.MCPServer, new ObjectKey(space, name), new Patch.Merge(status), new WriteOptions { Subresource = "status" }, default);
    }

    public Task RemoveAsync(string name) => _client.DeleteAsync(ToolHive.MCPServer, new ObjectKey(space, name), DeleteOptions.Default, default);

    /// <summary>How many backends the resource's status names.</summary>
    public async Task<int> ToldAsync()
    {
        KubeObject? hub = await _client.GetAsync(ToolHive.VirtualMCPServer, new ObjectKey(space, "hub"), default);
        return hub?.At("status", "discoveredBackends") is { } told ? told.GetArrayLength() : 0;
    }

    public void Dispose() => _client.Dispose();

    private JsonObject Body(ResourceType type, string name, JsonObject spec) => new()
    {
        ["apiVersion"] = type.ApiVersion,
        ["kind"] = type.Kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
        ["spec"] = spec,
    };
}
