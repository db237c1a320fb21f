using System.Globalization;
using System.Text.Json;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.TestKit;

namespace Vmcp.E2E.Soak;

/// <summary>The long run (<c>make soak</c>); it is not part of <c>make e2e</c>.</summary>
public sealed class SoakTests(SharedCluster shared)
{
    private const int Members = 12;
    private const int ClientsOfEachEra = 4;
    private static readonly TimeSpan BetweenChanges = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(5);
    private readonly List<(string Name, ScriptedBackend Backend)> _here = [];
    private int _names;

    private static double Minutes =>
        double.Parse(Environment.GetEnvironmentVariable("VMCP_SOAK_MINUTES") ?? "20", CultureInfo.InvariantCulture);

    [Fact(Explicit = true)]
    public async Task Churn_and_clients_of_both_eras_leave_nothing_behind()
    {
        await using Space space = await shared.Cluster.SpaceAsync();
        await space.GroupAsync("team");
        for (int n = 0; n < Members; n++)
            await AddAsync(space);
        await space.ServerAsync("hub", "team", "discovered", Space.Quick);
        await space.RunsAsync("hub", "discovered");
        PodView pod = space.PodOf("hub");
        string leader = await shared.Cluster.LeaderAsync() ?? throw new InvalidOperationException("no operator leads");
        int operatorProcess = shared.Cluster.Operators.Single(p => p.Key.Name == leader).ProcessId!.Value;
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(Minutes));
        Crowd crowd = new(Space.At(pod));

        Task<int> churn = ChurnAsync(space, stop.Token);
        Task clients = crowd.RunAsync(ClientsOfEachEra, stop.Token);
        (List<ProcessSample> gateway, List<ProcessSample> @operator, List<int> sessions) = await SampleAsync(pod, operatorProcess, stop.Token);
        await Task.WhenAll(churn, clients);

        Print($"{Minutes:0.#} minutes: {await churn} changes, {crowd.Calls} calls ({crowd.Refused} to tools that had just left), {crowd.Visits} visits, {sessions[^1]} sessions at the end");
        Judge("gateway", gateway);
        Judge("operator", @operator);
        sessions[^1].ShouldBeLessThanOrEqualTo(ClientsOfEachEra * 2, "sessions end with their clients");
        space.PodOf("hub").Uid.ShouldBe(pod.Uid);
        space.PodOf("hub").Restarts.ShouldBe(0);
        crowd.Calls.ShouldBeGreaterThan(100);
        ((double)crowd.Refused / crowd.Calls).ShouldBeLessThan(0.05);
        space.Lines.Concat(shared.Cluster.OperatorLines)
            .Where(l => l.Contains("nobserved", StringComparison.Ordinal) || l.Contains("Unhandled", StringComparison.Ordinal) || l.Contains("failed unexpectedly", StringComparison.Ordinal))
            .ShouldBeEmpty();
        foreach ((_, ScriptedBackend backend) in _here)
            await backend.DisposeAsync();
    }

    /// <summary>Adds, edits and removes members; returns how many changes that were.</summary>
    private async Task<int> ChurnAsync(Space space, CancellationToken stop)
    {
        int changes = 0;
        while (!stop.IsCancellationRequested)
        {
            if (changes % 3 == 0)
            {
                (string name, ScriptedBackend backend) = _here[0];
                await space.RemoveAsync(name);
                _here.RemoveAt(0);
                _ = backend.DisposeAsync().AsTask().ContinueWith(static t => t.Exception, TaskScheduler.Default);
            }
            else if (changes % 3 == 1)
            {
                await AddAsync(space);
            }
            else
            {
                await space.MemberAsync("team", _here[^1].Name, new UriBuilder(_here[^1].Backend.Url) { Query = $"edit={changes}" }.Uri);
            }

            changes++;
            await Task.Delay(BetweenChanges, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return changes;
    }

    private async Task AddAsync(Space space)
    {
        ScriptedBackend backend = await ScriptedBackend.StartAsync();
        string name = $"member{_names++}";
        _here.Add((name, backend));
        await space.MemberAsync("team", name, backend.Url);
    }

    private static async Task<(List<ProcessSample> Gateway, List<ProcessSample> Operator, List<int> Sessions)> SampleAsync(
        PodView pod, int operatorProcess, CancellationToken stop)
    {
        List<ProcessSample> gateway = [], @operator = [];
        List<int> sessions = [];
        using HttpClient http = new();
        long begun = TimeProvider.System.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            double minute = TimeProvider.System.GetElapsedTime(begun).TotalMinutes;
            gateway.Add(ProcessSample.Of(pod.ProcessId!.Value, minute));
            @operator.Add(ProcessSample.Of(operatorProcess, minute));
            using JsonDocument status = JsonDocument.Parse(await http.GetStringAsync(Space.At(pod, "/status"), CancellationToken.None));
            sessions.Add(status.RootElement.GetProperty("sessions").GetInt32());
            await Task.Delay(BetweenSamples, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (gateway, @operator, sessions);
    }

    private static void Judge(string process, List<ProcessSample> samples)
    {
        // The first quarter warms up: code is compiled, pools and caches fill.
        List<ProcessSample> later = [.. samples.Where(s => s.Minute >= samples[^1].Minute / 4)];
        double slope = ProcessSample.Slope(later, s => s.ResidentMb), sockets = ProcessSample.Slope(later, s => s.Sockets), files = ProcessSample.Slope(later, s => s.Files);
        double level = later.Average(s => s.ResidentMb);
        Print(
            $"{process}: resident {later[0].ResidentMb:0.0} MB at minute {later[0].Minute:0.0}, {later[^1].ResidentMb:0.0} MB at {later[^1].Minute:0.0}, slope {slope:+0.000;-0.000} MB a minute; "
            + $"sockets {later[0].Sockets} and {later[^1].Sockets}, slope {sockets:+0.00;-0.00}; open files slope {files:+0.00;-0.00}");
        slope.ShouldBeLessThan(level / 100, $"{process}: resident memory");
        sockets.ShouldBeLessThan(1, $"{process}: sockets");
        files.ShouldBeLessThan(1, $"{process}: open files");
    }

    private static void Print(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
