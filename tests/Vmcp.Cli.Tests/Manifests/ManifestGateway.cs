using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Cli.Serving;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Manifests;

/// <summary>A gateway over a directory of manifests, in this process.</summary>
internal sealed class ManifestGateway : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly ManifestStart _start;

    private ManifestGateway(TempFolder folder, ManifestStart start, GatewayServer server) => (_folder, _start, Server) = (folder, start, server);

    public GatewayServer Server { get; }

    public Uri Endpoint => Server.McpUrl;

    /// <summary>Starts it as <c>vmcp serve --manifests</c> does.</summary>
    public static async Task<ManifestGateway> StartAsync(TempFolder folder, ServeRequest? request = null)
    {
        ServePlan plan = ServePlan.Make((request ?? new ServeRequest()) with { Manifests = folder.Path, Port = "0" }, _ => null);
        plan.Errors.ShouldBeEmpty();
        ManifestStart start = await ManifestStart.MakeAsync(plan.Start!, plan.Manifests!, NullLoggerFactory.Instance, CancellationToken.None);
        try
        {
            // A busy machine must not start without the tools.
            GatewayStart patient = start.Start with { FirstTries = Eventually.DefaultLimit };
            return new ManifestGateway(folder, start, await GatewayServer.StartAsync(patient, CancellationToken.None));
        }
        catch
        {
            await start.DisposeAsync();
            throw;
        }
    }

    public void Write(string name, string text) => _folder.Write(name, text);

    public void Delete(string name) => File.Delete(_folder[name]);

    public Task<LegacyClient> ConnectAsync() => LegacyClient.ConnectAsync(Endpoint);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _start.DisposeAsync();
    }
}

/// <summary>Manifests of tests.</summary>
internal static class Yaml
{
    public const string Group = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPGroup
        metadata: {name: team}

        """;

    public static string Server(string name, Uri url, string more = "") => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: {{name}}}
        spec: {groupRef: {name: team}, transport: streamable-http{{more}}}
        status: {url: "{{url}}"}

        """;

    public static string Secret(string name, string key, string value) =>
        $"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{{key}: \"{value}\"}}}}\n";

    /// <summary>A credential in a header, out of a Secret.</summary>
    public static string HeaderAuth(string name, string secret, string key) => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata: {name: {{name}}}
        spec:
          type: headerInjection
          headerInjection:
            headerName: X-Api-Key
            valueSecretRef: {name: {{secret}}, key: "{{key}}"}

        """;

    public static string Documents(params string[] documents) => string.Join("---\n", documents);
}
