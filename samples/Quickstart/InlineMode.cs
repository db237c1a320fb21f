using System.Collections.Immutable;

using ModelContextProtocol.Client;

using Vmcp.Config.Reading;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Quickstart;

/// <summary>The backends are in a configuration file, which you can edit while the gateway runs.</summary>
internal static class InlineMode
{
    public static async Task<bool> RunAsync(Demo demo, TinyServer notes, TinyServer dice, string folder)
    {
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
        string file = Path.Combine(folder, "vmcp.yaml");
        await File.WriteAllTextAsync(file, yaml, demo.Stop);
        LoadedConfig config = LoadedConfig.Load(yaml, "vmcp.yaml", Environment.GetEnvironmentVariable, 1, out ImmutableArray<ConfigProblem> problems)
            ?? throw new InvalidDataException(string.Join('\n', problems));
        await using GatewayServer gateway = await demo.StartGatewayAsync(new GatewayStart
        {
            Config = config,
            ConfigFile = (file, yaml),
            Options = new GatewayOptions { Name = config.Config.EffectiveName, Dashboard = true },
        });

        Console.WriteLine($"Two MCP servers are running: notes (MCP {notes.Revision}) at {notes.Url}, dice (MCP {dice.Revision}) at {dice.Url}.");
        Console.WriteLine();
        Console.WriteLine($"This configuration, {file}, puts vmcp in front of them:");
        Console.WriteLine();
        Console.WriteLine(Demo.Indent(yaml));
        Console.WriteLine();
        Console.WriteLine($"Endpoint: {gateway.McpUrl}");
        await using (McpClient client = await demo.ConnectAsync(gateway.McpUrl))
        {
            await demo.PrintToolsAsync(client, "Tools:");
            Console.WriteLine();
            await demo.CallAsync(client, "notes_add", new() { ["text"] = "buy milk" });
            await demo.CallAsync(client, "dice_roll", new() { ["sides"] = 20 });
        }

        if (!demo.Once)
        {
            PrintNextSteps(gateway.BaseUrl, file);
            await demo.WaitForStopAsync();
        }

        return true;
    }

    private static void PrintNextSteps(Uri gateway, string file) => Console.WriteLine($$"""

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
}
