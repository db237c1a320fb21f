using Vmcp.Config.Model;

namespace Vmcp.Config.Validation;

/// <summary>Composite tools: rules V1 to V19 of composition 1.3, all of them reported.</summary>
/// <remarks>
/// Not covered, because it needs the template engine or the live backends: whether a template's functions exist and its arguments fit
/// (V13 checks delimiters, blocks, quotes, parentheses and identifiers), whether a tool exists, and V20 (an elicitation channel).
/// JSON Schemas are checked for form, not against a full meta schema.
/// </remarks>
internal static class CompositeRules
{
    private const int MaxSteps = 100;

    public static void Check(GatewayConfig config, ProblemList problems)
    {
        Dictionary<string, int> names = new(StringComparer.Ordinal);
        for (int i = 0; i < config.CompositeTools.Count; i++)
        {
            CompositeToolConfig tool = config.CompositeTools[i];
            string path = $"compositeTools[{i}]";
            if (Ensure.Required(tool.Name, $"{path}.name", "required: the tool's name", problems) && !names.TryAdd(tool.Name!, i))
                problems.Error($"{path}.name", $"duplicate composite tool name \"{tool.Name}\", already at compositeTools[{names[tool.Name!]}]");
            Ensure.Required(tool.Description, $"{path}.description", "required: clients choose tools by it", problems);
            CheckParameters(tool, path, problems);
            if (tool.FailureMode == CompositeFailureMode.Continue)
                problems.Warn($"{path}.failureMode", "has no effect", "write onError: {action: continue} on the steps");
            if (tool.Steps.IsEmpty)
                problems.Error($"{path}.steps", "at least one step is required");
            if (tool.Steps.Count > MaxSteps)
                problems.Error($"{path}.steps", $"too many steps: {tool.Steps.Count} (max {MaxSteps})");
            StepRules.Check(tool.Steps, $"{path}.steps", problems);
            if (tool.Output is not null)
                OutputRules.Check(tool.Output, $"{path}.output", problems);
            DefaultResultRules.Check(tool, path, problems);
        }

        for (int i = 0; i < config.CompositeToolRefs.Count; i++)
            Ensure.Required(config.CompositeToolRefs[i].Name, $"compositeToolRefs[{i}].name", "required: the resource's name", problems);
    }

    private static void CheckParameters(CompositeToolConfig tool, string path, ProblemList problems)
    {
        if (tool.Parameters is not { } parameters || parameters.Json == "{}")
            return;
        string at = $"{path}.parameters";
        if (!parameters.Element.TryGetProperty("type", out var type))
            problems.Error($"{at}.type", "required: must be \"object\"");
        else if (type.ValueKind != System.Text.Json.JsonValueKind.String || !type.ValueEquals("object"))
            problems.Error($"{at}.type", "must be \"object\"");
        JsonSchemaForm.Check(parameters.Element, at, problems);
    }
}
