using Vmcp.Core.Backends;
using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.Discovery.Tests.Live;

public sealed class CredentialTests
{
    [Fact]
    [Trait("Scenario", "DISC-06")]
    public async Task A_member_without_its_Secret_is_never_called_and_joins_when_it_comes()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(edit: o => o with { RetryEvery = TimeSpan.FromMilliseconds(200) });
        ScriptedBackend beta = await world.BackendAsync();
        await world.Cluster.AuthAsync("key1", "X-Key");
        await world.Cluster.ServerAsync("beta", beta.Url, "key1");
        await world.Cluster.ServerAsync("alpha", (await world.BackendAsync()).Url);
        await world.ToolsBecomeAsync("alpha_echo");
        await Eventually.BecomesAsync(() => world.Status.Unserved is [{ Name: "beta", Reason: "SecretNotFound" }], "beta is told to be unserved");
        beta.Requests.ShouldBeEmpty();

        await world.Cluster.SecretAsync("key1", "jam");

        await world.ToolsBecomeAsync("alpha_echo", "beta_echo");
        beta.Requests.ShouldAllBe(r => r.Header("X-Key") == "jam");
    }

    [Fact]
    [Trait("Scenario", "LIVE-05")]
    public async Task An_edited_auth_config_is_followed_and_others_are_not_touched()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync();
        ScriptedBackend alpha = await world.BackendAsync(), beta = await world.BackendAsync();
        await world.Cluster.SecretAsync("key1", "jam");
        await world.Cluster.AuthAsync("key1", "X-Old");
        await world.Cluster.ServerAsync("alpha", alpha.Url);
        await world.Cluster.ServerAsync("beta", beta.Url, "key1");
        await world.ToolsBecomeAsync("alpha_echo", "beta_echo");
        int initialized = alpha.Requests.Count(r => r.Method == "initialize");

        await world.Cluster.AuthAsync("key1", "X-New");

        await using ModernClient client = world.Modern();
        await Eventually.BecomesAsync(
            async () =>
            {
                (await client.CallToolAsync("beta_echo")).Success();
                return beta.Requests.Last(r => r.Method == "tools/call") is { } call && call.Header("X-New") == "jam" && call.Header("X-Old") is null;
            },
            "calls carry the new header and not the old one");
        await world.ToolsBecomeAsync("alpha_echo", "beta_echo");
        alpha.Requests.Count(r => r.Method == "initialize").ShouldBe(initialized);
    }

    [Fact]
    [Trait("Scenario", "LIVE-06")]
    public async Task A_deleted_auth_config_withdraws_its_member_until_it_is_back()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync();
        ScriptedBackend beta = await world.BackendAsync();
        await world.Cluster.SecretAsync("key1", "jam");
        await world.Cluster.AuthAsync("key1", "X-Key");
        await world.Cluster.ServerAsync("beta", beta.Url, "key1");
        await world.ToolsBecomeAsync("beta_echo");

        await world.Cluster.DeleteAsync(ToolHive.MCPExternalAuthConfig, "key1");
        await world.ToolsBecomeAsync();
        world.Status.Unserved.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            (UnservedBackend b) => b.Reason.ShouldBe("ConfigNotFound"), b => b.Message.ShouldContain("key1"));

        await world.Cluster.AuthAsync("key1", "X-Key");
        await world.ToolsBecomeAsync("beta_echo");
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-02")]
    public async Task A_rotated_Secret_is_used_without_anybody_touching_anything_else()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(edit: o => o with { RefreshEvery = TimeSpan.FromMilliseconds(300) });
        ScriptedBackend beta = await world.BackendAsync();
        await world.Cluster.SecretAsync("key1", "old");
        await world.Cluster.AuthAsync("key1", "X-Key");
        await world.Cluster.ServerAsync("beta", beta.Url, "key1");
        await world.ToolsBecomeAsync("beta_echo");

        await world.Cluster.SecretAsync("key1", "new");

        await Eventually.BecomesAsync(() => beta.Requests.Any(r => r.Header("X-Key") == "new"), "the new value is sent");
    }

    [Fact]
    [Trait("Scenario", "NEW-SEC-02")]
    public async Task A_refused_credential_is_read_again_at_once()
    {
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(edit: o => o with { RefreshEvery = TimeSpan.FromHours(1) });
        ScriptedBackend beta = await world.BackendAsync();
        await world.Cluster.SecretAsync("key1", "old");
        await world.Cluster.AuthAsync("key1", "X-Key");
        await world.Cluster.ServerAsync("beta", beta.Url, "key1");
        await world.ToolsBecomeAsync("beta_echo");
        await world.Cluster.SecretAsync("key1", "new");

        world.Source.OnUnauthorized("beta");

        await Eventually.BecomesAsync(() => beta.Requests.Any(r => r.Header("X-Key") == "new"), "the new value is sent");
    }
}
