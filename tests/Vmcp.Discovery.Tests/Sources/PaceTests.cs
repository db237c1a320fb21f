using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>How often the source asks for what it may not watch: often enough, and not more.</summary>
public sealed class PaceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static async Task KeyedAsync(Cluster cluster)
    {
        await cluster.SecretAsync("key1", "old");
        await cluster.AuthAsync("key1", "X-Key");
        await cluster.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
        await cluster.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
    }

    [Fact]
    public async Task At_rest_it_asks_for_each_Secret_once_a_minute_or_so_and_says_nothing()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        await world.Time.PassAsync(TimeSpan.FromSeconds(2));
        world.Cluster.Api.ForgetRequests();
        (int changes, int lines) = (world.Changes, world.Log.Length);

        await world.Time.PassAsync(10 * Minute);

        world.Gets(BuiltIn.Secret, "key1").ShouldBeInRange(10, 14);
        world.Gets(ToolHive.VirtualMCPServer, "hub").ShouldBeInRange(10, 14);
        world.Cluster.Api.Requests.Count.ShouldBe(world.Gets(BuiltIn.Secret, "key1") + world.Gets(ToolHive.VirtualMCPServer, "hub"));
        world.Changes.ShouldBe(changes);
        world.Log.Length.ShouldBe(lines);
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-02")]
    public async Task A_rotated_Secret_is_in_use_within_a_minute_whatever_else_changes_meanwhile()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        await world.Cluster.SecretAsync("key1", "new");
        await world.Time.PassAsync(TimeSpan.FromSeconds(44));

        // What makes it look at everything just before the Secret is due must not put the Secret off.
        await world.Cluster.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"));
        TimeSpan more = await world.ServedBecomesAsync("alpha", "beta", "gamma");
        await world.Time.PassAsync(TimeSpan.FromSeconds(15) - more);

        Header.Of(world.Backend("beta")).ShouldBe("X-Key: new");
    }

    [Fact]
    [Trait("Scenario", "DISC-06")]
    public async Task What_is_missing_is_asked_for_soon_and_then_every_few_seconds()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.AuthAsync("key1", "X-Key");
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
        });
        world.Unserved.ShouldBe("beta: SecretNotFound");
        world.Cluster.Api.ForgetRequests();

        await world.Time.PassAsync(Minute);
        world.Gets(BuiltIn.Secret, "key1").ShouldBeInRange(12, 20);

        await world.Cluster.SecretAsync("key1", "jam");
        (await world.ServedBecomesAsync("beta")).ShouldBeLessThan(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Endless_changes_do_not_make_it_ask_endlessly_for_what_is_missing()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await c.AuthAsync("key1", "X-Key");
            await c.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
        });
        await world.Time.PassAsync(TimeSpan.FromSeconds(10));
        world.Cluster.Api.ForgetRequests();

        for (int i = 0; i < 50; i++)
        {
            await world.Cluster.ServerAsync("alpha", new Uri($"http://alpha.demo/{i}"));
            await world.Time.UntilAsync(
                () => world.Source.Current.Backends.Backends is [{ Url: var url }] && url.AbsolutePath == $"/{i}", "the edit is taken");
        }

        double seconds = (world.Time.GetUtcNow() - world.Time.Start).TotalSeconds;
        world.Gets(BuiltIn.Secret, "key1").ShouldBeLessThanOrEqualTo((int)seconds + 2);
    }

    [Fact]
    public async Task A_right_that_comes_a_moment_after_the_member_costs_it_less_than_two_seconds()
    {
        await using SourceWorld world = await SourceWorld.StartAsync();
        world.Fail(KubeError.Forbidden, r => r.Verb == "get" && r.Type == BuiltIn.Secret);
        await KeyedAsync(world.Cluster);
        await world.Time.UntilAsync(() => world.Unserved == "beta: SecretNotReadable", "beta waits for the right");
        world.UnservedOne("beta").Message.ShouldBe(
            "MCPServer/beta: Secret \"key1\" could not be read: the gateway's account may not read it (yet): the operator keeps its Role current");
        world.State.Trouble.ShouldBeNull();
        await world.Time.PassAsync(TimeSpan.FromMilliseconds(500));

        world.Fail(null);

        (await world.ServedBecomesAsync("alpha", "beta")).ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-02")]
    public async Task A_storm_of_401_asks_for_the_Secret_at_once_and_then_every_five_seconds()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyedAsync(c);
            for (int i = 0; i < 20; i++)
                await c.ServerAsync($"more-{i}", new Uri($"http://more-{i}.demo/mcp"), "key1");
        });
        world.Cluster.Api.ForgetRequests();

        for (int tenths = 0; tenths < 200; tenths++)
        {
            for (int i = 0; i < 20; i++)
                world.Source.OnUnauthorized($"more-{i}");
            await world.Time.PassAsync(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
            if (tenths == 5)
                world.Gets(BuiltIn.Secret, "key1").ShouldBe(1);
        }

        world.Gets(BuiltIn.Secret, "key1").ShouldBeInRange(4, 6);
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-02")]
    public async Task A_401_that_came_too_soon_after_another_is_not_forgotten()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Source.OnUnauthorized("beta");
        await world.Time.UntilAsync(() => world.Gets(BuiltIn.Secret, "key1") == 2, "the Secret is read again");
        await world.Time.PassAsync(TimeSpan.FromSeconds(1));
        await world.Cluster.SecretAsync("key1", "new");

        world.Source.OnUnauthorized("beta");

        (await world.Time.UntilAsync(() => Header.Of(world.Backend("beta")) == "X-Key: new", "the new value is in use")).ShouldBeLessThan(TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_401_of_a_backend_without_a_credential_or_of_nobody_asks_for_nothing()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Cluster.Api.ForgetRequests();

        world.Source.OnUnauthorized("alpha");
        world.Source.OnUnauthorized("nobody");
        await world.Time.PassAsync(TimeSpan.FromSeconds(10));

        world.Cluster.Api.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_Secrets_and_ConfigMaps_in_use_are_ever_asked_for_and_only_by_get()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyedAsync(c);
            await c.SecretAsync("unrelated", "x");
            await c.SecretAsync("key2", "x");
            await c.AuthAsync("key2", "X-Key");
        });
        await world.Cluster.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key2");
        await world.Time.UntilAsync(() => world.Gets(BuiltIn.Secret, "key2") > 0, "key2 is read");
        await world.Time.PassAsync(TimeSpan.FromSeconds(1));
        world.Cluster.Api.ForgetRequests();
        await world.Time.PassAsync(2 * Minute);

        world.Cluster.Api.Requests.Where(r => r.Type == BuiltIn.Secret || r.Type == BuiltIn.ConfigMap).ShouldAllBe(r => r.Verb == "get" && r.Key.Name == "key2");
        world.Gets(BuiltIn.Secret, "key2").ShouldBeGreaterThan(0);
        world.Cluster.Api.Requests.ShouldAllBe(r => !r.IsWrite && r.Key.Namespace == Cluster.Namespace);
    }
}
