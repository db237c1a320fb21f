using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The Service clients of the cluster call (operator.md 2.7).</summary>
internal static class ServiceObject
{
    public static DesiredObject Of(ChildInput input)
    {
        JsonObject body = Manifest.Of(input, BuiltIn.Service, ChildNames.Service(input.Server.Name));
        body["spec"] = new JsonObject
        {
            ["type"] = input.ServiceType,
            ["sessionAffinity"] = input.SessionAffinity,
            ["selector"] = ChildNames.LabelObject(input.Server.Name),
            ["ports"] = new JsonArray(new JsonObject
            {
                ["name"] = ChildNames.PortName,
                ["port"] = ChildNames.Port,
                ["targetPort"] = ChildNames.Port,
                ["protocol"] = "TCP",
                ["appProtocol"] = "http",
            }),
        };
        return new DesiredObject(BuiltIn.Service, body);
    }
}

/// <summary>Keeps a drain of nodes from taking all pods at once; only where there is more than one.</summary>
internal static class BudgetObject
{
    /// <summary>Whether the server gets one. Where replicas are left to an autoscaler, so is this.</summary>
    public static bool Wanted(ChildInput input) => input.Replicas > 1;

    public static DesiredObject Of(ChildInput input)
    {
        JsonObject body = Manifest.Of(input, BuiltIn.PodDisruptionBudget, ChildNames.Account(input.Server.Name));
        body["spec"] = new JsonObject
        {
            ["maxUnavailable"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = ChildNames.LabelObject(input.Server.Name) },
        };
        return new DesiredObject(BuiltIn.PodDisruptionBudget, body);
    }
}
