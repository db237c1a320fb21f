using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Cli.Tests.Front;

/// <summary>
/// The schemas in <c>deploy/crds</c>, as far as pages need them: fields that exist, their types, enums and required ones. Patterns and CEL are the API server's
/// (<c>make apiserver</c>).
/// </summary>
internal static class Definition
{
    private static readonly Dictionary<string, JsonObject> Schemas = Directory.EnumerateFiles(Path.Combine(ReadmeTests.Root, "deploy", "crds"), "*.yaml")
        .Select(file => KubeYaml.ReadAll(File.ReadAllText(file), file).Single().Body)
        .ToDictionary(
            crd => crd["spec"]!["names"]!["kind"]!.GetValue<string>(),
            crd => crd["spec"]!["versions"]!.AsArray().Single(v => v!["storage"]!.GetValue<bool>())!["schema"]!["openAPIV3Schema"]!.AsObject());

    /// <summary>What is wrong with an object of a kind.</summary>
    public static IReadOnlyList<string> Problems(JsonObject manifest)
    {
        List<string> problems = [];
        if (Schemas.TryGetValue(manifest["kind"]!.GetValue<string>(), out JsonObject? schema))
            Check(manifest, schema, "", whole: true, problems);
        else
            problems.Add($"there is no kind {manifest["kind"]}");
        return problems;
    }

    /// <summary>What is wrong with a part of a resource that does not name its kind: what the kind says to which it fits best.</summary>
    public static IReadOnlyList<string> ProblemsOfPart(JsonObject part) => Schemas.Values.Select(schema =>
    {
        List<string> problems = [];
        Check(part, schema, "", whole: false, problems);
        return problems;
    }).MinBy(problems => problems.Count)!;

    private static void Check(JsonNode? value, JsonObject schema, string path, bool whole, List<string> problems)
    {
        string type = schema["type"]?.GetValue<string>() ?? "";
        bool open = schema["x-kubernetes-preserve-unknown-fields"]?.GetValue<bool>() == true || schema["x-kubernetes-int-or-string"]?.GetValue<bool>() == true;
        switch (value)
        {
            case JsonObject map when type == "object":
                JsonObject fields = schema["properties"] as JsonObject ?? [];
                foreach ((string name, JsonNode? field) in map)
                {
                    if (fields[name] is JsonObject known)
                        Check(field, known, $"{path}.{name}", whole, problems);
                    else if (schema["additionalProperties"] is JsonObject each)
                        Check(field, each, $"{path}.{name}", whole, problems);
                    // The schema says only that there is metadata.
                    else if (!open && path != ".metadata")
                        problems.Add($"{path}.{name} is not a field");
                }

                if (whole)
                    problems.AddRange((schema["required"] as JsonArray ?? []).Select(r => r!.GetValue<string>()).Where(r => !map.ContainsKey(r)).Select(r => $"{path}.{r} is missing"));
                break;
            case JsonArray list when type == "array":
                foreach (JsonNode? item in list)
                    Check(item, schema["items"]!.AsObject(), path + "[]", whole, problems);
                break;
            case JsonValue one when schema["enum"] is JsonArray allowed:
                if (!allowed.Any(a => a!.ToString() == one.ToString()))
                    problems.Add($"{path} is {one}, which is none of {allowed.ToJsonString()}");
                break;
            default:
                if (!open && type.Length > 0 && type != TypeOf(value))
                    problems.Add($"{path} is of type {TypeOf(value)}, not {type}");
                break;
        }
    }

    private static string TypeOf(JsonNode? value) => value switch
    {
        JsonObject => "object",
        JsonArray => "array",
        JsonValue v when v.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
        JsonValue v when v.GetValueKind() == System.Text.Json.JsonValueKind.Number => v.ToString().Contains('.', StringComparison.Ordinal) ? "number" : "integer",
        JsonValue => "string",
        _ => "null",
    };
}
