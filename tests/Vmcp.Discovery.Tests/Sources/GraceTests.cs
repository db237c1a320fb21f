using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Resources;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>What may pass by itself takes nothing away for half a minute; what is missing for good does at once.</summary>
public sealed class GraceTests
{
    private static readonly Uri Beta = new("http://beta.demo/mcp");

    private static async Task KeyedAsync(Cluster cluster)
    {
        await cluster.SecretAsync("key1", "jam");
        await cluster.AuthAsync("key1", "X-Key");
        await cluster.ServerAsync("beta", Beta, "key1");
    }

    [Fact]
    public async Task An_address_that_is_missing_is_bridged_for_thirty_seconds_and_then_the_member_leaves()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        await world.Cluster.ServerAsync("beta", null, "key1");
        await world.SeenAsync();
        await world.Time.PassAsync(TimeSpan.FromSeconds(1));
        int changes = world.Changes;
        await world.Time.PassAsync(TimeSpan.FromSeconds(26));
        world.Backend("beta").Url.ShouldBe(Beta);
        world.Changes.ShouldBe(changes);

        (await world.ServedBecomesAsync()).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        world.UnservedOne("beta").ShouldSatisfyAllConditions(u => u.Reason.ShouldBe("NoUrl"), u => u.Message.ShouldContain("status.url"));
    }

    [Fact]
    public async Task A_gap_that_ends_in_time_leaves_no_trace_and_the_next_has_its_own_thirty_seconds()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        bool gone = false;
        world.Source.Changed += () => gone |= world.Source.Current.Backends.Backends.All(b => b.Name != "beta");
        for (int i = 0; i < 3; i++)
        {
            await world.Cluster.ServerAsync("beta", null, "key1");
            await world.SeenAsync();
            await world.Time.PassAsync(TimeSpan.FromSeconds(20));
            await world.Cluster.ServerAsync("beta", Beta, "key1");
            await world.SeenAsync();
        }

        world.Served.ShouldBe("beta");
        gone.ShouldBeFalse();
    }

    [Fact]
    [Trait("Scenario", "LIVE-06")]
    public async Task A_deleted_auth_config_or_an_emptied_Secret_withdraws_at_once_also_while_the_address_is_missing()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        await world.Cluster.ServerAsync("beta", null, "key1");
        await world.Time.PassAsync(TimeSpan.FromSeconds(3));
        world.Served.ShouldBe("beta");

        await world.Cluster.DeleteAsync(ToolHive.MCPExternalAuthConfig, "key1");

        (await world.ServedBecomesAsync()).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        world.Unserved.ShouldBe("beta: ConfigNotFound");
        await world.Cluster.AuthAsync("key1", "X-Key");
        await world.Cluster.ServerAsync("beta", Beta, "key1");
        await world.ServedBecomesAsync("beta");
        Header.Of(world.Backend("beta")).ShouldBe("X-Key: jam");
    }

    [Fact]
    public async Task A_member_that_never_had_an_address_is_not_served_meanwhile()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(c => c.ServerAsync("new", null));

        world.Served.ShouldBeEmpty();
        world.Unserved.ShouldBe("new: NoUrl");
    }

    [Fact]
    [Trait("Scenario", "LIVE-07")]
    public async Task What_an_edited_entry_sends_never_goes_to_the_address_it_had_before()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(async c =>
        {
            await KeyedAsync(c);
            await c.EntryAsync("ctx", "https://one.example.com/mcp", "externalAuthConfigRef: {name: key1}");
        });
        await world.Cluster.SecretAsync("key2", "for two only");
        await world.Cluster.AuthAsync("key2", "X-Key");

        // One edit changes both, and its check is still to come.
        await world.Cluster.EntryAsync("ctx", "https://two.example.com/mcp", "externalAuthConfigRef: {name: key2}", phase: "Pending");
        for (int i = 0; i < 40; i++)
        {
            await world.Time.PassAsync(TimeSpan.FromSeconds(1));
            world.Source.Current.Backends.Backends.ShouldNotContain(b => b.Url.Host == "one.example.com" && Header.Of(b).Contains("two", StringComparison.Ordinal));
        }

        world.Unserved.ShouldBe("ctx: EntryNotValid");
        await world.Cluster.EntryAsync("ctx", "https://two.example.com/mcp", "externalAuthConfigRef: {name: key2}");
        await world.ServedBecomesAsync("beta", "ctx");
        world.Backend("ctx").Url.Host.ShouldBe("two.example.com");
        Header.Of(world.Backend("ctx")).ShouldBe("X-Key: for two only");
    }

    [Fact]
    [Trait("Scenario", "LIVE-07")]
    public async Task An_entry_whose_check_runs_again_stays_and_one_that_failed_it_leaves()
    {
        const string Url = "https://one.example.com/mcp";
        await using SourceWorld world = await SourceWorld.StartAsync(c => c.EntryAsync("ctx", Url));

        await world.Cluster.EntryAsync("ctx", Url, phase: "Pending");
        await world.Time.PassAsync(TimeSpan.FromSeconds(10));
        world.Served.ShouldBe("ctx");

        await world.Cluster.EntryAsync("ctx", Url, phase: "Failed");
        (await world.ServedBecomesAsync()).ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    [Trait("Scenario", "LIVE-07")]
    public async Task An_address_that_is_forbidden_now_is_not_bridged_while_the_check_is_still_to_come()
    {
        const string Url = "https://10.1.2.3/mcp";
        await using SourceWorld world = await SourceWorld.StartAsync(c => c.EntryAsync("inside", Url, "allowPrivateEndpoint: true"));
        world.Served.ShouldBe("inside");

        await world.Cluster.EntryAsync("inside", Url, "allowPrivateEndpoint: false", phase: "Pending");

        (await world.ServedBecomesAsync()).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        world.UnservedOne("inside").Message.ShouldContain("allowPrivateEndpoint");
    }
}
