using System.Diagnostics;
using System.Globalization;

using Vmcp.DiscoveryBench;
using Vmcp.KubeKit.Server;
using Vmcp.TestKit;

// usage: Vmcp.DiscoveryBench PATH_OF_VMCP_DLL [BACKENDS [HANGING]]; needs KUBEBUILDER_ASSETS
if (args.Length == 0)
{
    Console.Error.WriteLine("usage: Vmcp.DiscoveryBench PATH_OF_VMCP_DLL [BACKENDS [HANGING]]");
    return 2;
}

int count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 500;
int hanging = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 5;
const int Changes = 10;
int answering = count - hanging;

await using ApiServer server = await ApiServer.StartAsync();
await server.ApplyCrdsAsync();
string space = await server.CreateNamespaceAsync();
await using ManyServers backends = await ManyServers.StartAsync();
using Members members = new(server, space, backends);
await members.CreateAsync(Enumerable.Range(0, count).Select(i => i < hanging ? $"hang{i}" : $"server{i}"));
Console.WriteLine($"{count} MCPServers with {ManyServers.ToolsEach} tools each in one group, {hanging} of them never answer; a real kube-apiserver, one vmcp process");

string config = Path.Combine(server.Folder, "config.yaml");
await File.WriteAllTextAsync(config, "name: hub\ngroupRef: team\nincomingAuth: {type: anonymous}\noutgoingAuth: {source: discovered}\n");
long begun = Stopwatch.GetTimestamp();
await using TestProcess vmcp = TestProcess.Start("dotnet", ["exec", args[0], "serve", "--config", config, "--port", "0"], new Dictionary<string, string?>
{
    ["KUBECONFIG"] = server.AdminKubeconfig,
    ["VMCP_NAME"] = "hub",
    ["VMCP_NAMESPACE"] = space,
    ["VMCP_STATUS_REPORTER"] = "kubernetes",
});
string line = await vmcp.WaitForLineAsync("serving", TimeSpan.FromMinutes(2));
Uri endpoint = new(line.Split(' ').First(w => w.StartsWith("http://", StringComparison.Ordinal)));
Print("start to listening", Stopwatch.GetElapsedTime(begun));
using HttpClient http = new() { BaseAddress = endpoint };
await Eventually.BecomesAsync(async () => (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode, "ready", TimeSpan.FromMinutes(2));
Print("start to ready", Stopwatch.GetElapsedTime(begun));

await using LegacyClient client = await LegacyClient.ConnectAsync(endpoint);
await using ServerStream stream = await client.OpenStreamAsync();
await Eventually.BecomesAsync(
    async () => (await client.ListToolNamesAsync()).Count == answering * ManyServers.ToolsEach, "all tools are listed", TimeSpan.FromMinutes(2));
Print("start to all tools listed", Stopwatch.GetElapsedTime(begun));
Print("first call", await TimeAsync(async () => (await client.CallToolAsync("server7_tool0")).Success()));
Print("second call", await TimeAsync(async () => (await client.CallToolAsync("server7_tool0")).Success()));
TimeSpan[] lists = new TimeSpan[20];
for (int i = 0; i < lists.Length; i++)
    lists[i] = await TimeAsync(client.ListToolNamesAsync);
Array.Sort(lists);
Print($"tools/list, all {answering * ManyServers.ToolsEach} tools, median", lists[lists.Length / 2]);
Print("tools/list, p95", lists[^2]);
await Eventually.BecomesAsync(async () => await members.ToldAsync() == count, "the resource's status names all", TimeSpan.FromMinutes(2));
Print("start to status of the resource complete", Stopwatch.GetElapsedTime(begun));

// The last answers of the start may still be on their way to the lists.
await Task.Delay(3000);
List<TimeSpan> added = [], removed = [];
for (int i = 0; i < Changes; i++)
{
    added.Add(await ToldAsync(() => members.AddAsync($"late{i}")));
    removed.Add(await ToldAsync(() => members.RemoveAsync($"late{i}")));
}

PrintAll("backend added to list_changed", added);
PrintAll("backend removed to list_changed", removed);
Process process = Process.GetProcessById(vmcp.Id);
Console.WriteLine($"{"resident memory",-48}{process.WorkingSet64 / 1048576.0,10:0.0} MB (peak {process.PeakWorkingSet64 / 1048576.0:0.0} MB)");
TimeSpan cpu = process.TotalProcessorTime;
await Task.Delay(10_000);
process.Refresh();
Console.WriteLine($"{"CPU at rest, one session open",-48}{(process.TotalProcessorTime - cpu).TotalMilliseconds / 100,10:0.0} % of one core");
return 0;

async Task<TimeSpan> ToldAsync(Func<Task> change)
{
    const string Notification = "notifications/tools/list_changed";
    int before = stream.Count(Notification);
    long started = Stopwatch.GetTimestamp();
    await change();
    await Eventually.BecomesAsync(() => stream.Count(Notification) > before, "the session is told");
    return Stopwatch.GetElapsedTime(started);
}

static async Task<TimeSpan> TimeAsync(Func<Task> work)
{
    long started = Stopwatch.GetTimestamp();
    await work();
    return Stopwatch.GetElapsedTime(started);
}

static void Print(string what, TimeSpan time) => Console.WriteLine($"{what,-48}{time.TotalMilliseconds,10:0.0} ms");

static void PrintAll(string what, List<TimeSpan> times)
{
    times.Sort();
    Console.WriteLine($"{what,-48}{times[times.Count / 2].TotalMilliseconds,10:0.0} ms median, {times[^1].TotalMilliseconds:0.0} ms most, of {times.Count}");
}
