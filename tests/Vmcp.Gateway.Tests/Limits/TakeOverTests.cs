using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Limits;

/// <summary>One replica stops, another takes over: what clients notice of it.</summary>
public sealed class TakeOverTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Scenario", "NEW-SWITCH-01")]
    public async Task No_client_sees_an_error_when_a_replica_stops_under_load(bool withLongCalls)
    {
        await using TestWorld world = await StartAsync();
        await using GatewayServer other = await world.StartGatewayAsync();
        using Service service = new(world.Gateway, other);
        await service.IsReadyAsync(2);
        using CancellationTokenSource stop = new();
        ConcurrentBag<string> failures = [];
        int answered = 0;
        int answeredByStopping = 0;
        IPEndPoint stopping = service.EndPoints[0];
        bool began = false;
        Task[] hammers = [.. Enumerable.Range(0, 8).Select(i => Task.Run(() => HammerAsync(i)))];
        Front legacy = await world.ConnectAsync(Eras.Latest);
        Front modern = await world.ConnectAsync(Eras.Modern);
        Task<RpcAnswer>[] calls = [.. (withLongCalls ? new[] { legacy, modern, legacy, modern } : []).Select(c => c.CallToolAsync("alpha_slow", metaJson: """{"progressToken":1}"""))];
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == calls.Length && Volatile.Read(ref answered) > 50, "all are at work");

        Volatile.Write(ref began, true);
        await world.StopGatewayAsync();
        int afterStop = Volatile.Read(ref answered);
        await Eventually.BecomesAsync(() => Volatile.Read(ref answered) > afterStop + 50, "the other replica serves on");
        await stop.CancelAsync();
        await Task.WhenAll(hammers);

        failures.ShouldBeEmpty();
        foreach (Task<RpcAnswer> call in calls)
        {
            RpcAnswer answer = await call;
            answer.Text().ShouldBe("made it");
            answer.Progress().ShouldBe([1, 2, 3]);
        }

        answeredByStopping.ShouldBeGreaterThan(0, "requests that came late were answered");

        async Task HammerAsync(int number)
        {
            try
            {
                using KeepAliveClient client = new(service.Choose);
                LegacyClient opened = await world.LegacyAsync();
                (string, string)[] session = [("Mcp-Session-Id", opened.SessionId!), ("MCP-Protocol-Version", "2025-11-25")];
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    IPEndPoint? at = client.At;
                    string word = $"{number}-{i}";
                    (int status, JsonElement body) = await client.PostAsync(
                        $$$$"""{"jsonrpc":"2.0","id":{{{{i}}}},"method":"tools/call","params":{"name":"alpha_echo","arguments":{"input":"{{{{word}}}}"}}}""", session);
                    if (status != 200 || body.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString() != word)
                        failures.Add($"HTTP {status} {body}");
                    Interlocked.Increment(ref answered);
                    if (Volatile.Read(ref began) && stopping.Equals(at))
                        Interlocked.Increment(ref answeredByStopping);
                }
            }
            catch (Exception e)
            {
                failures.Add(e.ToString());
            }
        }
    }

    [Fact]
    [Trait("Scenario", "NEW-SWITCH-01")]
    public async Task Readiness_ends_at_once_and_requests_are_answered_until_they_stop_coming()
    {
        await using TestWorld world = await StartAsync();
        LegacyClient client = await world.LegacyAsync();
        Task<RpcAnswer> call = client.CallToolAsync("alpha_slow");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "a call runs");
        (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Header("Connection").ShouldBeNull();
        Task stop = world.StopGatewayAsync();

        using HttpResponseMessage ready = await world.GetAsync("/readyz");
        ((int)ready.StatusCode).ShouldBe(503);
        (await ready.Content.ReadAsStringAsync()).ShouldContain("draining");
        using HttpResponseMessage alive = await world.GetAsync("/health");
        ((int)alive.StatusCode).ShouldBe(200, "a pod that drains is not to be restarted");
        LegacyClient late = await world.LegacyAsync();
        late.InitializeAnswer.Header("Connection").ShouldBe("close");
        RpcAnswer answer = await late.CallToolAsync("alpha_echo", """{"input":"2"}""");
        answer.Text().ShouldBe("2");
        answer.Header("Connection").ShouldBe("close");
        (await world.Modern().CallToolAsync("alpha_echo", """{"input":"3"}""")).Text().ShouldBe("3");
        stop.IsCompleted.ShouldBeFalse();
        RpcAnswer slow = await call;
        slow.Text().ShouldBe("made it");
        slow.Header("Connection").ShouldBe("close", "it was answered after the stop had begun");
        await stop;
    }

    [Fact]
    [Trait("Scenario", "SESS-04")]
    public async Task A_session_with_links_and_a_stream_moves_to_another_replica()
    {
        await using TestWorld world = await StartAsync();
        await using GatewayServer other = await world.StartGatewayAsync();
        await Eventually.BecomesAsync(() => other.Fleet.Current.Backends["alpha"].Listed, "the other replica is ready");
        LegacyClient client = await world.LegacyAsync();
        (await client.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        ServerStream stream = await client.OpenStreamAsync();
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        world["alpha"].AddTool("first");
        await Eventually.BecomesAsync(async () => await world["alpha"].NotifyListChangedAsync(ItemKind.Tools) > 0 && stream.Count("notifications/tools/list_changed") > 0, "told here");
        string lastId = stream.LastEventId.ShouldNotBeNull();
        await using ListenStream listen = await world.Modern().ListenAsync("""{"toolsListChanged":true}""");

        Task stop = world.StopGatewayAsync();
        await Eventually.BecomesAsync(() => stream.HasEnded && listen.HasEnded, "streams end, and end well");
        listen.Final!.Value.GetProperty("result").GetProperty("resultType").GetString().ShouldBe("complete");
        world["alpha"].AddTool("second"); // while nobody listens for this client
        await Eventually.BecomesAsync(async () => await world["alpha"].NotifyListChangedAsync(ItemKind.Tools) > 0 && other.Fleet.Current.Catalog.Tools.Entries.Length == 4, "the other replica knows");

        LegacyClient there = world.Keep(LegacyClient.Unconnected(other.McpUrl));
        (there.SessionId, there.ProtocolVersion) = (client.SessionId, client.ProtocolVersion);
        ServerStream next = await there.OpenStreamAsync(lastId);
        next.HttpStatus.ShouldBe(200);
        await next.NextAsync("notifications/tools/list_changed");
        await Eventually.BecomesAsync(
            async () => (await there.ListToolNamesAsync()).SequenceEqual(["alpha_echo", "alpha_first", "alpha_second", "alpha_slow"]), "the list of now");
        (await there.CallToolAsync("alpha_echo", """{"input":"2"}""")).Text().ShouldBe("2");
        world["alpha"].AddTool("third");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await next.NextAsync("notifications/tools/list_changed");
        await stop;
        (await there.CallToolAsync("alpha_echo", """{"input":"3"}""")).Text().ShouldBe("3");
    }

    [Fact]
    public async Task A_stream_that_is_opened_at_a_stopping_replica_ends_well_at_once()
    {
        await using TestWorld world = await StartAsync();
        LegacyClient client = await world.LegacyAsync();
        Task<RpcAnswer> call = client.CallToolAsync("alpha_slow");
        await Eventually.BecomesAsync(() => world["alpha"].RunningCalls == 1, "a call runs");
        Task stop = world.StopGatewayAsync();
        ServerStream stream = await client.OpenStreamAsync();
        stream.HttpStatus.ShouldBe(200);
        stream.ResponseHeaders["Connection"].ShouldBe("close");
        await Eventually.BecomesAsync(() => stream.HasEnded, "ended");
        await call;
        await stop;
    }

    [Fact]
    public async Task Without_any_call_the_listener_stays_for_whoever_comes_late()
    {
        await using TestWorld world = await StartAsync(TimeSpan.FromSeconds(3));
        Task stop = world.StopGatewayAsync();
        LegacyClient late = await world.LegacyAsync();
        (await late.CallToolAsync("alpha_echo", """{"input":"1"}""")).Text().ShouldBe("1");
        await stop;
        await Should.ThrowAsync<HttpRequestException>(() => late.CallToolAsync("alpha_echo"));
    }

    private static Task<TestWorld> StartAsync(TimeSpan? quiet = null)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        return TestWorld.StartAsync(w =>
        {
            w.Options = o => o with { SessionSecret = secret, DrainLimit = TimeSpan.FromSeconds(60), DrainQuiet = quiet ?? Quiet };
            w.Backend("alpha", s => s.Tool("echo").Tool("slow", async call =>
            {
                for (int i = 1; i <= 3; i++)
                {
                    await call.ProgressAsync(i);
                    await Task.Delay(TimeSpan.FromSeconds(1), call.CancellationToken);
                }

                return Handlers.TextResult("made it");
            }));
        });
    }

    /// <summary>What stands before replicas: new connections go to ready ones in turn, and it learns of a change a moment late.</summary>
    private sealed class Service : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly HttpClient _http = new();
        private readonly Task _watching;
        private volatile IPEndPoint[] _ready = [];
        private int _turn;

        public Service(params GatewayServer[] replicas)
        {
            EndPoints = [.. replicas.Select(r => new IPEndPoint(IPAddress.Loopback, r.BaseUrl.Port))];
            _watching = WatchAsync();
        }

        public IPEndPoint[] EndPoints { get; }

        public IPEndPoint Choose()
        {
            IPEndPoint[] ready = _ready;
            return ready[(int)((uint)Interlocked.Increment(ref _turn) % ready.Length)];
        }

        public Task IsReadyAsync(int count) => Eventually.BecomesAsync(() => _ready.Length == count, "replicas are ready");

        public void Dispose()
        {
            _stop.Cancel();
            _watching.Wait();
            _http.Dispose();
            _stop.Dispose();
        }

        private async Task WatchAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                List<IPEndPoint> ready = [];
                foreach (IPEndPoint point in EndPoints)
                {
                    if (await IsReadyAsync(point))
                        ready.Add(point);
                }

                _ready = [.. ready];
                await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(200), _stop.Token));
            }
        }

        private async Task<bool> IsReadyAsync(IPEndPoint point)
        {
            try
            {
                using HttpResponseMessage answer = await _http.GetAsync(new Uri($"http://{point}/readyz"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
