using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.ApiServer.Tests.Deploying;

/// <summary>
/// <c>deploy/chart</c>, rendered. There is no package of helm to test with, so this reads the part of its template language the chart keeps to: values, <c>if</c>, <c>else</c>,
/// <c>range</c>, <c>with</c> and five functions. Anything else fails.
/// </summary>
internal sealed partial class Chart
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy", "chart");

    /// <summary>The values of the chart as a user gets them.</summary>
    public static JsonObject DefaultValues() => KubeYaml.ReadAll(File.ReadAllText(Path.Combine(Folder, "values.yaml")), "values.yaml").Single().Body;

    /// <summary>The objects of a release in <c>vmcp-system</c>, without the definitions.</summary>
    public static IReadOnlyList<JsonObject> Render(JsonObject values)
    {
        JsonObject chart = KubeYaml.ReadAll(File.ReadAllText(Path.Combine(Folder, "Chart.yaml")), "Chart.yaml").Single().Body;
        JsonObject root = new()
        {
            ["Values"] = values.DeepClone(),
            ["Release"] = new JsonObject { ["Name"] = "vmcp", ["Namespace"] = "vmcp-system" },
            ["Chart"] = new JsonObject { ["Name"] = chart["name"]!.GetValue<string>(), ["AppVersion"] = chart["appVersion"]!.GetValue<string>() },
        };
        return
        [
            .. Directory.EnumerateFiles(Path.Combine(Folder, "templates"), "*.yaml").Order(StringComparer.Ordinal)
                .SelectMany(file => KubeYaml.ReadAll(Render(File.ReadAllText(file), root), Path.GetFileName(file)))
                .Select(document => document.Body),
        ];
    }

    /// <summary>One template.</summary>
    public static string Render(string template, JsonObject root)
    {
        StringBuilder written = new();
        Queue<string> parts = new(Tag().Split(Trimmed(template)));
        Render(parts, root, root, written);
        return parts.Count == 0 ? written.ToString() : throw new InvalidDataException("an end without a beginning");
    }

    // Split by a pattern with one group: text and tags in turn, tags without their braces.
    private static string? Render(Queue<string> parts, JsonNode? dot, JsonObject root, StringBuilder? written)
    {
        bool tag = false;
        while (parts.TryDequeue(out string? part))
        {
            if (!tag)
            {
                written?.Append(part);
            }
            else if (part is "end" or "else")
            {
                return part;
            }
            else if (Block().Match(part) is { Success: true } block)
            {
                RenderBlock(block.Groups[1].Value, written is null ? null : ChartExpression.Value(block.Groups[2].Value, dot, root), parts, dot, root, written);
            }
            else if (written is not null)
            {
                written.Append(ChartExpression.Text(ChartExpression.Value(part, dot, root)));
            }

            tag = !tag;
        }

        return null;
    }

    private static void RenderBlock(string keyword, JsonNode? value, Queue<string> parts, JsonNode? dot, JsonObject root, StringBuilder? written)
    {
        bool holds = written is not null && ChartExpression.IsTrue(value);
        string? end = null;
        if (keyword == "range" && holds)
        {
            string[] body = [.. parts];
            foreach (JsonNode? item in value!.AsArray())
            {
                parts.Clear();
                foreach (string part in body)
                    parts.Enqueue(part);
                end = Render(parts, item, root, written);
            }
        }
        else
        {
            end = Render(parts, keyword == "with" ? value : dot, root, holds ? written : null);
        }

        if (end == "else")
            end = Render(parts, dot, root, holds ? null : written);
        if (end != "end")
            throw new InvalidDataException($"{keyword} has no end");
    }

    // {{- and -}} take the white space beside them; {{/* */}} says nothing.
    private static string Trimmed(string template) => After().Replace(Before().Replace(Comment().Replace(template, ""), "{{"), "}}");

    [GeneratedRegex(@"\{\{\s*(.*?)\s*\}\}", RegexOptions.Singleline)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^(if|range|with)\s+(.*)$", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s*\{\{-")]
    private static partial Regex Before();

    [GeneratedRegex(@"-\}\}\s*")]
    private static partial Regex After();

    [GeneratedRegex(@"\{\{-?\s*/\*.*?\*/\s*-?\}\}", RegexOptions.Singleline)]
    private static partial Regex Comment();
}
