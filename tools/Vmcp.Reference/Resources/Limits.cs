using System.Text.Json.Nodes;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.Resources;

/// <summary>What a schema allows, in words.</summary>
internal static class Limits
{
    public static IEnumerable<string> Of(JsonNode schema)
    {
        foreach (string limit in OfValue(schema))
            yield return limit;
        if (Span(schema, "minItems", "maxItems", "items") is { } items)
            yield return items;
        if (Number(schema, "maxProperties") is { } entries)
            yield return $"At most {entries} entries";
        if (schema["x-kubernetes-list-map-keys"] is JsonArray keys)
            yield return $"Each {Markdown.Code(keys[0]!.GetValue<string>())} once";
        else if (schema["x-kubernetes-list-type"]?.GetValue<string>() == "set")
            yield return "Each value once";
        if ((schema["items"] ?? schema["additionalProperties"]) is JsonObject inner && inner["properties"] is null)
        {
            foreach (string limit in OfValue(inner))
                yield return $"Each: {char.ToLowerInvariant(limit[0])}{limit[1..]}";
        }

        if (schema["x-kubernetes-preserve-unknown-fields"]?.GetValue<bool>() == true && schema["type"] is not null)
            yield return schema["properties"] is null ? "Its fields are not checked here" : "Other fields are kept too";
    }

    private static IEnumerable<string> OfValue(JsonNode schema)
    {
        if (schema["enum"] is JsonArray words)
            yield return (words.Count > 1 ? "One of " : "Always ") + string.Join(", ", words.Select(w => Markdown.Value(w!.GetValue<string>())));
        if (Span(schema, "minimum", "maximum", null) is { } bounds)
            yield return bounds;
        if (Span(schema, "minLength", "maxLength", "characters") is { } length)
            yield return length;
        if (schema["pattern"] is { } pattern)
            yield return $"Must match {Markdown.Code(pattern.GetValue<string>())}";
    }

    private static string? Span(JsonNode schema, string least, string most, string? unit) => (Number(schema, least), Number(schema, most), unit) switch
    {
        (null, null, _) => null,
        ("1", null, not null) => "Not empty",
        ({ } min, null, _) => $"At least {min}" + Unit(unit),
        (null, { } max, _) => $"At most {max}" + Unit(unit),
        ({ } min, { } max, _) => $"From {min} to {max}" + Unit(unit),
    };

    private static string Unit(string? unit) => unit is null ? "" : " " + unit;

    private static string? Number(JsonNode schema, string name) => schema[name]?.ToJsonString();
}
