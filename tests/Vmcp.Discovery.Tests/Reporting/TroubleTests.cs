using System.Text.Json.Nodes;
using Vmcp.Core.Health;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Discovery.Tests.Reporting;

public sealed class TroubleTests
{
    [Theory]
    [InlineData(KubeError.Unreachable)]
    [InlineData(KubeError.ServerError)]
    [InlineData(KubeError.Unauthorized)]
    public async Task An_API_server_that_is_away_is_told_of_once_and_caught_up_with(KubeError error)
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(15);

        world.Cluster.Before = (_, _) => throw new KubeException(error, "the API server is away");
        replica.Set("a", HealthStatus.Unhealthy, 3);
        await world.PassAsync(300);
        replica.Set("b", HealthStatus.Healthy);
        world.Cluster.Before = null;
        await world.PassAsync(45);

        world.Shown().ShouldBe("a=unavailable b=ready");
        world.Log.Lines.Count(l => l.Contains("the API server is away", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(4, string.Join('\n', world.Log.Lines));
    }

    [Fact]
    public async Task An_API_server_that_hangs_does_not_hang_the_writer()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(15);

        world.Cluster.Before = (r, token) => r.Type == ToolHive.VirtualMCPServer ? Task.Delay(Timeout.InfiniteTimeSpan, token) : Task.CompletedTask;
        replica.Set("a", HealthStatus.Unhealthy, 3);
        await RushAsync(60);
        world.Cluster.Before = null;
        // What hangs now hangs until its limit.
        await RushAsync(12);
        await world.PassAsync(60);

        world.Shown().ShouldBe("a=unavailable");

        async Task RushAsync(int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                world.Time.Advance(LookTime.Look);
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task A_refused_status_is_tried_less_and_less()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(15);
        world.Cluster.ForgetRequests();

        world.Cluster.FailNext(r => r.Subresource == "status", new KubeException(KubeError.Invalid, "status.discoveredBackends[0].status: Unsupported value"), 1_000_000);
        for (int i = 0; i < 360; i++)
        {
            replica.Set("a", i % 2 == 0 ? HealthStatus.Unhealthy : HealthStatus.Healthy, 3);
            await world.PassAsync(10);
        }

        world.StatusWrites.Count.ShouldBeInRange(10, 25);
        world.Log.Lines.Count(l => l.Contains("Unsupported value", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fields_an_older_definition_drops_or_refuses_cause_no_endless_writes(bool refuses)
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        OlderDefinition older = new(world.Cluster, refuses);
        Replica replica = world.Start(older, "one", synced: true, [("a", HealthStatus.Healthy)]);
        await world.PassAsync(15);
        world.Shown().ShouldBe("a=ready");
        world.Cluster.ForgetRequests();

        await world.PassAsync(3600);
        world.StatusWrites.ShouldBeEmpty();
        world.Log.Lines.Count(l => l.Contains("CRDs older", StringComparison.Ordinal)).ShouldBe(1);

        replica.Set("a", HealthStatus.Degraded);
        await world.PassAsync(2);
        world.Shown().ShouldBe("a=degraded");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Scenario", "STAT-09")]
    public async Task A_conflict_or_a_lost_answer_at_each_first_try_is_tried_again(bool lost)
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        for (int i = 0; i < 10; i++)
        {
            if (lost)
                world.Cluster.LoseAnswer(r => r.Subresource == "status", new KubeException(KubeError.Unreachable, "the answer was lost"));
            else
                world.Cluster.FailNext(r => r.Subresource == "status", new KubeException(KubeError.Conflict, "somebody was faster"));
            replica.Set("a", i % 2 == 0 ? HealthStatus.Unhealthy : HealthStatus.Healthy, 3);
            await world.PassAsync(15);
            world.Shown().ShouldBe(i % 2 == 0 ? "a=unavailable" : "a=ready");
        }

        world.Leader.ShouldBe(replica);
    }

    [Fact]
    public async Task A_picture_that_cannot_be_painted_is_no_end()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(15);
        replica.Broken = true;
        replica.Set("a", HealthStatus.Degraded);
        await world.PassAsync(20);
        world.Shown().ShouldBe("a=ready");
        world.Log.Lines.ShouldContain(l => l.StartsWith("Error: Status of VirtualMCPServer demo/hub could not be worked out", StringComparison.Ordinal));

        replica.Broken = false;
        await world.PassAsync(60);
        world.Shown().ShouldBe("a=degraded");
    }

    [Fact]
    public async Task A_server_that_is_gone_or_going_is_left_alone()
    {
        await using ReportWorld world = await ReportWorld.StartAsync();
        Replica replica = world.Start("one", ("a", HealthStatus.Healthy));
        await world.PassAsync(15);
        await world.Cluster.DeleteAsync(ToolHive.VirtualMCPServer, ReportWorld.Hub, DeleteOptions.Default, TestContext.Current.CancellationToken);
        await world.PassAsync(35);
        world.Cluster.ForgetRequests();

        replica.Set("a", HealthStatus.Degraded);
        await world.PassAsync(120);

        world.StatusWrites.ShouldBeEmpty();
        world.Log.Lines.Count(l => l.Contains("it does not exist", StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <summary>A server whose CRD does not know <c>authSource</c> yet.</summary>
    private sealed class OlderDefinition(ICluster inner, bool refuses) : ICluster
    {
        public Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken) => inner.GetAsync(type, key, cancellationToken);

        public Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken) => inner.ListAsync(type, options, cancellationToken);

        public IAsyncEnumerable<WatchEvent> WatchAsync(ResourceType type, WatchOptions options, CancellationToken cancellationToken) => inner.WatchAsync(type, options, cancellationToken);

        public Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) => inner.CreateAsync(type, body, options, cancellationToken);

        public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken) => inner.ReplaceAsync(type, body, options, cancellationToken);

        public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken)
        {
            if (patch is Patch.Apply { Body: { } body } && body["status"]?[RuntimeHalf.BackendList] is JsonArray)
            {
                JsonObject pruned = (JsonObject)body.DeepClone();
                bool had = false;
                foreach (JsonNode? backend in pruned["status"]![RuntimeHalf.BackendList]!.AsArray())
                    had |= backend!.AsObject().Remove("authSource");
                if (refuses && had)
                {
                    throw new KubeException(
                        KubeError.ServerError, "apply: 500 failed to create typed patch object: .status.discoveredBackends[name=\"a\"].authSource: field not declared in schema");
                }

                patch = new Patch.Apply(pruned);
            }

            return inner.PatchAsync(type, key, patch, options, cancellationToken);
        }

        public Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken) => inner.DeleteAsync(type, key, options, cancellationToken);
    }
}
