using System.Text.Json;
using Vmcp.Config.Model;
using Vmcp.Config.Values;

namespace Vmcp.Config.Validation;

/// <summary>A field of a step that may be skipped needs a default where something reads it (V18).</summary>
internal static class DefaultResultRules
{
    public static void Check(CompositeToolConfig tool, string path, ProblemList problems)
    {
        List<(string Id, string Field, string Reader)> references = [];
        foreach (StepConfig step in tool.Steps)
        {
            string reader = $"step \"{step.Id}\"";
            Collect(step.Condition, reader, references);
            Collect(step.Message, reader, references);
            if (step.Arguments is null)
                continue;
            foreach (JsonProperty argument in step.Arguments.Element.EnumerateObject())
            {
                if (argument.Value.ValueKind == JsonValueKind.String)
                    Collect(argument.Value.GetString(), reader, references);
            }
        }

        if (tool.Output is not null)
            CollectOutput(tool.Output.Properties, references, 1);
        for (int i = 0; i < tool.Steps.Count; i++)
        {
            StepConfig step = tool.Steps[i];
            bool skippable = !string.IsNullOrEmpty(step.Condition) || step.OnError?.Action == StepErrorAction.Continue;
            if (!skippable || step.Id is null)
                continue;
            foreach (var field in references.Where(r => r.Id == step.Id).GroupBy(r => r.Field, StringComparer.Ordinal))
            {
                if (step.DefaultResults is not null && step.DefaultResults.Element.TryGetProperty(field.Key, out _))
                    continue;
                string readers = string.Join(" and ", field.Select(f => f.Reader).Distinct());
                problems.Error(
                    $"{path}.steps[{i}].defaultResults.{field.Key}",
                    $"required: step \"{step.Id}\" may be skipped, and the field is read by {readers}");
            }
        }
    }

    private static void CollectOutput(SortedMap<OutputPropertyConfig> properties, List<(string, string, string)> references, int depth)
    {
        foreach (OutputPropertyConfig property in properties.Values)
        {
            Collect(property.Value, "output", references);
            if (depth < 10)
                CollectOutput(property.Properties, references, depth + 1);
        }
    }

    private static void Collect(string? template, string reader, List<(string Id, string Field, string Reader)> references)
    {
        foreach ((string id, string field) in TemplateForm.StepOutputs(template))
            references.Add((id, field, reader));
    }
}
