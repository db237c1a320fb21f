using System.Collections.Immutable;

using Microsoft.Extensions.Logging;

using Vmcp.Config.Reading;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;

string path = args[Array.IndexOf(args, "--config") + 1];
int port = int.Parse(args[Array.IndexOf(args, "--port") + 1], System.Globalization.CultureInfo.InvariantCulture);
string text = File.ReadAllText(path);
LoadedConfig? config = LoadedConfig.Load(text, path, Environment.GetEnvironmentVariable, 1, out ImmutableArray<ConfigProblem> problems);
foreach (ConfigProblem problem in problems)
    Console.Error.WriteLine(problem);
if (config is null)
    return 1;
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
await using GatewayServer server = await GatewayServer.StartAsync(
    new GatewayStart { Config = config, ConfigFile = (path, text), Port = port, Options = new GatewayOptions { Name = config.Config.EffectiveName }, Logging = l => l.AddSimpleConsole() }, stop.Token);
Console.WriteLine($"listening {server.McpUrl}");
try
{
    await Task.Delay(Timeout.Infinite, stop.Token);
}
catch (OperationCanceledException)
{
    return 0;
}

return 0;
