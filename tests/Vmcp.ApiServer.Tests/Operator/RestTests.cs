using Vmcp.KubeKit.Audit;

namespace Vmcp.ApiServer.Tests.Operator;

public sealed class RestTests
{
    /// <summary>How long nothing may be written.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    [Fact]
    [Trait("Scenario", "RST-01")]
    public async Task Twenty_servers_at_rest_cost_no_write_but_the_lease()
    {
        await using OperatorWorld world = await OperatorWorld.StartAsync(ApiServerOptions.AuditEveryRequest);
        world.StartOperator();
        await world.GroupAsync("team", "alpha", "beta");
        string[] names = [.. Enumerable.Range(1, 20).Select(n => $"hub{n}")];
        foreach (string name in names)
            await world.ServerAsync(name, "team", Mode(name));
        foreach (string name in names)
            await world.RunsAsync(name, Mode(name));

        // What the last pods that became ready set off comes to rest.
        await Task.Delay(TimeSpan.FromSeconds(20));
        int before = (await world.Server.ReadAuditAsync()).Count;
        await Task.Delay(Rest);
        AuditEvent[] since = [.. (await world.Server.ReadAuditAsync()).Skip(before)];

        AuditEvent[] ofOperator = [.. since.Where(e => e.User.EndsWith(":vmcp-operator", StringComparison.Ordinal))];
        ofOperator.ShouldContain(e => e.IsWrite && e.Resource == "leases", "the operator was at work");
        ofOperator.Where(e => e.IsWrite && e.Resource != "leases").ShouldBeEmpty();
        since.Where(e => e.IsWrite && e.Resource is not "leases").ShouldBeEmpty();
    }

    private static string Mode(string name) => int.Parse(name[3..], null) % 2 == 0 ? "inline" : "discovered";
}
