using System.Globalization;
using System.Runtime.InteropServices;

using Vmcp.Quickstart;

// Two MCP servers, one endpoint: starts both, a gateway over them, and calls a tool of each.
//   --mode inline      the servers are listed in a configuration file (the default)
//   --mode discovered  they come and go as Kubernetes manifests in a directory, while a session is open; no cluster needed
//   --once             ends after the first calls
//   --port N           listens there instead of on 4483
string mode = Option("--mode") ?? "inline";
if (mode is not ("inline" or "discovered"))
{
    Console.Error.WriteLine($"--mode is inline or discovered, not \"{mode}\"");
    return 2;
}

using CancellationTokenSource stop = new();
using PosixSignalRegistration ctrlC = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
Demo demo = new(args.Contains("--once"), int.Parse(Option("--port") ?? "4483", CultureInfo.InvariantCulture), stop.Token);

await using TinyServer notes = Servers.Notes();
await using TinyServer dice = Servers.Dice();
await notes.StartAsync(stop.Token);
await dice.StartAsync(stop.Token);
DirectoryInfo folder = Directory.CreateTempSubdirectory("vmcp-quickstart-");
try
{
    bool worked = mode == "inline"
        ? await InlineMode.RunAsync(demo, notes, dice, folder.FullName)
        : await DiscoveredMode.RunAsync(demo, notes, dice, folder.FullName);
    return worked ? 0 : 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("Stopped.");
    return 0;
}
finally
{
    folder.Delete(recursive: true);
}

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
