using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Discovery;

/// <summary>A namespace with server <c>hub</c> and group <c>team</c>, and an account that may watch them; no operator.</summary>
internal sealed class PlainCluster : IAsyncDisposable
{
    private const string Account = "hub-vmcp";

    private readonly Server _server;
    private readonly KubeClient _admin;

    private PlainCluster(Server server, string space)
    {
        (_server, Namespace) = (server, space);
        _admin = new KubeClient(KubeConfig.Load(server.AdminKubeconfig), TimeProvider.System, NullLogger.Instance);
    }

    public string Namespace { get; }

    public static async Task<PlainCluster> StartAsync(Server server)
    {
        PlainCluster world = new(server, await server.CreateNamespaceAsync());
        await world.ApplyAsync(ToolHive.MCPGroup, "team", new JsonObject());
        await world.ApplyAsync(ToolHive.VirtualMCPServer, "hub", new JsonObject
        {
            ["groupRef"] = new JsonObject { ["name"] = "team" },
            ["incomingAuth"] = new JsonObject { ["type"] = "anonymous" },
            ["outgoingAuth"] = new JsonObject { ["source"] = "discovered" },
        });
        await server.KubectlAsync(
            "create", "role", Account, "-n", world.Namespace, "--verb=get,list,watch",
            "--resource=" + string.Join(',', ((ResourceType[])
            [
                ToolHive.MCPGroup, ToolHive.MCPServer, ToolHive.MCPRemoteProxy, ToolHive.MCPServerEntry, ToolHive.MCPExternalAuthConfig, ToolHive.VirtualMCPServer,
            ]).Select(t => $"{t.Plural}.{t.Group}")));
        await server.KubectlAsync("create", "rolebinding", Account, "-n", world.Namespace, $"--role={Account}", $"--serviceaccount={world.Namespace}:{Account}");
        return world;
    }

    public Task<string> TokenAsync() => _server.TokenForServiceAccountAsync(Namespace, Account);

    public Task ForgetAccountAsync() => _server.KubectlAsync("delete", "serviceaccount", Account, "-n", Namespace);

    public async Task MemberAsync(string name)
    {
        await ApplyAsync(ToolHive.MCPServer, name, new JsonObject
        {
            ["image"] = "i",
            ["transport"] = "streamable-http",
            ["groupRef"] = new JsonObject { ["name"] = "team" },
        });
        await _admin.PatchAsync(
            ToolHive.MCPServer, new ObjectKey(Namespace, name),
            new Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["phase"] = "Ready", ["url"] = $"http://{name}.demo/mcp" } }),
            new WriteOptions { Subresource = "status" }, CancellationToken.None);
    }

    public Task DeleteAsync(ResourceType type, string name) =>
        _admin.DeleteAsync(type, new ObjectKey(Namespace, name), DeleteOptions.Default, CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<KubeObject> ApplyAsync(ResourceType type, string name, JsonObject spec) => _admin.PatchAsync(
        type, new ObjectKey(Namespace, name),
        new Patch.Apply(new JsonObject
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
            ["spec"] = spec,
        }),
        new WriteOptions { FieldManager = "user" }, CancellationToken.None);
}

/// <summary>A process that is stopped until this is disposed; it keeps its sockets open and says nothing.</summary>
internal sealed class Paused : IDisposable
{
    private readonly int _process;

    private Paused(int process) => _process = process;

    public static async Task<Paused> OfAsync(int process)
    {
        await SignalAsync("STOP", process);
        return new Paused(process);
    }

    // Also when the test failed: a stopped process could not be ended.
    public void Dispose() => SignalAsync("CONT", _process).GetAwaiter().GetResult();

    private static async Task SignalAsync(string signal, int process)
    {
        await using TestProcess kill = TestProcess.Start("kill", [$"-{signal}", $"{process}"]);
        (await kill.WaitForExitAsync()).ShouldBe(0);
    }
}
