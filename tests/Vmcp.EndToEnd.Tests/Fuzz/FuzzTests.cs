using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vmcp.EndToEnd.Tests.World;
using Vmcp.Gateway;
using Vmcp.TestKit;

namespace Vmcp.EndToEnd.Tests.Fuzz;

public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Requests = 100_000;
    private const int Workers = 24;
    private const int MaxSessions = 300;
    private const int MaxOwners = 50;

    /// <summary>A leak of 400 bytes per request between the two marks would be more.</summary>
    private const long MostGrowth = 28 * 1024 * 1024;

    private static readonly GatewayOptions Options = new()
    {
        MaxSessions = MaxSessions,
        MaxHiddenOwners = MaxOwners, // each holds connections: only at its bound can the heap be seen to stay flat
        AskTimeout = TimeSpan.FromSeconds(3),
        ParkTimeout = TimeSpan.FromSeconds(3),
    };

    private const string Yaml = """
        operational:
          timeouts:
            default: 3s
        """;

    /// <summary>Set VMCP_FUZZ_SEED and VMCP_FUZZ_REQUESTS to run another fuzz than the usual one.</summary>
    [Fact]
    public async Task A_hundred_thousand_odd_requests_break_nothing_and_leave_nothing_behind()
    {
        int seed = Number("VMCP_FUZZ_SEED", 20260728);
        int total = Number("VMCP_FUZZ_REQUESTS", Requests);
        output.WriteLine($"seed {seed}, {total} requests");
        await using FixtureProcess legacy = await FixtureProcess.StartAsync("legacy");
        await using FixtureProcess modern = await FixtureProcess.StartAsync("modern");
        await using FixtureProcess sse = await FixtureProcess.StartAsync("sse");
        await using GatewayWorld world = await GatewayWorld.StartAsync(
            [new("legacy", legacy.Url), new("modern", modern.Url), new("sse", sse.Url, IsSse: true)], Options, Yaml);
        using HttpMessageInvoker http = NewInvoker();
        string[] tools;
        await using (LegacyClient client = await LegacyClient.ConnectAsync(world.Url))
            tools = [.. await client.ListToolNamesAsync()];
        Run run = new(world.Server.BaseUrl, http, tools, seed);

        long started = Stopwatch.GetTimestamp();
        await run.SendAsync(total * 3 / 10);
        output.WriteLine($"30 % after {(int)Stopwatch.GetElapsedTime(started).TotalSeconds} s");
        long middle = await MeasureAsync(world);
        output.WriteLine($"quiet after {(int)Stopwatch.GetElapsedTime(started).TotalSeconds} s");
        await run.SendAsync(total - (total * 3 / 10));
        long end = await MeasureAsync(world);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{total} requests in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s; heap {middle / 1024} KiB at 30 %, {end / 1024} KiB at 100 %; statuses {Run.Statuses}"));

        output.WriteLine($"most waited for: {run.Slowest}");
        foreach (string error in world.Log.Errors.DistinctBy(e => e.Split("   at ").ElementAtOrDefault(3)))
            output.WriteLine(error);

        run.Failures.ShouldBeEmpty($"{run.FailureCount} answers were wrong (seed {seed})");
        world.Log.Errors.ShouldBeEmpty();
        world.Server.Sessions.Count.ShouldBeLessThanOrEqualTo(MaxSessions + Workers);
        world.Server.HiddenLinks.Count.ShouldBeLessThanOrEqualTo(MaxOwners + Workers);
        (end - middle).ShouldBeLessThan(MostGrowth, "the heap stays flat");
        new[] { legacy, modern, sse }.ShouldAllBe(f => !f.HasExited);

        await EndAllSessionsAsync(world);
        world.Server.Sessions.Count.ShouldBe(0);
        await Eventually.BecomesAsync(() => world.Server.ParkedCalls.Count == 0, "parked calls expire");
        await Eventually.BecomesAsync(() => world.Server.ListenStreams.Count == 0, "listen streams end with their clients");
        await AssertServesAsync(world);
        world.Log.Errors.ShouldBeEmpty();
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : usual;

    private static HttpMessageInvoker NewInvoker() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        MaxConnectionsPerServer = 4 * Workers,
    });

    /// <summary>The heap once calls that clients walked away from have ended.</summary>
    private static async Task<long> MeasureAsync(GatewayWorld world)
    {
        await Eventually.BecomesAsync(() => world.Server.Sessions.All.All(s => s.Idle > TimeSpan.Zero && s.Calls.IsEmpty), "no call is left running");
        await Eventually.BecomesAsync(() => world.Server.ListenStreams.Count == 0, "listen streams end with their clients");
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task EndAllSessionsAsync(GatewayWorld world)
    {
        using HttpClient http = new();
        foreach (string id in world.Server.Sessions.All.Select(s => s.Id).ToArray())
        {
            using HttpRequestMessage request = new(HttpMethod.Delete, world.Url);
            request.Headers.Add("Mcp-Session-Id", id);
            using HttpResponseMessage response = await http.SendAsync(request);
            ((int)response.StatusCode).ShouldBe(200);
        }
    }

    private static async Task AssertServesAsync(GatewayWorld world)
    {
        await using LegacyClient client = await LegacyClient.ConnectAsync(world.Url);
        await using ModernClient modern = new(world.Url);
        foreach (string backend in (string[])["legacy", "modern", "sse"])
        {
            (await client.CallToolAsync($"{backend}_test_simple_text")).Text().ShouldStartWith("This is a simple text");
            (await modern.CallToolAsync($"{backend}_test_simple_text")).Text().ShouldStartWith("This is a simple text");
        }
    }

    /// <summary>The workers and what they found.</summary>
    private sealed class Run(Uri server, HttpMessageInvoker http, string[] tools, int seed)
    {
        private const int Shown = 5;

        /// <summary>Backends get 3 s, users 3 s; the rest is for slow machines.</summary>
        private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(30);

        private readonly Lock _lock = new();
        private readonly List<(FuzzGenerator Generator, FuzzClient Client)> _workers =
        [
            .. Enumerable.Range(0, Workers).Select(n =>
            {
                FuzzMemory memory = new();
                return (new FuzzGenerator(seed + n, tools, memory), new FuzzClient(server, http, memory, new Random(seed - n)));
            }),
        ];

        private readonly List<string> _failures = [];
        private readonly ConcurrentDictionary<string, double> _seconds = new();
        private int _left;

        public IReadOnlyList<string> Failures => _failures;

        public int FailureCount { get; private set; }

        public static string Statuses => string.Join(", ", FuzzClient.Counts.OrderBy(c => c.Key).Select(c => $"{c.Key}: {c.Value}"));

        /// <summary>The kinds of requests the workers spent most time with.</summary>
        public string Slowest => string.Join("; ", _seconds.OrderByDescending(k => k.Value).Take(12)
            .Select(k => string.Create(CultureInfo.InvariantCulture, $"{k.Key} {k.Value:0.0} s")));

        public Task SendAsync(int count)
        {
            _left = count;
            return Task.WhenAll(_workers.Select(w => Task.Run(() => WorkAsync(w.Generator, w.Client))));
        }

        private async Task WorkAsync(FuzzGenerator generator, FuzzClient client)
        {
            while (Interlocked.Decrement(ref _left) >= 0)
            {
                FuzzRequest request = generator.Next();
                long start = Stopwatch.GetTimestamp();
                if (await client.SendAsync(request) is { } wrong)
                    Note($"{wrong}\n{request}");
                if (Stopwatch.GetElapsedTime(start) > MostWait)
                    Note($"took {Stopwatch.GetElapsedTime(start).TotalSeconds} s\n{request}");
                _seconds.AddOrUpdate(KindOf(request.What), static (_, s) => s, static (_, before, s) => before + s, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        /// <summary>Few enough kinds to count: a mutated body is no kind of its own.</summary>
        private static string KindOf(string what) =>
            what.Length is > 0 and < 40 && what.All(c => char.IsAsciiLetter(c) || c == '/') ? what : "other";

        private void Note(string failure)
        {
            lock (_lock)
            {
                FailureCount++;
                if (_failures.Count < Shown)
                    _failures.Add(failure);
            }
        }
    }
}
