using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;
using Vmcp.OperatorBench;
using Vmcp.Resources;

// usage: Vmcp.OperatorBench [SERVERS [MEMBERS]]
int servers = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 300;
int members = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10;

InMemoryCluster cluster = new(TimeProvider.System);
await Population.FillAsync(cluster, servers, members);
cluster.ForgetRequests();
double before = Heap();
Console.WriteLine($"{servers} VirtualMCPServers (half inline), {members} members each, one in five with a credential, on the in-memory cluster");
Console.WriteLine($"managed heap with the cluster alone      {before,8:0.0} MB");

using HttpClient http = new();
using CancellationTokenSource ending = new();
VmcpOperator vmcp = new(
    new OperatorOptions { LeaderElect = false, Debounce = TimeSpan.Zero, Concurrency = 4 },
    new OperatorParts { Cluster = cluster, Planner = VirtualServerPlanner.Plan, Http = http, Loggers = NullLoggerFactory.Instance });
long begun = Stopwatch.GetTimestamp();
TimeSpan cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
Task running = vmcp.RunAsync(ending.Token);
while (!cluster.ObjectsOf(ToolHive.VirtualMCPServer).All(HasStatus) || cluster.ObjectsOf(BuiltIn.Deployment).Count < servers)
{
    if (running.IsCompleted)
        await running;
    if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(5))
        throw new TimeoutException($"{cluster.ObjectsOf(BuiltIn.Deployment).Count} of {servers} Deployments after 5 minutes");
    await Task.Delay(20);
}

Print("full pass from an empty cluster", Stopwatch.GetElapsedTime(begun), Process.GetCurrentProcess().TotalProcessorTime - cpuBefore);
await QuietAsync();
Console.WriteLine($"requests of the first pass               {cluster.Requests.Count,8} ({cluster.Writes.Count} writes)");
Console.WriteLine($"managed heap with cluster and operator   {Heap(),8:0.0} MB, of which the operator about {Heap() - before:0.0} MB and the children");
Console.WriteLine($"peak resident memory of the process      {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0,8:0.0} MB");

// A restarted operator looks at everything again and must find nothing to do.
await ending.CancelAsync();
await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
cluster.ForgetRequests();
using CancellationTokenSource endingAgain = new();
VmcpOperator again = new(
    new OperatorOptions { LeaderElect = false, Debounce = TimeSpan.Zero, Concurrency = 4 },
    new OperatorParts { Cluster = cluster, Planner = VirtualServerPlanner.Plan, Http = http, Loggers = NullLoggerFactory.Instance });
begun = Stopwatch.GetTimestamp();
cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
running = again.RunAsync(endingAgain.Token);
while (again.NotReady is not null)
    await Task.Delay(5);
await QuietAsync();
Print("full pass where nothing differs (+ 0.5 s)", Stopwatch.GetElapsedTime(begun), Process.GetCurrentProcess().TotalProcessorTime - cpuBefore);
Console.WriteLine($"writes of that pass                      {cluster.Writes.Count,8}");
await endingAgain.CancelAsync();
await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
return cluster.Writes.Count == 0 ? 0 : 1;

static bool HasStatus(KubeObject server) => server.At("status", "phase") is not null && server.At("status", "observedGeneration") is not null;

static void Print(string what, TimeSpan wall, TimeSpan cpu) =>
    Console.WriteLine($"{what,-40} {wall.TotalSeconds,8:0.00} s, {cpu.TotalSeconds:0.00} s of CPU");

static double Heap() => GC.GetTotalMemory(forceFullCollection: true) / 1048576.0;

// Half a second without a request: the queues are empty.
async Task QuietAsync()
{
    int seen;
    do
    {
        seen = cluster.Requests.Count;
        await Task.Delay(500);
    }
    while (cluster.Requests.Count != seen);
}
