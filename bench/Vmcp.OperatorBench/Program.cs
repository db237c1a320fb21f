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
double both = await FirstPassAsync();
// What the ended operator still holds goes with its last continuations.
await Task.Delay(500);
double children = Heap();
Console.WriteLine($"managed heap of the cluster with children{children,8:0.0} MB");
Console.WriteLine($"managed heap of the operator             {both - children,8:0.0} MB");
Console.WriteLine($"peak resident memory of both             {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0,8:0.0} MB");
await SecondPassAsync();
return cluster.Writes.Count == 0 ? 0 : 1;

async Task<double> FirstPassAsync()
{
    using CancellationTokenSource ending = new();
    long begun = Stopwatch.GetTimestamp();
    TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
    (_, Task running) = Start(ending.Token);
    while (!cluster.ObjectsOf(ToolHive.VirtualMCPServer).All(HasStatus) || cluster.ObjectsOf(BuiltIn.Deployment).Count < servers)
    {
        if (running.IsCompleted)
            await running;
        if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(5))
            throw new TimeoutException($"{cluster.ObjectsOf(BuiltIn.Deployment).Count} of {servers} Deployments after 5 minutes");
        await Task.Delay(20);
    }

    Print("full pass from an empty cluster", Stopwatch.GetElapsedTime(begun), Process.GetCurrentProcess().TotalProcessorTime - cpu);
    await QuietAsync();
    Console.WriteLine($"requests of the first pass               {cluster.Requests.Count,8} ({cluster.Writes.Count} writes)");
    double heap = Heap();
    await ending.CancelAsync();
    await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    return heap;
}

// A restarted operator looks at everything again and must find nothing to do.
async Task SecondPassAsync()
{
    cluster.ForgetRequests();
    using CancellationTokenSource ending = new();
    long begun = Stopwatch.GetTimestamp();
    TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
    (VmcpOperator vmcp, Task running) = Start(ending.Token);
    while (vmcp.NotReady is not null)
        await Task.Delay(5);
    await QuietAsync();
    Print("full pass where nothing differs (+ 0.5 s)", Stopwatch.GetElapsedTime(begun), Process.GetCurrentProcess().TotalProcessorTime - cpu);
    Console.WriteLine($"writes of that pass                      {cluster.Writes.Count,8}");
    await ending.CancelAsync();
    await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

(VmcpOperator Operator, Task Running) Start(CancellationToken cancellationToken)
{
    VmcpOperator vmcp = new(
        new OperatorOptions { LeaderElect = false, Debounce = TimeSpan.Zero, Concurrency = 4 },
        new OperatorParts { Cluster = cluster, Planner = VirtualServerPlanner.Plan, Http = http, Loggers = NullLoggerFactory.Instance });
    return (vmcp, vmcp.RunAsync(cancellationToken));
}

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
