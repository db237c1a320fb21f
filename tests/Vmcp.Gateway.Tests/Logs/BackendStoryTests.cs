using System.Text.RegularExpressions;

using Microsoft.Extensions.Logging;

using Vmcp.Core.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Logs;

/// <summary>What the log tells of one backend, read in one go.</summary>
public sealed class BackendStoryTests
{
    /// <summary>Seconds between checks, and for one: a busy machine must not add a turn to a story.</summary>
    private static readonly (double Interval, double Timeout) Patient = (20, 19);

    [Fact]
    public async Task The_life_of_a_backend_of_a_file_reads_as_a_story()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = Patient;
            w.Backend("alpha").Backend("other");
            w.Env["ALPHA_TOKEN"] = "t0ken-one";
            w.Env["ALPHA_TOKEN_2"] = "t0ken-two";
            w.Block("outgoingAuth: {source: inline, default: {type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: ALPHA_TOKEN}}}");
        });
        world["alpha"].AddTool("sing");
        await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
        await ReachesAsync(world.Logs, "alpha changed its lists");
        await world["alpha"].StopAsync();
        await world.HealthBecomesAsync("alpha", "unhealthy");
        await world["alpha"].RestartAsync();
        await world.HealthBecomesAsync("alpha", "healthy");
        await world.EditAndApplyAsync(w => w.Blocks[0] = w.Blocks[0].Replace("ALPHA_TOKEN", "ALPHA_TOKEN_2", StringComparison.Ordinal));
        await ReachesAsync(world.Logs, "alpha joined again");
        await world.EditAndApplyAsync(w => w.Remove("alpha"));
        await ReachesAsync(world.Logs, "alpha left");

        ShouldRead(
            Story(world.Logs, "alpha"),
            "Information: Backend alpha joined: 1 tools, 0 resources, 0 templates, 0 prompts; MCP 2025-11-25, auth header_injection (source: default)",
            "Information: Backend alpha changed its lists: 2 tools, * (before: 1 tools, *)",
            "Warning: Backend alpha * the connection: it stays listed until 2 checks in a row fail",
            "Warning: Backend alpha is unhealthy and not listed: it refused the connection; 2 failed checks in a row",
            "Information: Backend alpha answers again after * s; degraded until its next good check",
            "Information: Backend alpha is healthy again",
            "Information: Backend alpha changed: credential",
            "Information: Backend alpha joined again: 2 tools, * auth header_injection (source: default)",
            "Information: Backend alpha left: it was removed from the configuration");
        Story(world.Logs, "other").Length.ShouldBe(3, "joined, changed, joined again");
        foreach (string secret in (string[])["t0ken", "X-Key", "ALPHA_TOKEN", "127.0.0.1"])
            Story(world.Logs, "alpha").ShouldAllBe(l => !l.Contains(secret, StringComparison.Ordinal));
        world.Logs.All.ShouldAllBe(l => !l.Contains("t0ken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_life_of_a_backend_of_a_live_source_reads_as_a_story()
    {
        await using ScriptedBackend first = await ScriptedBackend.StartAsync(s => s.Tool("echo"));
        await using ScriptedBackend second = await ScriptedBackend.StartAsync(s => s.Tool("echo"));
        Backend alpha = new() { Name = "alpha", Url = first.Url, AuthSource = "workload" };
        HandSource source = new();
        LogLines logs = new();
        await using GatewayServer gateway = await StartAsync(source, logs);

        UnservedBackend noSecret = new("alpha", "SecretNotFound", "Secret \"alpha-key\" does not exist");
        source.Show([], noSecret);
        await ReachesAsync(logs, "not served");
        source.Show([], noSecret); // the same again is no news
        source.Show([alpha]);
        await ReachesAsync(logs, "alpha joined:");
        source.Show([alpha with { Url = second.Url, Timeout = TimeSpan.FromSeconds(7) }]);
        await ReachesAsync(logs, "joined again");
        source.Show([], noSecret);
        await ReachesAsync(logs, "any more");
        source.Reasons["alpha"] = "its MCPServer moved to group \"other\"";
        source.Show([]);
        await ReachesAsync(logs, "moved");
        source.Show([alpha]);
        await Eventually.BecomesAsync(() => Story(logs, "alpha").Count(l => l.Contains("joined:", StringComparison.Ordinal)) == 2, "joined a second time");
        source.Reasons["alpha"] = "its MCPServer was deleted";
        source.Show([]);
        await ReachesAsync(logs, "deleted");

        ShouldRead(
            Story(logs, "alpha"),
            "Warning: Backend alpha is not served: SecretNotFound: Secret \"alpha-key\" does not exist",
            "Information: Backend alpha joined: 1 tools, * (source: workload)",
            "Information: Backend alpha changed: URL, timeout",
            "Information: Backend alpha joined again: 1 tools, *",
            "Information: Backend alpha left: it cannot be served any more (SecretNotFound): Secret \"alpha-key\" does not exist",
            "Information: Backend alpha left: its MCPServer moved to group \"other\"",
            "Information: Backend alpha joined: 1 tools, *",
            "Information: Backend alpha left: its MCPServer was deleted");
    }

    [Fact]
    public async Task A_breaker_that_opens_and_closes_is_told_twice_and_its_tries_are_not()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = Patient;
            w.Backend("alpha");
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 2, timeout: 1s}");
        });
        await world["alpha"].StopAsync();
        await Eventually.BecomesAsync(() => world.Gateway.Fleet.Current.Backends["alpha"].Health.ConsecutiveFailures >= 3, "a try of the open breaker");
        await world["alpha"].RestartAsync();
        await world.HealthBecomesAsync("alpha", "healthy");
        await ReachesAsync(world.Logs, "closed again");

        string[] breaker = [.. Story(world.Logs, "alpha").Where(l => l.Contains("Circuit", StringComparison.Ordinal))];
        ShouldRead(
            breaker,
            "Warning: Circuit breaker of backend alpha is open: calls are refused at once, the next try is in * s",
            "Information: Circuit breaker of backend alpha is closed again");
    }

    [Fact]
    public async Task A_backend_that_never_answers_says_so_once_and_why()
    {
        using FreePort nobody = FreePort.Reserve();
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = Patient;
            w.WaitForBackends = false;
            w.Elsewhere("alpha", new Uri($"http://127.0.0.1:{nobody.Number}/mcp"));
        });
        await Eventually.BecomesAsync(() => world.Gateway.Fleet.Current.Backends["alpha"].Health.ConsecutiveFailures >= 3, "several failures");

        ShouldRead(
            Story(world.Logs, "alpha"),
            "Warning: Backend alpha refused the connection: it was not reached yet",
            "Warning: Backend alpha is unhealthy and not listed: it refused the connection; 2 failed checks in a row");
    }

    private static string[] Story(LogLines logs, string backend) =>
        [.. logs.All.Where(l => Regex.IsMatch(l, $"[bB]ackend {backend}\\b")).Select(l => l.Trim())];

    private static Task ReachesAsync(LogLines logs, string part) =>
        Eventually.BecomesAsync(() => logs.All.Any(l => l.Contains(part, StringComparison.Ordinal)), $"the log says \"{part}\"");

    private static void ShouldRead(string[] story, params string[] patterns)
    {
        string told = string.Join('\n', story);
        story.Length.ShouldBe(patterns.Length, told);
        for (int i = 0; i < patterns.Length; i++)
        {
            string pattern = Regex.Escape(patterns[i]).Replace("\\*", ".*", StringComparison.Ordinal);
            story[i].ShouldMatch($"^{pattern}$", told);
        }
    }

    private static Task<GatewayServer> StartAsync(IBackendSource source, LogLines logs)
    {
        LoadedConfig config = LoadedConfig.Load("backends: [{name: nobody, url: 'http://127.0.0.1:9/mcp'}]", "vmcp.yaml", _ => null, 1, out var problems)
            ?? throw new InvalidDataException(string.Join('\n', problems.Select(p => p.ToString())));
        return GatewayServer.StartAsync(
            new GatewayStart
            {
                Config = config,
                Source = source,
                Port = 0,
                Logging = l => l.ClearProviders().SetMinimumLevel(LogLevel.Information).AddProvider(logs),
            },
            CancellationToken.None);
    }

    /// <summary>A source moved by hand.</summary>
    private sealed class HandSource : IBackendSource
    {
        private long _version;

        public Dictionary<string, string> Reasons { get; } = [];

        public SourcePicture Current { get; private set; } = SourcePicture.Empty("hand");

        public event Action? Changed;

        public Task RunAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);

        public void OnUnauthorized(string backend)
        {
        }

        public string? WhyLeft(string backend) => Reasons.GetValueOrDefault(backend);

        public void Show(Backend[] backends, params UnservedBackend[] unserved)
        {
            Current = new SourcePicture(BackendSet.Create(++_version, backends), [.. unserved], new SourceState { Kind = "hand", Synced = true });
            Changed?.Invoke();
        }
    }
}
