using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Kubernetes.Api;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>The gateway's own VirtualMCPServer decides as whom backends are called; without it nothing is.</summary>
public sealed class OwnServerTests
{
    private static Task HubAsync(Cluster cluster, string outgoing) => cluster.ApplyAsync($$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: hub}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: anonymous}
          outgoingAuth: {{outgoing}}
        """);

    private static async Task KeyedAsync(Cluster cluster)
    {
        await cluster.SecretAsync("key1", "jam");
        await cluster.AuthAsync("key1", "X-Key");
        await cluster.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
    }

    [Fact]
    [Trait("Scenario", "DISC-03")]
    public async Task Nothing_is_served_before_it_was_read()
    {
        await using SourceWorld world = new();
        await KeyedAsync(world.Cluster);
        await world.Cluster.ApplyAsync("{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPGroup, metadata: {name: team}}");
        world.Fail(KubeError.Forbidden, r => r.Type == ToolHive.VirtualMCPServer);
        world.Run();
        await world.Time.UntilAsync(() => world.State.Trouble is not null, "the refusal is said");
        world.State.Trouble.ShouldBe("the gateway's account may not read VirtualMCPServer \"hub\"");

        world.Fail(null);
        await world.Time.UntilAsync(() => world.State.Trouble == "VirtualMCPServer \"hub\" does not exist", "its absence is said");
        world.State.Synced.ShouldBeFalse();
        world.Served.ShouldBeEmpty();
        world.Changes.ShouldBe(0);

        await HubAsync(world.Cluster, "{source: discovered, default: {type: externalAuthConfigRef, externalAuthConfigRef: {name: key1}}}");
        (await world.ServedBecomesAsync("alpha")).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        Header.Of(world.Backend("alpha")).ShouldBe("X-Key: jam");
    }

    [Fact]
    public async Task An_edit_of_its_choice_is_followed_within_a_minute_and_its_deletion_changes_nothing()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        Header.Of(world.Backend("alpha")).ShouldBe("unauthenticated");

        await HubAsync(world.Cluster, "{source: discovered, backends: {alpha: {type: externalAuthConfigRef, externalAuthConfigRef: {name: key1}}}}");
        (await world.Time.UntilAsync(() => Header.Of(world.Backend("alpha")) == "X-Key: jam", "the key is in use")).ShouldBeLessThan(TimeSpan.FromMinutes(1));

        await world.Cluster.DeleteAsync(ToolHive.VirtualMCPServer, "hub");
        await world.Time.PassAsync(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1));
        Header.Of(world.Backend("alpha")).ShouldBe("X-Key: jam");
        world.State.Trouble.ShouldBe("VirtualMCPServer \"hub\" does not exist");
    }

    [Fact]
    public async Task One_that_does_not_fit_its_kind_is_named_and_the_last_good_one_counts()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);

        await HubAsync(world.Cluster, "hunter2");
        await world.Time.UntilAsync(() => world.State.Trouble is not null, "the trouble is said", TimeSpan.FromSeconds(1));

        world.State.Trouble.ShouldNotBeNull().ShouldContain("spec.outgoingAuth");
        world.State.Trouble.ShouldNotContain("hunter2");
        await world.Cluster.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"));
        await world.ServedBecomesAsync("alpha", "gamma");
        await HubAsync(world.Cluster, "{source: discovered}");
        (await world.Time.UntilAsync(() => world.State.Trouble is null, "all is well")).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task While_it_cannot_be_read_members_still_come_and_it_is_not_asked_for_at_each_of_them()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Fail(KubeError.ServerError, r => r.Type == ToolHive.VirtualMCPServer);
        await world.Time.UntilAsync(() => world.Met > 0, "it is asked for", TimeSpan.FromSeconds(1));
        int met = world.Met;
        DateTimeOffset from = world.Time.GetUtcNow();

        for (int i = 0; i < 10; i++)
        {
            await world.Cluster.ServerAsync("gamma", new Uri($"http://gamma.demo/{i}"));
            await world.Time.UntilAsync(() => world.Source.Current.Backends.Backends.Any(b => b.Url.AbsolutePath == $"/{i}"), "the edit is taken");
        }

        (world.Met - met).ShouldBeLessThanOrEqualTo(2 + (int)((world.Time.GetUtcNow() - from) / TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task A_group_that_is_missing_is_said_and_its_members_are_served()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);

        await world.Cluster.DeleteAsync(ToolHive.MCPGroup, "team");
        await world.Time.UntilAsync(() => world.State.Trouble is not null, "the trouble is said");
        world.State.Trouble.ShouldBe("MCPGroup \"team\" does not exist");
        world.Served.ShouldBe("alpha");

        await world.Cluster.ApplyAsync("{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPGroup, metadata: {name: team}}");
        await world.Time.UntilAsync(() => world.State.Trouble is null, "all is well");
    }
}
