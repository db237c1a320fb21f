using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

using Vmcp.Config.Reading;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;
using Vmcp.Quickstart;

// Two MCP servers, one endpoint: starts both, a gateway over them, and calls a tool of each.
//   --once     ends after the first calls
//   --port N   listens there instead of on 4483
bool once = args.Contains("--once");
int port = Array.IndexOf(args, "--port") is >= 0 and int at && at + 1 < args.Length
    ? int.Parse(args[at + 1], CultureInfo.InvariantCulture)
    : 4483;
using CancellationTokenSource stop = new();
using PosixSignalRegistration ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

await using TinyServer notes = Servers.Notes();
await using TinyServer dice = Servers.Dice();
await notes.StartAsync(stop.Token);
await dice.StartAsync(stop.Token);

// The configuration is a file, so that you can edit it while the gateway runs.
string yaml = $$"""
    name: quickstart
    backends:
      - name: notes
        url: {{notes.Url}}
      - name: dice
        url: {{dice.Url}}
    outgoingAuth:
      source: inline
    aggregation:
      conflictResolution: prefix
    """;
DirectoryInfo folder = Directory.CreateTempSubdirectory("vmcp-quickstart-");
try
{
    string file = Path.Combine(folder.FullName, "vmcp.yaml");
    await File.WriteAllTextAsync(file, yaml, stop.Token);
    LoadedConfig config = LoadedConfig.Load(yaml, "vmcp.yaml", Environment.GetEnvironmentVariable, 1, out ImmutableArray<ConfigProblem> problems)
        ?? throw new InvalidDataException(string.Join('\n', problems));
    await using GatewayServer gateway = await StartGatewayAsync(new GatewayStart
    {
        Config = config,
        ConfigFile = (file, yaml),
        Port = port,
        Options = new GatewayOptions { Name = config.Config.EffectiveName, Dashboard = true },
    });

    Console.WriteLine($"Two MCP servers are running: notes (MCP {notes.Revision}) at {notes.Url}, dice (MCP {dice.Revision}) at {dice.Url}.");
    Console.WriteLine();
    Console.WriteLine($"This configuration, {file}, puts vmcp in front of them:");
    Console.WriteLine();
    Console.WriteLine(Indent(yaml));
    Console.WriteLine();
    Console.WriteLine($"Endpoint: {gateway.McpUrl}");
    await CallAsync(gateway.McpUrl);
    if (!once)
    {
        PrintNextSteps(gateway.BaseUrl, file);
        await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        Console.WriteLine("Stopping.");
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("Stopped.");
}
finally
{
    folder.Delete(recursive: true);
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

async Task<GatewayServer> StartGatewayAsync(GatewayStart start)
{
    try
    {
        return await GatewayServer.StartAsync(start, stop.Token);
    }
    catch (IOException) when (start.Port != 0)
    {
        Console.WriteLine($"Port {start.Port} is taken, so the gateway gets a free one.");
        Console.WriteLine();
        return await GatewayServer.StartAsync(start with { Port = 0 }, stop.Token);
    }
}

async Task CallAsync(Uri endpoint)
{
    // The official C# client; any other MCP client does as well.
    await using McpClient client = await McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions { Endpoint = endpoint }), cancellationToken: stop.Token);
    Console.WriteLine("Tools:");
    foreach (McpClientTool tool in await client.ListToolsAsync(cancellationToken: stop.Token))
        Console.WriteLine($"  {tool.Name,-12} {tool.Description}");
    Console.WriteLine();
    await SayAsync("notes_add", new() { ["text"] = "buy milk" });
    await SayAsync("dice_roll", new() { ["sides"] = 20 });

    async Task SayAsync(string tool, Dictionary<string, object?> arguments)
    {
        CallToolResult result = await client.CallToolAsync(tool, arguments, cancellationToken: stop.Token);
        string given = string.Join(", ", arguments.Select(a => $"{a.Key}: {a.Value}"));
        Console.WriteLine($"Called {tool}({given}): {string.Concat(result.Content.OfType<TextContentBlock>().Select(t => t.Text))}");
    }
}

static void PrintNextSteps(Uri gateway, string file) => Console.WriteLine($$"""

    Try next, in another terminal:

      See how it is, in a browser: {{new Uri(gateway, "dashboard")}}
      or in the terminal:
        dotnet run --project src/Vmcp.Cli -- status {{gateway}}

      Call a tool by hand:
        curl -s {{new Uri(gateway, "mcp")}} -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \
          -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: notes_list' \
          -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"notes_list","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"curl","version":"1"},"io.modelcontextprotocol/clientCapabilities":{} } } }'

      Give it to an MCP client:
        {"mcpServers": {"vmcp": {"type": "http", "url": "{{new Uri(gateway, "mcp")}}"} } }

      Change the configuration; the gateway follows within a second (for example delete a server, or write a mistake and look at the status):
        {{file}}

    Ctrl-C stops everything.
    """);

static string Indent(string text) => string.Join('\n', text.Split('\n').Select(line => "    " + line));
