using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Applying;

/// <summary>The operator's half of a status as a server-side apply body (design 5.8); <see cref="RuntimeHalf"/> is the other one. Pure.</summary>
internal static class StatusBody
{
    /// <summary>What <c>vmcp-operator</c> says.</summary>
    public static JsonObject Operator(KubeObject live, StatusPlan plan, DateTimeOffset now)
    {
        JsonObject status = new() { ["phase"] = plan.Phase };
        StatusBodies.Add(status, "message", plan.Message.Length == 0 ? null : plan.Message);
        StatusBodies.Add(status, "url", plan.Url);
        StatusBodies.Add(status, "mode", plan.Mode);
        status["observedGeneration"] = plan.ObservedGeneration;
        StatusBodies.Add(status, "oidcConfigHash", plan.OidcConfigHash);
        StatusBodies.Add(status, "authzConfigHash", plan.AuthzConfigHash);
        StatusBodies.Add(status, "telemetryConfigHash", plan.TelemetryConfigHash);
        status["conditions"] = StatusBodies.Conditions(live, plan.Conditions, plan.ObservedGeneration, now);
        return StatusBodies.Envelope(ToolHive.VirtualMCPServer, live.Key, status);
    }
}
