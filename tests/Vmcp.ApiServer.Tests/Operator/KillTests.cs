using Vmcp.KubeKit.Workloads;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

public sealed class KillTests
{
    private const int Kills = 50;

    [Fact]
    [Trait("Scenario", "SWITCH-01")]
    [Trait("Scenario", "SWITCH-02")]
    public async Task A_switch_survives_an_operator_that_is_killed_at_any_point()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        // One replica and no election: a killed leader's lease would have to run out first, and the points of the switch would be missed.
        TestProcess running = world.StartOperator("--leader-elect=false");
        await world.GroupAsync("team", "alpha");
        await world.ServerAsync("hub", "team", "discovered");
        await world.RunsAsync("hub", "discovered");
        await using AccessHistory history = await AccessHistory.StartAsync(world.Admin, world.Namespace);

        Random random = new(20260728);
        string mode = "discovered";
        for (int kill = 1; kill <= Kills; kill++)
        {
            mode = mode == "discovered" ? "inline" : "discovered";
            await world.ServerAsync("hub", "team", mode);
            await Task.Delay(random.Next(0, 4000));
            await running.SignalAsync(9);
            await running.WaitForExitAsync();
            running = world.StartOperator("--leader-elect=false");

            // Most switches are cut by the next one; every fifth must come to its end.
            if (kill % 5 == 0)
            {
                await world.RunsAsync("hub", mode);
                (await RightsAsync(world)).ShouldBe(mode == "discovered" ? 2 : 0, $"after kill {kill} in mode {mode}");
            }
        }

        await world.RunsAsync("hub", mode);
        history.PodsWithoutRights().ShouldBeEmpty();
        history.Withdrawals.ShouldBeGreaterThan(2);
    }

    private static async Task<int> RightsAsync(OperatorWorld world) =>
        (await world.FindAsync(BuiltIn.Role, "hub-vmcp") is null ? 0 : 1) + (await world.FindAsync(BuiltIn.RoleBinding, "hub-vmcp") is null ? 0 : 1);
}
