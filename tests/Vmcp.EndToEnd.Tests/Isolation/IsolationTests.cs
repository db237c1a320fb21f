using System.Globalization;
using Vmcp.EndToEnd.Tests.World;
using Vmcp.TestKit;

namespace Vmcp.EndToEnd.Tests.Isolation;

public sealed class IsolationTests(ITestOutputHelper output)
{
    private const int Rounds = 300;

    /// <summary>The budget of design 8; on a machine too slow for it, this many times the same request with healthy backends only.</summary>
    private const double BudgetMilliseconds = 10;
    private const double MostTimesBaseline = 5;

    [Fact]
    [Trait("Scenario", "HLTH-01")]
    public async Task Three_broken_backends_of_ten_slow_down_neither_lists_nor_the_calls_of_the_others()
    {
        await using Backends healthy = await Backends.StartAsync(10);
        await using Backends mixed = await Backends.StartAsync(9);
        mixed.All[0].Behaviour = Behaviour.Hang;
        mixed.All[1].Behaviour = Behaviour.Garbage;
        using FreePort closed = FreePort.Reserve();
        string[] working = [.. Enumerable.Range(2, 7).Select(n => $"b{n}")];
        List<Member> members = [.. mixed.Members, new Member("b9", new Uri($"http://127.0.0.1:{closed.Number}/mcp"))];

        await using GatewayWorld all = await GatewayWorld.StartAsync(healthy.Members);
        await using GatewayWorld some = await GatewayWorld.StartAsync(members, ready: working);
        await using Probe baseline = await Probe.ConnectAsync(all);
        await using Probe broken = await Probe.ConnectAsync(some);
        (await broken.Legacy.ListToolNamesAsync()).ShouldBe(working.Select(b => $"{b}_echo"));

        await baseline.RoundAsync(working, warm: true);
        await broken.RoundAsync(working, warm: true);
        for (int i = 0; i < Rounds; i++)
        {
            await baseline.RoundAsync(working);
            await broken.RoundAsync(working);
        }

        for (int i = 0; i < baseline.Kinds.Count; i++)
        {
            output.WriteLine($"healthy  {baseline.Kinds[i]}");
            output.WriteLine($"3 broken {broken.Kinds[i]}");
        }

        for (int i = 0; i < baseline.Kinds.Count; i++)
        {
            double limit = Math.Max(BudgetMilliseconds, MostTimesBaseline * baseline.Kinds[i].Percentile(0.99));
            broken.Kinds[i].Percentile(0.99).ShouldBeLessThan(
                limit, string.Create(CultureInfo.InvariantCulture, $"{broken.Kinds[i]} against {baseline.Kinds[i]}"));
        }

        mixed.All[0].InFlight.ShouldBeGreaterThan(0, "the hanging backend was being asked all the time");
    }

    /// <summary>Legacy and Modern backends by turns, each with the tool <c>echo</c>.</summary>
    private sealed class Backends(IReadOnlyList<ScriptedBackend> all) : IAsyncDisposable
    {
        public IReadOnlyList<ScriptedBackend> All => all;

        public IReadOnlyList<Member> Members => [.. all.Select((b, n) => new Member($"b{n}", b.Url))];

        public static async Task<Backends> StartAsync(int count) => new(await Task.WhenAll(
            Enumerable.Range(0, count).Select(n => ScriptedBackend.StartAsync(s =>
            {
                s.Era = n % 2 == 0 ? BackendEra.Legacy : BackendEra.Modern;
                s.Tool("echo");
            }))));

        public async ValueTask DisposeAsync()
        {
            foreach (ScriptedBackend backend in all)
                await backend.DisposeAsync();
        }
    }

    /// <summary>Clients of both eras at one gateway and what their requests took.</summary>
    private sealed class Probe(GatewayWorld world, LegacyClient legacy, ModernClient modern, HttpClient http) : IAsyncDisposable
    {
        private readonly Latencies _health = new("GET /health");
        private readonly Latencies _initialize = new("initialize (Legacy)");
        private readonly Latencies _list = new("tools/list (Legacy)");
        private readonly Latencies _modernList = new("tools/list (Modern)");
        private readonly Latencies _discover = new("server/discover (Modern)");
        private readonly Latencies _call = new("tools/call of a working backend");
        private int _turn;

        public LegacyClient Legacy => legacy;

        public IReadOnlyList<Latencies> Kinds => [_health, _initialize, _list, _modernList, _discover, _call];

        public static async Task<Probe> ConnectAsync(GatewayWorld world) =>
            new(world, await LegacyClient.ConnectAsync(world.Url), new ModernClient(world.Url), new HttpClient());

        public async Task RoundAsync(string[] working, bool warm = false)
        {
            string[] tools = warm ? working : [working[_turn++ % working.Length]];
            Latencies Of(Latencies kind) => warm ? new Latencies("warm-up") : kind;
            await Of(_health).MeasureAsync(async () => (await http.GetAsync(new Uri(world.Server.BaseUrl, "/health"))).EnsureSuccessStatusCode());
            await Of(_initialize).MeasureAsync(async () => (await legacy.CallAsync(
                "initialize", """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"p","version":"1"}}""")).Success());
            await Of(_list).MeasureAsync(async () => (await legacy.CallAsync("tools/list")).Success());
            await Of(_modernList).MeasureAsync(async () => (await modern.SendAsync("tools/list")).Success());
            await Of(_discover).MeasureAsync(async () => (await modern.DiscoverAsync()).Success());
            foreach (string backend in tools)
            {
                await Of(_call).MeasureAsync(async () =>
                    (await legacy.CallToolAsync($"{backend}_echo", """{"input":"hi"}""")).Text().ShouldBe("hi"));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await legacy.DisposeAsync();
            await modern.DisposeAsync();
            http.Dispose();
        }
    }
}
