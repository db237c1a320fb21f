using System.Globalization;
using System.Text.Json;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Values;

namespace Vmcp.Config.Validation;

/// <summary>The result of a workflow (V19).</summary>
internal static class OutputRules
{
    private const int MaxDepth = 10;

    public static void Check(CompositeOutputConfig output, string path, ProblemList problems)
    {
        if (output.Properties.IsEmpty)
            problems.Error($"{path}.properties", "at least one property is required");
        for (int i = 0; i < output.Required.Count; i++)
        {
            string name = output.Required[i];
            if (!output.Properties.ContainsKey(name))
            {
                string? remedy = output.Properties.IsEmpty ? null : NearMatch.Remedy(name, [.. output.Properties.Keys], "properties");
                problems.Error($"{path}.required[{i}]", $"there is no property \"{name}\"", remedy);
            }
        }

        CheckProperties(output.Properties, $"{path}.properties", 1, problems);
    }

    private static void CheckProperties(SortedMap<OutputPropertyConfig> properties, string path, int depth, ProblemList problems)
    {
        if (depth > MaxDepth)
        {
            problems.Error(path, $"nested deeper than {MaxDepth} levels");
            return;
        }

        foreach ((string name, OutputPropertyConfig property) in properties)
            CheckProperty(property, $"{path}.{name}", depth, problems);
    }

    private static void CheckProperty(OutputPropertyConfig property, string path, int depth, ProblemList problems)
    {
        bool hasProperties = !property.Properties.IsEmpty;
        if (property.Type is null)
            problems.Error($"{path}.type", "required: one of string, integer, number, boolean, object, array");
        Ensure.Required(property.Description, $"{path}.description", "required: what the field means", problems);
        if (property.Value is not null && hasProperties)
            problems.Error(path, "has both value and properties", "keep one");
        else if (hasProperties && property.Type is not null and not OutputType.Object)
            problems.Error($"{path}.properties", "only type: object has properties");
        else if (!hasProperties && string.IsNullOrEmpty(property.Value))
            problems.Error($"{path}.value", property.Type == OutputType.Object ? "required: value or properties" : "required: the template of the value");
        TemplateForm.Check(property.Value, $"{path}.value", problems);
        if (property.Default is not null && property.Type is { } type && !Fits(property.Default.Element, type))
            problems.Error($"{path}.default", $"does not fit the type {type.ToString().ToLowerInvariant()}");
        CheckProperties(property.Properties, $"{path}.properties", depth + 1, problems);
    }

    private static bool Fits(JsonElement value, OutputType type) => type switch
    {
        OutputType.String => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null),
        OutputType.Integer => Number(value) is { } number && number == Math.Floor(number),
        OutputType.Number => Number(value) is not null,
        OutputType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False
            || (value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out _)),
        OutputType.Object => value.ValueKind == JsonValueKind.Object,
        _ => value.ValueKind == JsonValueKind.Array,
    };

    private static double? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
        _ => null,
    };
}
