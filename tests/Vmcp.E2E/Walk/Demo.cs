using System.Text.Json.Nodes;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.E2E.Walk;

/// <summary>
/// The examples' surroundings: the two demo servers, the provider, and a folder that looks like this repository, with the examples in it as far as
/// they can run without containers and names.
/// </summary>
/// <remarks>
/// What stands for what: an <c>MCPServerEntry</c> may not lead to a loopback address, so each is an <c>MCPServer</c> of the same name and credentials at a
/// server of this process; the Deployments of the demo servers need an image and are left out; <c>idp.example.com</c> is a provider of this process.
/// </remarks>
internal sealed class Demo : IAsyncDisposable
{
    private const string ProviderUrl = "https://idp.example.com/realms/tools";
    private const string ProviderTokenUrl = ProviderUrl + "/protocol/openid-connect/token";
    private readonly CancellationTokenSource _ending = new();
    private Task _standing = Task.CompletedTask;

    private Demo(string folder, TestAuthorizationServer provider, ScriptedBackend calc, ScriptedBackend notes) =>
        (Folder, Provider, Calc, Notes) = (folder, provider, calc, notes);

    /// <summary>What looks like this repository.</summary>
    public string Folder { get; }

    /// <summary>The provider of users.</summary>
    public TestAuthorizationServer Provider { get; }

    /// <summary>The server <c>calc</c>.</summary>
    public ScriptedBackend Calc { get; }

    /// <summary>The server <c>notes</c>, which speaks HTTP+SSE.</summary>
    public ScriptedBackend Notes { get; }

    public static async Task<Demo> StartAsync(Cluster cluster)
    {
        Demo demo = new(
            Directory.CreateDirectory(Path.Combine(cluster.Server.Folder, "repository")).FullName,
            await TestAuthorizationServer.StartAsync(o => o.Clients["vmcp"] = "replace-me"),
            await ScriptedBackend.StartAsync(b => b.Tool("echo").Tool("get-sum")),
            await ScriptedBackend.StartAsync(b =>
            {
                b.Era = BackendEra.HttpSse;
                b.Tool("echo").Tool("get-tiny-image");
            }));
        Directory.CreateSymbolicLink(Path.Combine(demo.Folder, "deploy"), Path.Combine(Repository.Root, "deploy"));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*.yaml", SearchOption.AllDirectories))
            demo.Adapt(file);
        demo._standing = demo.StandAsync(cluster.Admin);
        return demo;
    }

    /// <summary>The gateways among the examples, by folder.</summary>
    public static IEnumerable<string> Gateways => Directory.EnumerateDirectories(Path.Combine(Repository.Root, "examples"))
        .Select(f => Path.GetFileName(f)!).Where(name => name != "demo-servers").Order(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        try
        {
            await _standing;
        }
        finally
        {
            await Calc.DisposeAsync();
            await Notes.DisposeAsync();
            await Provider.DisposeAsync();
            _ending.Dispose();
        }
    }

    private void Adapt(string file)
    {
        string target = Path.Combine(Folder, Path.GetRelativePath(Repository.Root, file));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        JsonArray items = [.. KubeYaml.ReadAll(File.ReadAllText(file), file).Select(d => d.Body.DeepClone().AsObject()).Where(o => Kind(o) != "Deployment").Select(Adapt)];
        // kubectl takes a list in JSON for what it is.
        JsonObject list = new() { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = items };
        File.WriteAllText(target, "---\n" + list.ToJsonString());
    }

    private JsonObject Adapt(JsonObject manifest)
    {
        JsonObject spec = manifest["spec"] as JsonObject ?? [];
        switch (Kind(manifest))
        {
            case "MCPServerEntry":
                manifest["kind"] = "MCPServer";
                spec["image"] = "demo";
                spec.Remove("remoteUrl");
                spec.Remove("allowPrivateEndpoint");
                break;
            case "MCPOIDCConfig":
                Is(spec["inline"]!, "issuer", ProviderUrl);
                spec["inline"] = new JsonObject
                {
                    ["issuer"] = Provider.Issuer.OriginalString,
                    ["jwksAllowPrivateIP"] = true,
                    ["protectedResourceAllowPrivateIP"] = true,
                    ["insecureAllowHTTP"] = true,
                };
                break;
            case "MCPExternalAuthConfig" when spec["tokenExchange"] is JsonObject exchange:
                Is(exchange, "tokenUrl", ProviderTokenUrl);
                exchange["tokenUrl"] = Provider.TokenUrl.OriginalString;
                break;
        }

        return manifest;
    }

    /// <summary>The part of the operator of MCPServers: says where each one stands.</summary>
    private async Task StandAsync(KubeClient admin)
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                foreach (KubeObject server in (await admin.ListAsync(ToolHive.MCPServer, new ListOptions(), _ending.Token)).Items.Where(s => s.At("status", "url") is null))
                {
                    Uri url = server.Meta.Name == "calc" ? Calc.Url : Notes.Url;
                    await admin.PatchAsync(
                        ToolHive.MCPServer,
                        server.Key,
                        new Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["phase"] = "Ready", ["url"] = url.AbsoluteUri } }),
                        new WriteOptions { Subresource = "status" },
                        _ending.Token);
                }
            }
            catch (KubeException e) when (e.Error is KubeError.NotFound || e.IsTransient)
            {
                // Not installed yet, or gone again.
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Kind(JsonObject manifest) => manifest["kind"]!.GetValue<string>();

    private static void Is(JsonNode node, string field, string value) => node[field]!.GetValue<string>().ShouldBe(value, $"what stands in for {field} knows it");
}
