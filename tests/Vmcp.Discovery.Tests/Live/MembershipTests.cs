using Vmcp.Core.Backends;
using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.Discovery.Tests.Live;

public sealed class MembershipTests
{
    [Fact]
    [Trait("Scenario", "LIVE-01")]
    [Trait("Scenario", "NEW-LIVE-01")]
    public async Task A_member_that_joins_is_told_to_an_open_session_and_can_be_called_there()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(async w => await w.Cluster.ServerAsync("alpha", (await w.BackendAsync()).Url));
        await world.ToolsBecomeAsync("alpha_echo");
        await using LegacyClient client = await world.LegacyAsync();
        await using ServerStream stream = await client.OpenStreamAsync();
        ScriptedBackend gamma = await world.BackendAsync();

        await world.Cluster.ServerAsync("gamma", gamma.Url);

        await stream.NextAsync("notifications/tools/list_changed");
        (await client.ListToolNamesAsync()).ShouldBe(["alpha_echo", "gamma_echo"], ignoreOrder: true);
        (await client.CallToolAsync("gamma_echo")).Success();
        gamma.Faults.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "LIVE-02")]
    public async Task A_member_that_is_deleted_leaves_lists_and_status()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(async w =>
        {
            await w.Cluster.ServerAsync("alpha", (await w.BackendAsync()).Url);
            await w.Cluster.ServerAsync("beta", (await w.BackendAsync()).Url);
        });
        await world.ToolsBecomeAsync("alpha_echo", "beta_echo");

        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "beta");

        await world.ToolsBecomeAsync("alpha_echo");
        world.Status.Backends.Select(b => b.Name).ShouldBe(["alpha"]);
        world.Status.Unserved.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "LIVE-03")]
    public async Task A_member_that_moves_to_another_group_leaves_and_comes_back_with_it()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync();
        ScriptedBackend alpha = await world.BackendAsync();
        await world.Cluster.ServerAsync("alpha", alpha.Url);
        await world.ToolsBecomeAsync("alpha_echo");
        long before = world.Source.Current.Backends.Version;

        await world.Cluster.ServerAsync("alpha", alpha.Url, group: "other");
        await world.ToolsBecomeAsync();
        world.Source.Current.Backends.Version.ShouldBeGreaterThan(before);

        await world.Cluster.ServerAsync("alpha", alpha.Url);
        await world.ToolsBecomeAsync("alpha_echo");
    }

    [Fact]
    [Trait("Scenario", "LIVE-04")]
    public async Task A_member_with_a_new_address_is_called_there()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(async w => await w.Cluster.ServerAsync("alpha", (await w.BackendAsync()).Url));
        await world.ToolsBecomeAsync("alpha_echo");
        ScriptedBackend elsewhere = await world.BackendAsync();

        await world.Cluster.ServerAsync("alpha", elsewhere.Url);

        await using ModernClient client = world.Modern();
        await Eventually.BecomesAsync(
            async () =>
            {
                (await client.CallToolAsync("alpha_echo")).Success();
                return elsewhere.Requests.Any(r => r.Method == "tools/call");
            },
            "calls go to the new address");
        await world.ToolsBecomeAsync("alpha_echo");
        world.Status.Backends.ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Scenario", "NEW-LIVE-04")]
    public async Task Of_two_members_with_one_name_the_server_wins_and_the_entry_takes_over_after_it()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync();
        ScriptedBackend server = await world.BackendAsync();
        await world.Cluster.ServerAsync("dup", server.Url);
        await world.Cluster.ApplyAsync("""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServerEntry
            metadata: {name: dup}
            spec: {remoteUrl: "https://mcp.example.com/mcp", transport: streamable-http, groupRef: {name: team}}
            status: {phase: Valid}
            """);
        await world.ToolsBecomeAsync("dup_echo");
        await Eventually.BecomesAsync(() => !world.Status.Unserved.IsEmpty, "the clash is told");
        UnservedBackend loser = world.Status.Unserved.ShouldHaveSingleItem();
        loser.ShouldSatisfyAllConditions(
            () => loser.Name.ShouldBe("MCPServerEntry/dup"),
            () => loser.Reason.ShouldBe("NameTaken"),
            () => loser.Message.ShouldContain("MCPServer/dup"));

        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "dup");

        await Eventually.BecomesAsync(
            () => world.Source.Current.Backends.Backends is [{ Name: "dup", IsEntry: true }] && world.Status.Unserved.IsEmpty, "the entry takes over");
    }

    [Fact]
    public async Task An_address_that_is_missing_for_a_moment_takes_nothing_away()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(async w => await w.Cluster.ServerAsync("alpha", (await w.BackendAsync()).Url));
        await world.ToolsBecomeAsync("alpha_echo");
        ScriptedBackend beta = await world.BackendAsync();

        await world.Cluster.ServerAsync("alpha", null);
        await world.Cluster.ServerAsync("beta", beta.Url);

        await world.ToolsBecomeAsync("alpha_echo", "beta_echo");
    }
}
