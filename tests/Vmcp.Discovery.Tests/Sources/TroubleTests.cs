using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>What the API server refuses or leaves unanswered takes nothing away, is said, and heals by itself.</summary>
public sealed class TroubleTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static async Task KeyedAsync(Cluster cluster)
    {
        await cluster.SecretAsync("key1", "jam");
        await cluster.AuthAsync("key1", "X-Key");
        await cluster.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
        await cluster.ServerAsync("alpha", new Uri("http://alpha.demo/mcp"));
    }

    private static void SaysNothingSecret(SourceWorld world)
    {
        world.State.Trouble.ShouldNotBeNull().ShouldNotContain("10.1.2.3");
        world.State.Trouble.ShouldNotContain("jam");
        world.Log.ShouldAllBe(line => !line.Contains("jam", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(KubeError.Unreachable, "the API server cannot be reached")]
    [InlineData(KubeError.Forbidden, "the API server forbids the watch")]
    [InlineData(KubeError.Unauthorized, "the API server refuses the account's token")]
    [InlineData(KubeError.ServerError, "the API server failed")]
    public async Task While_it_may_not_or_cannot_look_it_serves_the_last_good_set_and_then_catches_up(KubeError error, string words)
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        int changes = world.Changes;
        world.Fail(error);
        world.Cluster.Api.CloseWatches(new KubeException(KubeError.Unreachable, "cut"));
        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "alpha");
        await world.Cluster.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"));
        DateTimeOffset cut = world.Time.GetUtcNow();

        await world.Time.PassAsync(9 * Minute, Second);

        world.Served.ShouldBe("alpha, beta");
        world.Changes.ShouldBe(changes);
        world.State.Synced.ShouldBeTrue();
        world.State.Trouble.ShouldBe($"{words} (MCPExternalAuthConfig, MCPGroup, MCPRemoteProxy, MCPServer, MCPServerEntry)");
        world.State.TroubleSince.ShouldNotBeNull().ShouldBeInRange(cut, cut + Minute);
        world.State.LastContact.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(cut);
        SaysNothingSecret(world);
        // Five watches at 30 s, one Secret and the VirtualMCPServer at 5 s: no storm on a server that comes back.
        world.Met.ShouldBeLessThan(9 * (5 * 4 + 2 * 13));

        world.Fail(null);

        (await world.ServedBecomesAsync("beta", "gamma")).ShouldBeLessThan(2 * Minute);
        await world.Time.UntilAsync(() => world.State.Trouble is null, "all is well");
    }

    [Fact]
    public async Task A_right_to_a_Secret_that_is_gone_for_ten_minutes_was_meant_to_go()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Fail(KubeError.Forbidden, r => r.Type == BuiltIn.Secret);

        await world.Time.PassAsync(9 * Minute, Second);
        world.Served.ShouldBe("alpha, beta");
        world.State.Trouble.ShouldBe(
            "Secret \"key1\" cannot be read again: the gateway's account may not read it (yet): the operator keeps its Role current");
        SaysNothingSecret(world);

        await world.Time.PassAsync(3 * Minute, Second);
        world.Served.ShouldBe("alpha");
        world.Unserved.ShouldBe("beta: SecretNotReadable");

        world.Fail(null);
        (await world.ServedBecomesAsync("alpha", "beta")).ShouldBeLessThan(Minute);
        await world.Time.UntilAsync(() => world.State.Trouble is null, "all is well");
    }

    [Fact]
    public async Task An_API_server_that_is_away_meanwhile_does_not_give_a_right_back()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Fail(KubeError.Forbidden, r => r.Type == BuiltIn.Secret);
        await world.Time.PassAsync(6 * Minute, Second);
        world.Fail(KubeError.Unreachable, r => r.Type == BuiltIn.Secret);
        await world.Time.PassAsync(6 * Minute, Second);
        world.Served.ShouldBe("alpha, beta");

        world.Fail(KubeError.Forbidden, r => r.Type == BuiltIn.Secret);

        (await world.ServedBecomesAsync("alpha")).ShouldBeLessThan(Minute);
    }

    [Fact]
    public async Task A_Secret_that_cannot_be_reached_for_an_hour_stays_in_use()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Fail(KubeError.Unreachable, r => r.Type == BuiltIn.Secret);

        await world.Time.PassAsync(60 * Minute, 5 * Second);

        world.Served.ShouldBe("alpha, beta");
        world.State.Trouble.ShouldBe("Secret \"key1\" cannot be read again: the API server did not answer");
    }

    [Fact]
    public async Task A_watch_that_is_cut_goes_on_where_it_was_and_says_so_although_nothing_else_happens()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);

        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "alpha");
        world.Cluster.Api.CloseWatches(new KubeException(KubeError.Unreachable, "cut"));

        (await world.ServedBecomesAsync("beta")).ShouldBeLessThan(Minute);
        await world.Time.UntilAsync(() => world.State.Trouble is null, "all is well");
        world.Log.Count(l => l.Contains("in step again", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(world.Log.Count(l => l.Contains("may be behind", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_history_that_is_gone_makes_it_list_anew_and_miss_nothing()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Fail(KubeError.Unreachable);
        world.Cluster.Api.CloseWatches(new KubeException(KubeError.Unreachable, "cut"));
        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "alpha");
        await world.Cluster.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"));
        await world.Cluster.AuthAsync("key1", "X-New");
        world.Cluster.Api.Compact();
        await world.Time.PassAsync(5 * Second);

        world.Fail(null);

        await world.ServedBecomesAsync("beta", "gamma");
        await world.Time.UntilAsync(() => Header.Of(world.Backend("beta")) == "X-New: jam" && world.State.Trouble is null, "the new header is in use");
    }

    [Fact]
    public async Task What_is_wrong_is_said_also_while_a_Secret_is_waited_for()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Time.AtRest = 1;
        world.Hang(r => r.Verb is "get");
        await world.Time.UntilAsync(() => world.Met > 0, "a read hangs", Second);

        world.Cluster.Api.CloseWatches(new KubeException(KubeError.Unreachable, "cut"));
        world.Hang();

        await world.Time.UntilAsync(() => world.State.Trouble?.StartsWith("the API server cannot be reached", StringComparison.Ordinal) == true, "the trouble is said");
        world.Served.ShouldBe("alpha, beta");
    }

    [Fact]
    public async Task An_API_server_that_does_not_answer_is_not_asked_for_every_Secret_in_turn()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            for (int i = 0; i < 60; i++)
            {
                await c.SecretAsync($"key{i}", "jam");
                await c.AuthAsync($"key{i}", "X-Key");
                await c.ServerAsync($"s{i}", new Uri($"http://s{i}.demo/mcp"), $"key{i}");
            }
        });
        world.Source.Current.Backends.Backends.Length.ShouldBe(60);
        await world.Time.PassAsync(44 * Second, Second);

        world.Fail(KubeError.Unreachable, r => r.Type == BuiltIn.Secret);
        await world.Time.UntilAsync(() => world.Met > 0, "the Secrets are due", Second);
        await world.Time.PassAsync(Second / 2);

        world.Met.ShouldBeLessThanOrEqualTo(8);
        world.Source.Current.Backends.Backends.Length.ShouldBe(60);
    }
}
