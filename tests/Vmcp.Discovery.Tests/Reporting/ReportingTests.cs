using System.Text.Json.Nodes;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Reporting;

public sealed class ReportingTests
{
    [Fact]
    [Trait("Scenario", "STAT-05")]
    public async Task The_backends_are_listed_with_what_is_known_of_them()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        world.Start(
            "one",
            r => r.Unserved = [new UnservedBackend("d", "SecretNotFound", "MCPServer/d: Secret \"key\" does not exist")],
            ("c", HealthStatus.Unhealthy), ("a", HealthStatus.Healthy), ("b", HealthStatus.Unauthenticated));

        await world.PassAsync(3);

        world.Shown().ShouldBe("a=ready b=unauthenticated c=unavailable d=unavailable");
        world.Stored().At("status", "backendCount")!.Value.GetInt32().ShouldBe(2);
        world.Backends()[0].GetProperty("url").GetString().ShouldBe("http://a.demo.svc.cluster.local:8080/mcp");
        world.Backends()[0].GetProperty("authSource").GetString().ShouldBe("none");
        world.Backends()[0].GetProperty("lastHealthCheck").GetString()!.ShouldStartWith("2026-01-01T00:00:0");
        world.Backends()[3].GetProperty("message").GetString().ShouldBe("SecretNotFound: MCPServer/d: Secret \"key\" does not exist");
        world.Condition("BackendsDiscovered").ShouldBe("True/BackendsDiscovered");
        world.Condition("BackendsHealthy").ShouldBe("False/SomeBackendsUnhealthy");
        world.StatusWrites.ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Scenario", "LIVE-09")]
    public async Task A_change_after_quiet_is_told_within_two_seconds()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy), ("b", HealthStatus.Healthy));
        await world.PassAsync(20);
        world.Shown().ShouldBe("a=ready b=ready");

        replica.Set("b", HealthStatus.Unhealthy, failures: 3);
        await world.PassAsync(2);
        world.Shown().ShouldBe("a=ready b=unavailable");

        await world.PassAsync(20);
        replica.Remove("b");
        await world.PassAsync(2);
        world.Shown().ShouldBe("a=ready");

        await world.PassAsync(20);
        replica.Set("0", HealthStatus.Unknown, @checked: false);
        await world.PassAsync(2);
        world.Shown().ShouldBe("0=unknown a=ready");
    }

    [Fact]
    public async Task The_last_backend_can_go_and_come_back()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(10);

        replica.Remove("a");
        await world.PassAsync(10);
        world.Stored().At("status", "discoveredBackends").ShouldBeNull();
        world.Stored().At("status", "backendCount")!.Value.GetInt32().ShouldBe(0);
        world.Condition("BackendsHealthy").ShouldBe("True/NoBackends");

        replica.Set("a", HealthStatus.Healthy);
        await world.PassAsync(10);
        world.Shown().ShouldBe("a=ready");
        world.StatusWrites.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Nothing_is_written_before_the_source_is_in_step()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica before = world.Start("old", ("a", HealthStatus.Healthy));
        await world.PassAsync(5);
        await before.StopAsync();
        world.Cluster.ForgetRequests();

        Replica replica = world.StartBlind("one");
        await world.PassAsync(120);
        world.Shown().ShouldBe("a=ready");
        world.Cluster.Requests.Count(r => r.IsWrite).ShouldBe(0);

        replica.Set("b", HealthStatus.Healthy);
        replica.Synced = true;
        await world.PassAsync(15);
        world.Shown().ShouldBe("b=ready");
    }

    [Fact]
    public async Task The_first_report_waits_for_first_checks_but_not_for_ever()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica before = world.Start("old", ("a", HealthStatus.Healthy), ("slow", HealthStatus.Healthy));
        await world.PassAsync(5);
        await before.StopAsync();
        world.Cluster.ForgetRequests();

        Replica replica = world.Start("new", r =>
        {
            r.Set("a", HealthStatus.Unknown, @checked: false);
            r.Set("slow", HealthStatus.Unknown, @checked: false);
        });
        await world.PassAsync(3);
        replica.Set("a", HealthStatus.Healthy);
        await world.PassAsync(5);
        world.Shown().ShouldBe("a=ready slow=ready");

        await world.PassAsync(20);
        world.Shown().ShouldBe("a=ready slow=unknown");
        world.StatusWrites.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_backend_that_comes_and_goes_is_written_once_in_five_seconds_at_most()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(30);
        world.Cluster.ForgetRequests();

        for (int i = 0; i < 100; i++)
        {
            replica.Set("a", i % 3 == 0 ? HealthStatus.Unhealthy : HealthStatus.Healthy, failures: i % 3 == 0 ? 3 : 0);
            await world.PassAsync(1);
        }

        world.StatusWrites.Count.ShouldBeInRange(2, 21);
        replica.Set("a", HealthStatus.Degraded);
        await world.PassAsync(7);
        world.Shown().ShouldBe("a=degraded");
    }

    [Fact]
    public async Task At_rest_nothing_is_written_but_the_lease()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        world.Start("one", ("a", HealthStatus.Healthy), ("b", HealthStatus.Unhealthy));
        await world.PassAsync(30);
        world.Cluster.ForgetRequests();

        await world.PassAsync(3600);

        world.Cluster.Writes.ShouldAllBe(w => w.Type == BuiltIn.Lease);
        world.Cluster.Writes.Count.ShouldBeInRange(290, 370);
    }

    [Fact]
    public async Task Checks_that_go_on_are_told_every_five_minutes()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        world.Start("one", r => r.Probes = true, ("a", HealthStatus.Healthy));
        await world.PassAsync(30);
        world.Cluster.ForgetRequests();
        string condition = world.Stored().At("status", "conditions")!.Value.GetRawText();

        await world.PassAsync(3600);

        world.StatusWrites.Count.ShouldBeInRange(11, 12);
        (world.Time.GetUtcNow() - world.Backends()[0].GetProperty("lastHealthCheck").GetDateTimeOffset()).ShouldBeLessThan(TimeSpan.FromMinutes(5.1));
        world.Stored().At("status", "conditions")!.Value.GetRawText().ShouldBe(condition);
    }

    [Fact]
    public async Task A_dead_backend_is_no_news_at_each_of_its_failures()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(30);
        world.Cluster.ForgetRequests();

        for (int failures = 1; failures <= 1000; failures++)
        {
            replica.Set("a", failures < 3 ? HealthStatus.Healthy : HealthStatus.Unhealthy, failures);
            await world.PassAsync(2);
        }

        world.StatusWrites.Count.ShouldBeInRange(3, 20);
        world.Backends()[0].GetProperty("consecutiveFailures").GetInt32().ShouldBeGreaterThan(500);
    }

    [Theory]
    [InlineData("""{"status":{"discoveredBackends":null}}""")]
    [InlineData("""{"status":{"backendCount":7}}""")]
    [InlineData("""{"status":{"conditions":[]}}""")]
    [InlineData("""{"status":{"discoveredBackends":[{"name":"a","status":"ready","message":"somebody else's"},{"name":"left","status":"ready"}]}}""")]
    public async Task What_somebody_else_did_to_our_words_is_undone(string edit)
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(10);
        string before = Half(world);
        world.Cluster.ForgetRequests();

        await world.Cluster.PatchAsync(
            ToolHive.VirtualMCPServer, ReportWorld.Hub, new Patch.Merge(JsonNode.Parse(edit)!.AsObject()),
            new WriteOptions { FieldManager = "kubectl-edit", Subresource = "status" }, TestContext.Current.CancellationToken);
        await world.PassAsync(35);

        Half(world).ShouldBe(before);
        world.StatusWrites.Count.ShouldBeInRange(1, 3);
        await world.PassAsync(300);
        world.StatusWrites.Count.ShouldBeInRange(1, 3);
    }

    [Fact]
    public async Task A_source_that_is_behind_for_a_minute_is_told_of()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(10);

        replica.TroubleSince = world.Time.GetUtcNow();
        replica.Trouble = "the gateway's account may not list MCPServer";
        await world.PassAsync(55);
        world.Condition("BackendsDiscovered").ShouldBe("True/BackendsDiscovered");
        await world.PassAsync(10);
        world.Condition("BackendsDiscovered").ShouldBe("Unknown/SourceBehind");
        world.Shown().ShouldBe("a=ready");

        replica.Trouble = null;
        replica.TroubleSince = null;
        await world.PassAsync(10);
        world.Condition("BackendsDiscovered").ShouldBe("True/BackendsDiscovered");
    }

    private static string Half(ReportWorld world) =>
        string.Join('\n', world.Backends().Select(b => b.GetRawText())) + world.Stored().At("status", "backendCount") + world.Condition("BackendsHealthy") + world.Condition("BackendsDiscovered");
}
