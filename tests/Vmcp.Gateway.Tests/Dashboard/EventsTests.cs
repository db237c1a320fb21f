using System.Text.Json;

using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Dashboard;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Dashboard;

/// <summary>What the page is told, and when.</summary>
public sealed class EventsTests
{
    [Fact]
    public async Task A_backends_death_arrives_while_one_looks_and_stays_in_the_changes()
    {
        await using TestWorld world = await On(w => w.Backend("alpha").Backend("beta"));
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);
        JsonElement first = (await stream.NextAsync("picture"))!.Value;
        DashboardStream.BackendOf(first, "beta").GetProperty("health").GetString().ShouldBe("healthy");
        DashboardStream.BackendOf(first, "beta").GetProperty("probes").GetArrayLength().ShouldBePositive();

        await world["beta"].StopAsync();

        JsonElement picture = (await stream.NextAsync(
            "picture", p => DashboardStream.BackendOf(p, "beta").GetProperty("health").GetString() == "unhealthy"))!.Value;
        JsonElement beta = DashboardStream.BackendOf(picture, "beta");
        beta.GetProperty("listed").GetBoolean().ShouldBeFalse();
        beta.GetProperty("error").GetString().ShouldBeOneOf("connection_failed", "backend_unavailable");
        beta.GetProperty("probes").EnumerateArray().Last().GetDouble().ShouldBeNegative("a failed probe");
        DashboardStream.BackendOf(picture, "alpha").GetProperty("health").GetString().ShouldBe("healthy");
        JsonElement change = picture.GetProperty("changes")[0];
        change.GetProperty("backend").GetString().ShouldBe("beta");
        change.GetProperty("what").GetString().ShouldBe("degraded");
        change.GetProperty("reason").GetString()!.ShouldStartWith("unhealthy after 2 failed checks in a row");
    }

    [Fact]
    public async Task A_backends_life_is_told_in_changes()
    {
        await using TestWorld world = await On(w => w.Backend("alpha"));
        await world.EditAndApplyAsync(w => w.Backend("beta", s => s.Tool("one").Tool("two")));
        await world.AreListedAsync("beta");
        world["beta"].AddTool("three");
        await Eventually.BecomesAsync(async () => await world["beta"].NotifyListChangedAsync(ItemKind.Tools) > 0, "beta is listened to");
        await Eventually.BecomesAsync(() => world.Gateway.Status.Catalog.Tools == 4, "the tool is listed");
        await world.EditAndApplyAsync(w => w.Remove("beta"));
        await Eventually.BecomesAsync(() => world.Gateway.Status.Backends.Length == 1, "beta is gone");
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);

        JsonElement picture = (await stream.NextAsync("picture"))!.Value;

        string[] story = [.. picture.GetProperty("changes").EnumerateArray()
            .Where(c => c.GetProperty("backend").GetString() == "beta")
            .Select(c => $"{c.GetProperty("what").GetString()}: {c.GetProperty("reason").GetString()}")];
        story.ShouldBe(["left: it was removed from the configuration", "changed: tools added: three", "joined: 2 tools, MCP 2025-11-25"]);
    }

    [Fact]
    public async Task A_breaker_that_opens_is_told_once_and_again_when_it_closes()
    {
        await using TestWorld world = await On(w =>
        {
            w.Backend("alpha");
            w.FailureHandling.Add("circuitBreaker: {enabled: true, failureThreshold: 2, timeout: 1s}");
        });
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);
        await world["alpha"].StopAsync();
        JsonElement picture = (await stream.NextAsync("picture", p => Turns(p).Contains("degraded: circuit breaker open: calls are refused at once")))!.Value;
        DashboardStream.BackendOf(picture, "alpha").GetProperty("breaker").GetString().ShouldBeOneOf("open", "half-open");

        await world["alpha"].RestartAsync();

        picture = (await stream.NextAsync("picture", p => Turns(p).Contains("recovered: circuit breaker closed")))!.Value;
        Turns(picture).Count(t => t.Contains("circuit breaker open", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', Turns(picture)));

        static string[] Turns(JsonElement picture) => [.. picture.GetProperty("changes").EnumerateArray()
            .Select(c => $"{c.GetProperty("what").GetString()}: {c.GetProperty("reason").GetString()}")];
    }

    [Fact]
    public async Task The_picture_is_the_one_of_the_status_report()
    {
        await using TestWorld world = await On(w => w.Backend("alpha").Backend("beta"));
        await world.LegacyAsync();
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);

        JsonElement picture = (await stream.NextAsync("picture"))!.Value;

        StatusReport report = world.Gateway.Status;
        picture.GetProperty("name").GetString().ShouldBe(report.Name);
        picture.GetProperty("mode").GetString().ShouldBe("inline");
        picture.GetProperty("group").GetString().ShouldBe(report.GroupRef);
        picture.GetProperty("counts").GetProperty("tools").GetInt32().ShouldBe(report.Catalog.Tools);
        picture.GetProperty("backends").EnumerateArray().Select(b => b.GetProperty("name").GetString()).ShouldBe(report.Backends.Select(b => b.Name));
        picture.GetProperty("sessions").GetProperty("legacy")[0].GetProperty("revision").GetString().ShouldBe("2025-11-25");
        picture.GetProperty("sessions").GetProperty("legacy")[0].GetProperty("count").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_change_there_are_only_signs_of_life()
    {
        await using TestWorld world = await On(w =>
        {
            w.Backend("alpha");
            w.Interval = 3600;
            w.Options = o => o with { Dashboard = true, KeepAlive = TimeSpan.FromSeconds(1) };
        });
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);
        await stream.NextAsync("picture");

        await stream.NextAsync("alive");
        await stream.NextAsync("alive");

        stream.Comments.ShouldBeGreaterThanOrEqualTo(2);
        stream.Text.Split("event: picture").Length.ShouldBe(2, "one picture");
        stream.Text.Split("event: tools").Length.ShouldBe(2, "one list of tools");
    }

    [Fact]
    public async Task Nothing_is_drawn_while_nobody_looks()
    {
        await using TestWorld world = await On(w => w.Backend("alpha"));
        await ProbesAsync(3);
        world.Gateway.Dashboard.Feed.Drawings.ShouldBe(0);
        await using (DashboardStream stream = await DashboardStream.OpenAsync(world))
            await stream.NextAsync("picture");
        await Eventually.BecomesAsync(() => world.Gateway.Dashboard.Streams == 0, "the viewer left");

        long drawn = world.Gateway.Dashboard.Feed.Drawings;

        drawn.ShouldBePositive();
        await ProbesAsync(3);
        world.Gateway.Dashboard.Feed.Drawings.ShouldBe(drawn);

        Task ProbesAsync(int more)
        {
            int before = Seen();
            return Eventually.BecomesAsync(() => Seen() >= Math.Min(ProbeTimes.Size, before + more), "probes ran");
        }

        int Seen() => world.Gateway.Fleet.Current.Backends["alpha"].Handle.Probes.ToArray().Length;
    }

    [Fact]
    public async Task Streams_are_bounded_and_a_closed_one_makes_room()
    {
        await using TestWorld world = await On(w => w.Backend("alpha"));
        List<DashboardStream> open = [];
        for (int i = 0; i < DashboardEndpoint.MaxStreams; i++)
            open.Add(await DashboardStream.OpenAsync(world));
        foreach (DashboardStream stream in open)
            stream.Status.ShouldBe(200);

        await using DashboardStream refused = await DashboardStream.OpenAsync(world);

        refused.Status.ShouldBe(503);
        refused.Response.Headers.RetryAfter.ShouldNotBeNull();
        await open[0].DisposeAsync();
        await Eventually.BecomesAsync(() => world.Gateway.Dashboard.Streams < DashboardEndpoint.MaxStreams, "the place is free");
        await using DashboardStream next = await DashboardStream.OpenAsync(world);
        next.Status.ShouldBe(200);
        foreach (DashboardStream stream in open)
            await stream.DisposeAsync();
        await next.DisposeAsync();
        await Eventually.BecomesAsync(() => world.Gateway.Dashboard.Streams == 0, "all places are free");
    }

    [Fact]
    public async Task A_stop_ends_the_streams_with_a_word()
    {
        await using TestWorld world = await On(w => w.Backend("alpha"));
        await using DashboardStream stream = await DashboardStream.OpenAsync(world);
        await stream.NextAsync("picture");

        Task stopped = world.StopGatewayAsync();

        (await stream.NextAsync("stopping")).ShouldNotBeNull();
        (await stream.NextAsync("picture")).ShouldBeNull("the stream ended");
        await stopped;
    }

    private static Task<TestWorld> On(Action<WorldScript> write) => TestWorld.StartAsync(w =>
    {
        w.Options = o => o with { Dashboard = true };
        write(w);
    });
}
