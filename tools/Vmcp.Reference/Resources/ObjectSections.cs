using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.Resources;

/// <summary>A section with a table for an object and for each object inside it.</summary>
/// <param name="page">Where they are written.</param>
internal sealed class ObjectSections(StringBuilder page)
{
    /// <summary>Writes the sections of an object, outer before inner.</summary>
    /// <param name="path">The object's path: <c>spec</c>, <c>spec.tools[]</c>, <c>spec.overrides.&lt;key&gt;</c>.</param>
    /// <param name="schema">Its schema.</param>
    public void Write(string path, JsonObject schema)
    {
        Markdown.Heading(page, path.Contains('.', StringComparison.Ordinal) ? "###" : "##", Markdown.Escape(path), Anchor(path));
        page.Append('\n').Append(Markdown.Sentence(schema["description"]!.GetValue<string>())).Append('\n');
        if (schema["properties"] is not JsonObject properties)
        {
            page.Append("\nIt has no fields.\n");
            return;
        }

        HashSet<string> required = [.. (schema["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>())];
        Markdown.Table(page, ["field", "type", "default", "meaning"], properties.Select(p => new[]
        {
            Markdown.Code(p.Key), Type($"{path}.{p.Key}", p.Value!), required.Contains(p.Key) ? "**required**" : Default(p.Value!), Meaning(p.Value!),
        }));
        WriteRules(schema, properties);
        foreach ((string name, JsonNode? property) in properties)
        {
            (string inner, JsonObject value) = Inner($"{path}.{name}", property!);
            if (value["properties"] is not null)
                Write(inner, value);
        }
    }

    // A rule on a field that has a section of its own is told there; what has none is told here.
    private void WriteRules(JsonObject schema, JsonObject properties)
    {
        string[] rules = [.. Rules(schema), .. properties.Where(p => p.Value!["properties"] is null).SelectMany(p => Rules(p.Value!, p.Key))];
        if (rules.Length == 0)
            return;
        page.Append("\nThe API server checks:\n\n");
        foreach (string rule in rules)
            page.Append("* ").Append(rule).Append('\n');
    }

    private static IEnumerable<string> Rules(JsonNode schema, string? field = null) => (schema["x-kubernetes-validations"]?.AsArray() ?? []).Select(rule =>
        (field is null ? "" : Markdown.Code(field) + ": ")
        + $"{Markdown.Escape(rule!["message"]!.GetValue<string>())} ({Markdown.Code(rule["rule"]!.GetValue<string>())})");

    /// <summary>What a list or map holds, else the schema itself; with its path.</summary>
    private static (string Path, JsonObject Value) Inner(string path, JsonNode schema) =>
        schema["items"] is JsonObject item ? ($"{path}[]", item)
        : schema["additionalProperties"] is JsonObject value ? ($"{path}.<key>", value)
        : (path, schema.AsObject());

    private static string Type(string path, JsonNode schema)
    {
        (string inner, JsonObject value) = Inner(path, schema);
        string name = Name(value);
        if (value["properties"] is not null)
            name = $"[{name}](#{Anchor(inner)})";
        return schema["items"] is not null ? $"list of {name}" : schema["additionalProperties"] is not null ? $"map of {name}" : name;
    }

    private static string Name(JsonObject schema) => (schema["type"]?.GetValue<string>(), schema["format"]?.GetValue<string>()) switch
    {
        (null, _) => "any JSON",
        (string type, "date-time") => $"{type}, a time (RFC 3339)",
        (string type, _) => type,
    };

    private static string Default(JsonNode schema) => schema["default"] is { } value ? Markdown.Value(value.ToJsonString().Trim('"')) : "";

    private static string Meaning(JsonNode schema) =>
        string.Join(' ', Limits.Of(schema).Prepend(schema["description"]!.GetValue<string>()).Select(Markdown.Sentence));

    private static string Anchor(string path) => path.Replace("[]", "", StringComparison.Ordinal).Replace(".<key>", "", StringComparison.Ordinal);
}
