using System.Collections.Immutable;
using System.Threading.Channels;

using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

using Vmcp.Config.Reading;
using Vmcp.Discovery.Manifests;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Quickstart;

/// <summary>
/// The backends are Kubernetes manifests in a directory, which is watched: what in a cluster the API server tells, here the files do.
/// <c>vmcp serve --manifests DIR</c> is the same as a command.
/// </summary>
internal static class DiscoveredMode
{
    // Generous: a busy machine is no failure.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<bool> RunAsync(Demo demo, TinyServer notes, TinyServer dice, string folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "group.yaml"), Group, demo.Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.yaml"), Manifest("notes", notes.Url), demo.Stop);

        const string Yaml = "name: quickstart\ngroupRef: quickstart\noutgoingAuth: {source: discovered}\n";
        LoadedConfig config = LoadedConfig.Load(Yaml, "vmcp.yaml", Environment.GetEnvironmentVariable, 1, out ImmutableArray<ConfigProblem> problems)
            ?? throw new InvalidDataException(string.Join('\n', problems));
        ManifestDirectory directory = new(folder, "default", TimeProvider.System, NullLogger.Instance);
        await directory.LoadAsync(demo.Stop);
        await using ManifestSource source = await ManifestSource.StartAsync(
            directory, new ManifestTarget("default", "quickstart", null), config.Config, TimeProvider.System, NullLoggerFactory.Instance, demo.Stop);
        await using GatewayServer gateway = await demo.StartGatewayAsync(new GatewayStart
        {
            Config = config,
            Source = source,
            Options = new GatewayOptions { Name = config.Config.EffectiveName, GroupRef = config.Config.EffectiveGroup, Dashboard = true },
        });

        Console.WriteLine($"Two MCP servers are running: notes at {notes.Url}, dice at {dice.Url}.");
        Console.WriteLine();
        Console.WriteLine($"vmcp serves what Kubernetes manifests in {folder} describe. So far that is a group, and in notes.yaml one member:");
        Console.WriteLine();
        Console.WriteLine(Demo.Indent(Manifest("notes", notes.Url)));
        Console.WriteLine();
        Console.WriteLine($"Endpoint: {gateway.McpUrl}");

        // A session of MCP 2025-11-25 with its stream open: what changes is told there.
        Channel<bool> told = Channel.CreateUnbounded<bool>();
        await using McpClient session = await demo.ConnectAsync(gateway.McpUrl, new McpClientOptions
        {
            ProtocolVersion = "2025-11-25",
            Handlers = new McpClientHandlers
            {
                NotificationHandlers =
                [
                    KeyValuePair.Create<string, Func<JsonRpcNotification, CancellationToken, ValueTask>>(
                        NotificationMethods.ToolListChangedNotification, (_, cancellation) => told.Writer.WriteAsync(true, cancellation)),
                ],
            },
        });
        await demo.PrintToolsAsync(session, "A session is open. Its tools:");
        Console.WriteLine();
        await demo.CallAsync(session, "notes_add", new() { ["text"] = "buy milk" });
        string file = Path.Combine(folder, "dice.yaml");
        if (demo.Once)
            return await ShowAsync(demo, session, told.Reader, file, dice);
        PrintNextSteps(gateway.BaseUrl, file, Manifest("dice", dice.Url));
        while (await told.Reader.WaitToReadAsync(demo.Stop))
        {
            while (told.Reader.TryRead(out _))
                await demo.PrintToolsAsync(session, "The open session was told that its tools changed. Now:");
        }

        return true;
    }

    private static async Task<bool> ShowAsync(Demo demo, McpClient session, ChannelReader<bool> told, string file, TinyServer dice)
    {
        Console.WriteLine();
        Console.WriteLine($"Dropping {file}");
        await File.WriteAllTextAsync(file, Manifest("dice", dice.Url), demo.Stop);
        if (!await IsToldAsync(session, told, "dice_roll", there: true))
            return false;
        if (!await demo.CallAsync(session, "dice_roll", new() { ["sides"] = 20 }))
            return false;
        Console.WriteLine();
        Console.WriteLine($"Removing {file}");
        File.Delete(file);
        if (!await IsToldAsync(session, told, "dice_roll", there: false))
            return false;
        Console.WriteLine();
        Console.WriteLine("Same gateway, same session, nothing restarted.");
        return true;

        async Task<bool> IsToldAsync(McpClient client, ChannelReader<bool> news, string tool, bool there)
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(demo.Stop);
            limit.CancelAfter(Patience);
            try
            {
                while (true)
                {
                    await news.ReadAsync(limit.Token);
                    string[] tools = await demo.PrintToolsAsync(client, "The open session was told: notifications/tools/list_changed. Now:");
                    if (tools.Contains(tool) == there)
                        return true;
                }
            }
            catch (OperationCanceledException) when (!demo.Stop.IsCancellationRequested)
            {
                Console.Error.WriteLine($"Nobody told the session within {Patience.TotalSeconds} s.");
                return false;
            }
        }
    }

    private const string Group = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPGroup
        metadata:
          name: quickstart

        """;

    private static string Manifest(string name, Uri url) => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata:
          name: {{name}}
        spec:
          groupRef: {name: quickstart}
          transport: streamable-http
        status:
          url: {{url}}

        """;

    private static void PrintNextSteps(Uri gateway, string file, string manifest) => Console.WriteLine($$"""

        Try next, in another terminal:

          Drop a file, and watch its tool appear in the open session here; then delete it again:
            cat > {{file}} <<'EOF'
        {{manifest.TrimEnd('\n')}}
        EOF

          See how it is, in a browser: {{new Uri(gateway, "dashboard")}}
          or in the terminal:
            dotnet run --project src/Vmcp.Cli -- status {{gateway}}

          Serve a directory of your own:
            dotnet run --project src/Vmcp.Cli -- serve --manifests DIR

        Ctrl-C stops everything.
        """);
}
