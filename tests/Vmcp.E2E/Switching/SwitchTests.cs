using Vmcp.E2E.Auth;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Workloads;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Switching;

public sealed class SwitchTests(SharedCluster shared)
{
    private const int Callers = 20;
    private static readonly TimeSpan LongCall = TimeSpan.FromSeconds(15);

    [Fact]
    [Trait("Scenario", "NEW-SWITCH-01")]
    [Trait("Acceptance", "operator.md 10.6")]
    public async Task A_switch_of_modes_and_back_under_load_fails_no_call_and_ends_no_session()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(b => b.Tool("echo").Tool("wait", async call =>
        {
            await Task.Delay(LongCall, call.CancellationToken);
            return Handlers.TextResult(call.Text("input"));
        }));
        await using TestAuthorizationServer idp = await TestAuthorizationServer.StartAsync();
        await using Space space = await shared.Cluster.SpaceAsync();
        // Each caller is a user of his own, so that sessions must also stay their owners'.
        await space.OidcAsync("idp", idp);
        await space.GroupAsync("team");
        await space.MemberAsync("team", "alpha", backend.Url);
        await space.ServerAsync("hub", "team", "discovered", $"replicas: 2, sessionAffinity: None, {Space.Calm}", "type: oidc, oidcConfigRef: {name: idp, audience: hub}");
        await space.PodsReadyAsync("hub", 2);
        await space.AllListAsync("hub", User("setup"), "alpha_echo", "alpha_wait");
        await using AccessHistory history = await AccessHistory.StartAsync(space.Cluster.Admin, space.Name);
        await using ServiceFront front = await ServiceFront.StartAsync(space, "hub");
        await using Load load = await Load.StartAsync(front.Url, Callers, User);

        await SwitchAsync(space, load, "inline");
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldBeNull();
        (await space.FindAsync(BuiltIn.RoleBinding, "hub-vmcp")).ShouldBeNull();
        (await Task.WhenAll(space.PodsOf("hub").Select(ProcessView.CredentialsAsync))).SelectMany(c => c).ShouldBeEmpty();
        await SwitchAsync(space, load, "discovered");
        (await space.FindAsync(BuiltIn.Role, "hub-vmcp")).ShouldNotBeNull();

        await load.EndAsync();
        load.Failures.ShouldBeEmpty(space.Diagnose());
        front.Troubles.ShouldBeEmpty();
        front.FewestEndpoints.ShouldBeGreaterThanOrEqualTo(1);
        history.PodsWithoutRights().ShouldBeEmpty();
        history.Withdrawals.ShouldBe(1);
        space.Pods.ShouldAllBe(p => !p.WasKilled);
        TestContext.Current.TestOutputHelper?.WriteLine($"{load.LongCalls} long and {load.ShortCalls} short calls, never fewer than {front.FewestEndpoints} endpoints");

        IDictionary<string, string> User(string name) => new Login(idp, name, "hub").Headers;
    }

    /// <summary>Begins long calls, switches, and waits for the end of the switch and of the calls; then every session is used once more.</summary>
    private static async Task SwitchAsync(Space space, Load load, string mode)
    {
        Task calls = load.CallLongAsync();
        await load.AllRunningAsync();
        await space.SwitchAsync("hub", mode);
        await space.SwitchedAsync("hub", mode, 2);
        await calls;
        await load.UseEverySessionAsync();
    }
}
