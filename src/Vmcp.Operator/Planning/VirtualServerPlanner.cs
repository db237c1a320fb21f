using Vmcp.Operator.Planning.Checks;
using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Settings;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning;

/// <summary>Turns a VirtualMCPServer into what it should own and say. Pure: no clients, no clock; equal input gives equal bytes.</summary>
public static class VirtualServerPlanner
{
    /// <summary>Plans one server in its world.</summary>
    public static ServerPlan Plan(VirtualMCPServer server, World world, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(settings);
        Findings findings = Findings.Of(ServerChecks.Check(server, world, settings), DocumentPlanner.Plan(server, world, settings));
        return PlanComposer.Compose(server, world, settings, findings);
    }
}
