using Vmcp.ApiServer.Tests.Operator;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Discovery;

/// <summary>The source against a real API server, with the rights the real operator gives and takes.</summary>
public sealed class RealSourceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static Task KeyAsync(OperatorWorld world, string name, string value) => world.ApplyAsync(
        $"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, stringData: {{token: {value}}}}}\n---\n"
        + $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPExternalAuthConfig, metadata: {{name: {name}}}, spec: {{type: headerInjection, "
        + $"headerInjection: {{headerName: X-Key, valueSecretRef: {{name: {name}, key: token}}}}}}}}");

    private static Task<string> BecomesAsync(Func<bool> condition, Follower follower, string what) =>
        Eventually.ReadsAsync(() => Task.FromResult($"{what}: served {follower.Served}; trouble {follower.State.Trouble}"), _ => condition(), what, Limit);

    [Fact]
    [Trait("Scenario", "NEW-LIVE-03")]
    [Trait("Scenario", "NEW-RBAC-01")]
    public async Task With_the_operators_role_members_join_with_new_Secrets_and_a_right_that_is_away_for_a_while_takes_nothing()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync();
        TestProcess theOperator = world.StartOperator();
        await KeyAsync(world, "key1", "jam");
        await world.GroupAsync("team", "alpha");
        await world.MemberAsync("team", "beta", "key1");
        await world.ServerAsync("hub", "team", "discovered");
        await world.RunsAsync("hub", "discovered");
        KubeObject deployment = (await world.FindAsync(BuiltIn.Deployment, "hub"))!;
        string token = await world.Server.TokenForServiceAccountAsync(world.Namespace, "hub-vmcp");
        await using Follower follower = new(world.Server, world.Namespace, token);
        await BecomesAsync(() => follower.Served == "alpha, beta" && follower.KeyOf("beta") == "jam", follower, "alpha and beta are served");

        // The gateway asks for the Secret before the operator gave the right to it.
        await KeyAsync(world, "key2", "honey");
        await world.MemberAsync("team", "gamma", "key2");
        await BecomesAsync(() => follower.KeyOf("gamma") == "honey", follower, "gamma is served with its key");
        (await world.FindAsync(BuiltIn.Deployment, "hub"))!.Meta.Generation.ShouldBe(deployment.Meta.Generation);

        // Nobody is there to put the right back, and every watch has to be opened anew.
        await theOperator.SignalAsync(15);
        await theOperator.WaitForExitAsync(Limit);
        KubeObject binding = (await world.FindAsync(BuiltIn.RoleBinding, "hub-vmcp"))!;
        await world.Admin.DeleteAsync(BuiltIn.RoleBinding, world.Key("hub-vmcp"), DeleteOptions.Default, CancellationToken.None);
        await world.MemberAsync("team", "delta");
        follower.Line.Cut();
        await BecomesAsync(() => follower.State.Trouble?.Contains("the API server forbids the watch", StringComparison.Ordinal) == true, follower, "the refusal is said");
        follower.State.Trouble.ShouldNotBeNull().ShouldNotContain("127.0.0.1");
        follower.Served.ShouldStartWith("alpha, beta");
        follower.KeyOf("beta").ShouldBe("jam");
        follower.KeyOf("gamma").ShouldBe("honey");

        await world.ApplyAsync(
            $"{{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {{name: hub-vmcp}}, "
            + $"roleRef: {binding.At("roleRef")!.Value.GetRawText()}, subjects: {binding.At("subjects")!.Value.GetRawText()}}}");
        await BecomesAsync(() => follower.Served == "alpha, beta, delta, gamma" && follower.State.Trouble is null, follower, "all is well, with delta");
        follower.Log.ShouldAllBe(l => !l.Contains("jam", StringComparison.Ordinal) && !l.Contains("honey", StringComparison.Ordinal) && !l.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_API_server_that_stops_answering_a_line_that_breaks_and_a_history_that_is_gone_lose_nothing()
    {
        await using Server server = await Server.StartAsync(new ApiServerOptions { WatchCache = false });
        await server.ApplyCrdsAsync();
        await using PlainCluster world = await PlainCluster.StartAsync(server);
        await using Follower follower = new(server, world.Namespace, await world.TokenAsync(), o => o with { RefreshEvery = TimeSpan.FromSeconds(2) });
        await world.MemberAsync("alpha");
        await BecomesAsync(() => follower.Served == "alpha" && follower.State.Trouble is null, follower, "alpha is served");

        // Cut wherever in an event it may be, three times over.
        for (int i = 0; i < 3; i++)
        {
            follower.Line.CutAfter(700 + (i * 333));
            await world.MemberAsync($"cut-{i}");
            await BecomesAsync(() => follower.Served.Contains($"cut-{i}", StringComparison.Ordinal), follower, $"cut-{i} is served");
        }

        // A server that is there and says nothing; what is served stays.
        using (Paused pause = await Paused.OfAsync(server.ProcessIds.Server))
        {
            follower.Line.Cut();
            await BecomesAsync(() => follower.State.Trouble?.Contains("the API server cannot be reached", StringComparison.Ordinal) == true, follower, "the silence is said");
            follower.Served.ShouldBe("alpha, cut-0, cut-1, cut-2");
        }

        await world.MemberAsync("after");
        await BecomesAsync(() => follower.Served == "after, alpha, cut-0, cut-1, cut-2" && follower.State.Trouble is null, follower, "all is well");

        // What happened while nobody was connected is history that is forgotten (410).
        await world.DeleteAsync(ToolHive.MCPServer, "cut-0");
        await world.MemberAsync("last");
        await server.CompactAsync();
        follower.Line.Cut();
        await BecomesAsync(() => follower.Served == "after, alpha, cut-1, cut-2, last" && follower.State.Trouble is null, follower, "all is well again");
        follower.Log.ShouldAllBe(l => !l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_ends_and_is_replaced_in_its_file_goes_unnoticed_but_for_a_moment()
    {
        await using Server server = await Server.StartAsync();
        await server.ApplyCrdsAsync();
        await using PlainCluster world = await PlainCluster.StartAsync(server);
        await using Follower follower = new(server, world.Namespace, await world.TokenAsync(), o => o with { RefreshEvery = TimeSpan.FromSeconds(1) });
        await world.MemberAsync("alpha");
        await BecomesAsync(() => follower.Served == "alpha", follower, "alpha is served");

        // A token ends with its account.
        await world.ForgetAccountAsync();
        follower.Line.Cut();
        await BecomesAsync(() => follower.State.Trouble?.Contains("refuses the account's token", StringComparison.Ordinal) == true, follower, "the refusal is said");
        follower.Served.ShouldBe("alpha");

        follower.WriteToken(await world.TokenAsync());
        await world.MemberAsync("beta");
        await BecomesAsync(() => follower.Served == "alpha, beta" && follower.State.Trouble is null, follower, "all is well");
    }
}
