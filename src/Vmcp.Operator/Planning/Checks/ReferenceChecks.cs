using Vmcp.Config.Model;
using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Checks;

/// <summary>Checks of the objects a server names (crds 16.2, V-26 and V-27).</summary>
internal static class ReferenceChecks
{
    public static Finding Group(VirtualMCPServer server, World world)
    {
        const string Type = "GroupRefValidated";
        if (server.Spec.GroupRef is not { Name.Length: > 0 } reference)
            return new Finding(null);
        if (world.Group is not { } group)
            return Finding.Waiting(Type, "GroupRefNotFound", $"Referenced MCPGroup {reference.Name} not found");
        if (group.Status.Phase == "Ready")
            return Finding.Good(Type, "GroupRefValid", $"MCPGroup {reference.Name} is ready");
        string phase = string.IsNullOrEmpty(group.Status.Phase) ? "none yet" : group.Status.Phase;
        return Finding.Waiting(Type, "GroupRefNotReady", $"Referenced MCPGroup {reference.Name} is not ready (phase: {phase})", phase: "Pending");
    }

    public static Finding CompositeTools(VirtualMCPServer server, ReadSpec spec, World world)
    {
        const string Type = "CompositeToolRefsValidated";
        if (spec.Config is not { } config)
            return new Finding(null);
        foreach (NameRef reference in config.CompositeToolRefs)
        {
            string name = reference.Name ?? "";
            if (!world.CompositeTools.TryGetValue(name, out VirtualMCPCompositeToolDefinition? definition))
                return Finding.Waiting(Type, "CompositeToolRefNotFound", $"Referenced VirtualMCPCompositeToolDefinition {name} not found");
            if (definition.Status.ValidationStatus == "Invalid")
            {
                return Finding.Waiting(
                    Type,
                    "CompositeToolRefInvalid",
                    $"Referenced VirtualMCPCompositeToolDefinition {name} is invalid: {Telling.Join(definition.Status.ValidationErrors)}");
            }
        }

        return Finding.Good(
            Type, "CompositeToolRefsValid", config.CompositeToolRefs.IsEmpty ? "No composite tools are referenced" : "All referenced composite tools are valid");
    }

    public static Finding EmbeddingExists(VirtualMCPServer server, World world) =>
        server.Spec.EmbeddingServerRef is not { Name.Length: > 0 } reference || world.EmbeddingServers.ContainsKey(reference.Name)
            ? new Finding(null)
            : Finding.Waiting("EmbeddingServerReady", "EmbeddingServerNotFound", $"Referenced EmbeddingServer {reference.Name} not found") with
            {
                Event = new PlannedEvent(
                    true, "EmbeddingServerRefNotFound", "ValidateEmbeddingServerRef", $"EmbeddingServer \"{reference.Name}\" does not exist"),
            };

    public static Finding EmbeddingReady(VirtualMCPServer server, World world)
    {
        const string Type = "EmbeddingServerReady";
        if (server.Spec.EmbeddingServerRef is not { } reference || !world.EmbeddingServers.TryGetValue(reference.Name, out EmbeddingServer? found))
            return new Finding(null);
        if (found.Status.Phase == "Failed")
        {
            return Finding.Waiting(
                Type, "EmbeddingServerNotReady", $"EmbeddingServer {reference.Name} has failed: {found.Status.Message}", after: ServerChecks.EmbeddingRecheck);
        }

        return found.Status.Phase == "Ready" && found.Status.ReadyReplicas > 0 && !string.IsNullOrEmpty(found.Status.Url)
            ? Finding.Good(Type, "EmbeddingServerReady", $"EmbeddingServer {reference.Name} is ready")
            : Finding.Waiting(
                Type,
                "EmbeddingServerNotReady",
                "Waiting for EmbeddingServer to become ready",
                phase: "Pending",
                after: ServerChecks.EmbeddingRecheck);
    }

    public static Finding Telemetry(VirtualMCPServer server, World world)
    {
        const string Type = "TelemetryConfigRefValidated";
        if (server.Spec.TelemetryConfigRef is not { Name.Length: > 0 } reference)
            return new Finding(null);
        if (!world.TelemetryConfigs.TryGetValue(reference.Name, out MCPTelemetryConfig? config))
            return Finding.Waiting(Type, "TelemetryConfigRefNotFound", $"MCPTelemetryConfig \"{reference.Name}\" does not exist");
        IReadOnlyList<string> problems = TelemetryProblems(config, world);
        return problems.Count == 0
            ? Finding.Good(Type, "TelemetryConfigRefValid", $"MCPTelemetryConfig \"{reference.Name}\" is valid")
            : Finding.Waiting(Type, "TelemetryConfigRefInvalid", $"MCPTelemetryConfig \"{reference.Name}\": {Telling.Join(problems)}");
    }

    // The rules of its controller, which need not run (V-41 to V-43); of a good one also what would keep the pod from starting.
    private static IReadOnlyList<string> TelemetryProblems(MCPTelemetryConfig config, World world)
    {
        IReadOnlyList<string> own = TelemetryConfigPlanner.Problems(config.Spec);
        if (own.Count > 0)
            return own;
        if (config.Status.Conditions.FirstOrDefault(c => c.Type == "Valid") is { Status: not "True" } verdict)
            return [verdict.Message.Length == 0 ? "is not valid" : verdict.Message];
        return config.Spec.OpenTelemetry is { Enabled: true } otel ? [.. Around(otel, world)] : [];
    }

    private static IEnumerable<string> Around(OpenTelemetrySpec otel, World world)
    {
        const string At = "spec.openTelemetry";
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (SensitiveHeader header in otel.SensitiveHeaders)
        {
            string variable = TelemetryPart.HeaderVariable(header.Name);
            if (!variables.TryAdd(variable, header.Name))
                yield return $"{At}.sensitiveHeaders: headers \"{variables[variable]}\" and \"{header.Name}\" need the same variable {variable}; rename one";
        }

        if (otel.CaBundleRef is { } bundle && AuthChecks.BundleProblem(bundle, $"{At}.caBundleRef", world) is { } problem)
            yield return problem;
    }
}
