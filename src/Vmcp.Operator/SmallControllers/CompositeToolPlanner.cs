using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Config.Reading;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.SmallControllers;

/// <summary>
/// The status of a VirtualMCPCompositeToolDefinition: its workflow checked by the gateway's own reader and rules (crds 10, 16.3), and who uses
/// it. A definition has no finalizer; a VirtualMCPServer that misses one says so.
/// </summary>
public static class CompositeToolPlanner
{
    private const string InDocument = "compositeTools[0]";
    private const int MaxErrors = 50;

    /// <summary>What its status should say.</summary>
    public static SmallPlan Plan(VirtualMCPCompositeToolDefinition definition, ConfigFacts facts)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(facts);
        ImmutableArray<ConfigProblem> problems = Problems(
            JsonSerializer.SerializeToNode(definition.Spec, ResourcesJson.Default.VirtualMCPCompositeToolDefinitionSpec));
        string[] messages = [.. problems.Select(Message)];
        JsonObject status = new()
        {
            ["observedGeneration"] = definition.Metadata.Generation,
            ["referencingVirtualServers"] = new JsonArray(
                [.. facts.Referrers.Where(r => r.Kind == "VirtualMCPServer").Select(r => r.Name).Distinct().Order(StringComparer.Ordinal).Select(n => (JsonNode)n)]),
            ["validationErrors"] = new JsonArray([.. messages.Take(MaxErrors).Select(m => (JsonNode)m)]),
            ["validationStatus"] = messages.Length == 0 ? "Valid" : "Invalid",
        };
        return new SmallPlan
        {
            StatusFields = status,
            Conditions = messages.Length == 0
                ?
                [
                    new PlannedCondition("Ready", "True", "WorkflowReady", "The workflow can be used"),
                    new PlannedCondition("WorkflowValidated", "True", "ValidationSuccess", "The workflow is valid"),
                ]
                :
                [
                    new PlannedCondition("Ready", "False", "WorkflowNotReady", "The workflow is not valid; a VirtualMCPServer that names it does not start"),
                    new PlannedCondition("WorkflowValidated", "False", Reason(problems), Telling.Join(messages)),
                ],
        };
    }

    /// <summary>What the gateway would say of a document with this one composite tool, warnings left out.</summary>
    private static ImmutableArray<ConfigProblem> Problems(JsonNode? spec)
    {
        JsonObject document = new() { ["compositeTools"] = new JsonArray(spec) };
        ConfigResult result = ConfigFile.Load(document.ToJsonString(), "spec", _ => null);
        return
        [
            .. result.Problems
                .Where(p => p.Severity == Severity.Error && (p.Path.Length == 0 || p.Path.StartsWith(InDocument, StringComparison.Ordinal)))
                .OrderBy(p => p.Path, StringComparer.Ordinal)
                .ThenBy(p => p.Message, StringComparer.Ordinal),
        ];
    }

    private static string Message(ConfigProblem problem)
    {
        string path = problem.Path.Length == 0 ? "spec" : string.Concat("spec", problem.Path.AsSpan(InDocument.Length));
        return problem.Remedy is null ? $"{path}: {problem.Message}" : $"{path}: {problem.Message}; {problem.Remedy}";
    }

    /// <summary>The declared reason that fits all problems, or <c>ValidationFailed</c> (crds 10).</summary>
    private static string Reason(ImmutableArray<ConfigProblem> problems)
    {
        string[] reasons = [.. problems.Select(ReasonOf).Distinct()];
        return reasons.Length == 1 ? reasons[0] : "ValidationFailed";
    }

    private static string ReasonOf(ConfigProblem problem)
    {
        if (problem.Message.StartsWith("dependency cycle", StringComparison.Ordinal))
            return "DependencyCycle";
        if (problem.Message.StartsWith("invalid template", StringComparison.Ordinal))
            return "TemplateInvalid";
        return problem.Message.StartsWith("invalid JSON Schema", StringComparison.Ordinal) || problem.Path.StartsWith($"{InDocument}.parameters", StringComparison.Ordinal)
            ? "SchemaInvalid"
            : "ValidationFailed";
    }
}
