using Vmcp.Core.Health;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Reporting;

public sealed class LeadingTests
{
    [Fact]
    public async Task Of_two_replicas_one_writes_and_the_other_takes_over_when_it_dies()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica first = world.Start("one", ("a", HealthStatus.Healthy), ("b", HealthStatus.Unhealthy));
        await world.PassAsync(15);
        Replica second = world.Start("two", ("a", HealthStatus.Healthy), ("b", HealthStatus.Unhealthy));
        await world.PassAsync(15);
        world.Leader.ShouldBe(first);
        string before = world.Stored().At("status")!.Value.GetRawText();
        world.Cluster.ForgetRequests();

        first.Dies();
        // What the second saw of the lease last may be twelve seconds old, and it looks every ten to twelve.
        await world.PassAsync(30 + 24);
        world.Leader.ShouldBe(second);
        await world.PassAsync(60);

        world.StatusWrites.ShouldBeEmpty();
        world.Stored().At("status")!.Value.GetRawText().ShouldBe(before);
        second.Set("b", HealthStatus.Healthy);
        await world.PassAsync(2);
        world.Shown().ShouldBe("a=ready b=ready");
    }

    [Fact]
    public async Task A_replica_that_stops_gives_the_lead_away()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica first = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(5);
        Replica second = world.Start("two", ("a", HealthStatus.Healthy));
        await world.PassAsync(5);
        world.Cluster.ForgetRequests();

        await first.StopAsync();
        world.Leader.ShouldBeNull();
        await world.PassAsync(13);

        world.Leader.ShouldBe(second);
        world.StatusWrites.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_falls_silent_before_another_leads()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica first = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(5);
        Replica second = world.Start("two", ("a", HealthStatus.Healthy));
        await world.PassAsync(15);

        // It still reaches its VirtualMCPServer, and would write for ever.
        first.LosesSightOf(BuiltIn.Lease);
        await world.PassAsync(25);
        world.Cluster.ForgetRequests();
        for (int i = 0; i < 60; i++)
        {
            first.Set("a", i % 2 == 0 ? HealthStatus.Unhealthy : HealthStatus.Degraded, 3);
            await world.PassAsync(1);
        }

        world.Leader.ShouldBe(second);
        world.StatusWrites.ShouldBeEmpty();
        world.Shown().ShouldBe("a=ready");
    }

    [Fact]
    public async Task A_replica_that_is_not_in_step_does_not_stand_for_election()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica blind = world.StartBlind("blind");
        await world.PassAsync(30);
        Replica seeing = world.Start("seeing", ("a", HealthStatus.Healthy));
        await world.PassAsync(5);

        world.Leader.ShouldBe(seeing);
        world.Shown().ShouldBe("a=ready");
        blind.Synced = true;
        await world.PassAsync(120);
        world.Shown().ShouldBe("a=ready");
    }

    [Fact]
    public async Task The_lease_goes_with_its_server()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(5);
        KubeObject lease = world.Cluster.ObjectsOf(BuiltIn.Lease).ShouldHaveSingleItem();
        lease.Key.ShouldBe(new ObjectKey("demo", "hub-vmcp-status"));

        await replica.StopAsync();
        await world.Cluster.DeleteAsync(ToolHive.VirtualMCPServer, ReportWorld.Hub, Kubernetes.Api.DeleteOptions.Default, TestContext.Current.CancellationToken);

        world.Cluster.ObjectsOf(BuiltIn.Lease).ShouldBeEmpty();
    }
}
