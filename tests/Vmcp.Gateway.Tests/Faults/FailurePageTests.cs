using System.Text.Json;
using System.Text.RegularExpressions;

using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Faults;

/// <summary>docs/failure-handling.md: what it says a client gets is what a client gets, and its first block has the defaults.</summary>
public sealed partial class FailurePageTests
{
    private static readonly string Page = ReadPage();

    /// <summary>The rows of the table of messages that a backend's own trouble makes: what it does, what the call gets, whether the breaker counts it.</summary>
    private static readonly Dictionary<string, (string Message, bool Counts)> Rows =
        Row().Matches(Page).ToDictionary(m => m.Groups[1].Value, m => (m.Groups[2].Value, m.Groups[3].Value == "yes"));

    [Theory]
    [InlineData("is not there")]
    [InlineData("does not answer")]
    [InlineData("breaks off in the middle")]
    [InlineData("answers HTTP 500")]
    [InlineData("answers something else than MCP")]
    [InlineData("sends us elsewhere")]
    [InlineData("answers HTTP 401 or 403")]
    [InlineData("answers HTTP 429")]
    public async Task A_call_gets_the_words_of_the_page(string trouble)
    {
        (string message, bool counts) = Rows[trouble];
        await using TestWorld world = await StartAsync(breaker: 1);
        foreach (string revision in (string[])[Eras.Latest, Eras.Modern])
        {
            Front client = await world.ConnectAsync(revision);
            (await client.EchoAsync("notes_echo", "1")).ShouldBe("1");
            if (trouble == "is not there")
                await world["notes"].StopAsync();
            else
                world["notes"].Behaviour = BehaviourOf(trouble);

            RpcAnswer answer = await client.CallToolAsync("notes_echo", """{"input":"2"}""");

            answer.Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
            answer.Text().ShouldBe(message.Replace("30 s", "1 s", StringComparison.Ordinal));
            (await BreakerAsync(world)).ShouldBe(counts ? "open" : "closed");
            if (counts)
                return; // the breaker is open now, and has its own words for the next one
            world["notes"].Behaviour = Behaviour.Normal;
        }
    }

    [Fact]
    public async Task An_open_breaker_says_so()
    {
        await using TestWorld world = await StartAsync(breaker: 1);
        Front client = await world.ConnectAsync(Eras.Latest);
        (await client.EchoAsync("notes_echo", "1")).ShouldBe("1");
        world["notes"].Behaviour = Behaviour.Status(500).For("tools/call");
        await client.CallToolAsync("notes_echo", """{"input":"2"}""");

        string refused = (await client.CallToolAsync("notes_echo", """{"input":"3"}""")).Text();

        Regex.Replace(refused, "[0-9]+ s", "60 s").ShouldBe(Rows["has an open breaker"].Message);
    }

    [Fact]
    public async Task A_backend_that_is_away_or_gone_is_named()
    {
        await using TestWorld world = await StartAsync(breaker: 0, interval: 1);
        Front client = await world.ConnectAsync(Eras.Latest);
        (await client.EchoAsync("notes_echo", "1")).ShouldBe("1");
        await world["notes"].StopAsync();
        await world.HealthBecomesAsync("notes", "unhealthy");

        (await client.CallToolAsync("notes_echo", """{"input":"2"}""")).Text().ShouldBe(Rows["is `unhealthy`"].Message);

        await world.EditAndApplyAsync(w => w.Remove("notes"));
        string gone = Rows["was removed"].Message;
        await Eventually.BecomesAsync(
            async () => (await client.CallToolAsync("notes_echo", """{"input":"3"}""")).Error is { } error && error.GetProperty("message").GetString() == gone, gone);
    }

    [Fact]
    public void Every_row_is_tried_here()
    {
        int tried = typeof(FailurePageTests).GetMethod(nameof(A_call_gets_the_words_of_the_page))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Length;

        Rows.Count.ShouldBe(tried + 3);
    }

    [Fact]
    public void The_first_block_has_the_defaults()
    {
        string block = Regex.Match(Page, "^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;

        GatewayConfig shown = Read(block), unset = Read("");

        HealthSettings.From(shown).ShouldBe(HealthSettings.From(unset));
        shown.EffectiveOperational.TimeoutFor("calc").ShouldBe(unset.EffectiveOperational.TimeoutFor("calc"));
    }

    [Fact]
    public void The_words_for_health_and_for_categories_are_those_of_the_status()
    {
        foreach (HealthStatus status in Enum.GetValues<HealthStatus>())
            Page.ShouldContain($"| `{status.Word()}` |");
        foreach (FailureCategory category in Enum.GetValues<FailureCategory>().Where(c => c != FailureCategory.None))
            Page.ShouldContain($"| `{category.Word()}` |");
        foreach (BreakerStatus status in Enum.GetValues<BreakerStatus>())
            Page.ShouldContain($"| `{status.Word()}` |");
    }

    /// <summary>A gateway that does not check by itself during the test, unless an interval is given.</summary>
    private static Task<TestWorld> StartAsync(int breaker, double interval = 60) => TestWorld.StartAsync(w =>
    {
        (w.Interval, w.Timeout) = (interval, interval * 0.4);
        w.Backend("notes").Backend("other");
        w.Timeouts = "{default: 30s, perWorkload: {notes: 1s}}";
        if (breaker > 0)
            w.FailureHandling.Add($"circuitBreaker: {{enabled: true, failureThreshold: {breaker}, timeout: 60s}}");
    });

    private static Behaviour BehaviourOf(string trouble) => (trouble switch
    {
        "does not answer" => Behaviour.Hang,
        "breaks off in the middle" => Behaviour.DropMidEvent,
        "answers HTTP 500" => Behaviour.Status(500),
        "answers something else than MCP" => Behaviour.Garbage,
        "sends us elsewhere" => Behaviour.RedirectTo("http://127.0.0.1:9/elsewhere"),
        "answers HTTP 401 or 403" => Behaviour.Status(401),
        "answers HTTP 429" => Behaviour.Status(429),
        _ => throw new ArgumentOutOfRangeException(nameof(trouble), trouble, null),
    }).For("tools/call");

    private static async Task<string?> BreakerAsync(TestWorld world)
    {
        JsonElement health = await world.GetJsonAsync("/api/backends/health");
        return health.GetProperty("backends").GetProperty("notes").GetProperty("CircuitState").GetString();
    }

    private static GatewayConfig Read(string block)
    {
        ConfigResult read = ConfigFile.Load(
            "name: page\nincomingAuth: {type: anonymous}\nbackends:\n  - {name: notes, url: \"http://127.0.0.1:9001/mcp\"}\n" + block, "page.yaml", _ => null);
        read.Problems.ShouldBeEmpty();
        return read.Config!;
    }

    private static string ReadPage()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Vmcp.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return File.ReadAllText(Path.Combine(folder.FullName, "docs", "failure-handling.md"));
    }

    [GeneratedRegex("^\\| ([^|]+) \\| `([^|]+\\.)` \\| (yes|no) \\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
