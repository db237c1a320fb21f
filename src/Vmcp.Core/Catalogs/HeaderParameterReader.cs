using System.Buffers;
using System.Text.Json;

namespace Vmcp.Core.Catalogs;

/// <summary>Finds the arguments a tool wants mirrored into <c>Mcp-Param-*</c> headers (MCP 2026-07-28, x-mcp-header).</summary>
internal static class HeaderParameterReader
{
    private const string Keyword = "x-mcp-header";

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // Keywords whose values are data, not schemas: an x-mcp-header in there means nothing.
    private static readonly string[] DataKeywords = ["default", "const", "enum", "examples", "required", "x-mcp-header"];

    // Keywords whose members are schemas under free names, so a property called "x-mcp-header" is not the keyword.
    private static readonly string[] SchemaMaps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];

    /// <summary>Reads the header parameters of a tool, sorted as the schema has them.</summary>
    /// <returns>Null, or what is wrong: clients must drop a tool whose <c>x-mcp-header</c> breaks the rules.</returns>
    /// <exception cref="JsonException">The tool is no JSON.</exception>
    public static string? Read(ReadOnlyMemory<byte> tool, out IReadOnlyList<HeaderParameter> parameters)
    {
        parameters = [];

        // A full parse only for the few tools that have the keyword, or an escape that could spell it.
        if (tool.Span.IndexOf("x-mcp-header"u8) < 0 && tool.Span.IndexOf("\\u"u8) < 0)
            return null;

        using JsonDocument document = JsonDocument.Parse(tool, new JsonDocumentOptions { MaxDepth = ItemSplicer.MaxDepth });
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("inputSchema", out JsonElement schema)
            || schema.ValueKind != JsonValueKind.Object)
            return null;

        List<HeaderParameter> found = [];
        string? problem = Walk(schema, [], reachable: true, isRoot: true, found);
        if (problem is null)
            parameters = found;
        return problem;
    }

    private static string? Walk(JsonElement schema, string[] path, bool reachable, bool isRoot, List<HeaderParameter> found)
    {
        if (schema.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement element in schema.EnumerateArray())
            {
                if (Walk(element, path, reachable: false, isRoot: false, found) is { } problem)
                    return problem;
            }

            return null;
        }

        if (schema.ValueKind != JsonValueKind.Object)
            return null;

        if (schema.TryGetProperty(Keyword, out JsonElement header))
        {
            string? problem = reachable && !isRoot
                ? Add(schema, header, path, found)
                : "has an x-mcp-header where no chain of properties leads";
            if (problem is not null)
                return problem;
        }

        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (DataKeywords.Contains(member.Name))
                continue;
            string? problem = null;
            if (SchemaMaps.Contains(member.Name) && member.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in member.Value.EnumerateObject())
                {
                    bool byProperties = reachable && member.Name == "properties";
                    problem ??= Walk(property.Value, byProperties ? [.. path, property.Name] : path, byProperties, isRoot: false, found);
                }
            }
            else
            {
                problem = Walk(member.Value, path, reachable: false, isRoot: false, found);
            }

            if (problem is not null)
                return problem;
        }

        return null;
    }

    private static string? Add(JsonElement schema, JsonElement header, string[] path, List<HeaderParameter> found)
    {
        if (header.ValueKind != JsonValueKind.String || header.GetString() is not { Length: > 0 } name)
            return "has an x-mcp-header that is no text or empty";
        if (name.AsSpan().ContainsAnyExcept(TokenCharacters))
            return "has an x-mcp-header that is no HTTP token";
        if (!IsPrimitive(schema))
            return "has an x-mcp-header on something else than a string, an integer or a boolean";
        if (found.Exists(p => p.Header.Equals(name, StringComparison.OrdinalIgnoreCase)))
            return "uses one x-mcp-header twice";
        found.Add(new HeaderParameter(name, [.. path]));
        return null;
    }

    private static bool IsPrimitive(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
            return false;
        if (type.ValueKind == JsonValueKind.String)
            return IsPrimitiveWord(type);

        // ["string", "null"] is how schemas spell an optional primitive.
        return type.ValueKind == JsonValueKind.Array
            && type.EnumerateArray().Count(IsPrimitiveWord) == 1
            && type.EnumerateArray().All(t => IsPrimitiveWord(t) || (t.ValueKind == JsonValueKind.String && t.ValueEquals("null")));
    }

    private static bool IsPrimitiveWord(JsonElement type) => type.ValueKind == JsonValueKind.String
        && (type.ValueEquals("string") || type.ValueEquals("integer") || type.ValueEquals("boolean"));
}
