using Vmcp.Config.Model;
using Vmcp.Operator.Planning.Document;
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
        string[] problems = [.. TelemetryProblems(config, world)];
        return problems.Length == 0
            ? Finding.Good(Type, "TelemetryConfigRefValid", $"MCPTelemetryConfig \"{reference.Name}\" is valid")
            : Finding.Waiting(Type, "TelemetryConfigRefInvalid", $"MCPTelemetryConfig \"{reference.Name}\": {Telling.Join(problems)}");
    }

    // V-41 to V-43, and what would keep the pod from starting.
    private static IEnumerable<string> TelemetryProblems(MCPTelemetryConfig config, World world)
    {
        if (config.Status.Conditions.FirstOrDefault(c => c.Type == "Valid") is { Status: not "True" } verdict)
            yield return verdict.Message.Length == 0 ? "is not valid" : verdict.Message;
        if (config.Spec.OpenTelemetry is not { Enabled: true } otel)
            yield break;
        const string At = "spec.openTelemetry";
        if (!string.IsNullOrEmpty(otel.Endpoint) && otel.Tracing?.Enabled != true && otel.Metrics?.Enabled != true)
            yield return $"{At}.endpoint: nothing is sent there; enable tracing or metrics";
        if (otel.Tracing?.SamplingRate is { Length: > 0 } rate && TelemetryPart.Ratio(rate) is not (>= 0 and <= 1))
            yield return $"{At}.tracing.samplingRate: \"{rate}\" is no ratio from 0 to 1";
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (SensitiveHeader header in otel.SensitiveHeaders)
        {
            if (header.Name.Length == 0 || header.SecretKeyRef is not { Name.Length: > 0, Key.Length: > 0 })
                yield return $"{At}.sensitiveHeaders: header \"{header.Name}\" needs name, secretKeyRef.name and secretKeyRef.key";
            if (otel.Headers.Keys.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
                yield return $"{At}.sensitiveHeaders: header \"{header.Name}\" is in headers too; keep one";
            string variable = TelemetryPart.HeaderVariable(header.Name);
            if (!variables.TryAdd(variable, header.Name))
                yield return $"{At}.sensitiveHeaders: headers \"{variables[variable]}\" and \"{header.Name}\" need the same variable {variable}; rename one";
        }

        if (otel.CaBundleRef is not { } bundle)
            yield break;
        if (otel.Insecure == true)
            yield return $"{At}.caBundleRef: insecure is true, so no certificate is checked; keep one";
        if (AuthChecks.BundleProblem(bundle, $"{At}.caBundleRef", world) is { } problem)
            yield return problem;
    }
}
