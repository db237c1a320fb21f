using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

using Vmcp.Gateway.Hosting;

namespace Vmcp.Quickstart;

/// <summary>What both modes of the quickstart share.</summary>
/// <param name="Once">End after the first calls.</param>
/// <param name="Port">Where the gateway listens.</param>
/// <param name="Stop">Cancelled when it is time to go.</param>
internal sealed record Demo(bool Once, int Port, CancellationToken Stop)
{
    /// <summary>Starts a gateway; on a free port when the wanted one is taken.</summary>
    public async Task<GatewayServer> StartGatewayAsync(GatewayStart start)
    {
        try
        {
            return await GatewayServer.StartAsync(start with { Port = Port }, Stop);
        }
        catch (IOException) when (Port != 0)
        {
            Console.WriteLine($"Port {Port} is taken, so the gateway gets a free one.");
            Console.WriteLine();
            return await GatewayServer.StartAsync(start with { Port = 0 }, Stop);
        }
    }

    /// <summary>Connects the official C# client; any other MCP client does as well.</summary>
    public Task<McpClient> ConnectAsync(Uri endpoint, McpClientOptions? options = null) =>
        McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = endpoint }), options, cancellationToken: Stop);

    /// <summary>Prints the tools.</summary>
    public async Task<string[]> PrintToolsAsync(McpClient client, string title)
    {
        IList<McpClientTool> tools = await client.ListToolsAsync(cancellationToken: Stop);
        Console.WriteLine(title);
        foreach (McpClientTool tool in tools)
            Console.WriteLine($"  {tool.Name,-12} {tool.Description}");
        return [.. tools.Select(t => t.Name)];
    }

    /// <summary>Calls a tool and prints what came back.</summary>
    public async Task<bool> CallAsync(McpClient client, string tool, Dictionary<string, object?> arguments)
    {
        CallToolResult result = await client.CallToolAsync(tool, arguments, cancellationToken: Stop);
        string given = string.Join(", ", arguments.Select(a => $"{a.Key}: {a.Value}"));
        Console.WriteLine($"Called {tool}({given}): {string.Concat(result.Content.OfType<TextContentBlock>().Select(t => t.Text))}");
        return result.IsError != true;
    }

    /// <summary>Waits for the signal to stop.</summary>
    public async Task WaitForStopAsync()
    {
        await Task.Delay(Timeout.Infinite, Stop).ContinueWith(_ => { }, TaskScheduler.Default);
        Console.WriteLine("Stopping.");
    }

    /// <summary>Four blanks before each line.</summary>
    public static string Indent(string text) => string.Join('\n', text.TrimEnd('\n').Split('\n').Select(line => "    " + line));
}
