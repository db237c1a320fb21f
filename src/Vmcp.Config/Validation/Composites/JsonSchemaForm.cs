using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Validation;

/// <summary>The form of a JSON Schema: keywords have values of the right kind. Unknown keywords are allowed, as the standard says.</summary>
internal static class JsonSchemaForm
{
    private const int MaxDepth = 64;

    private static readonly FrozenSet<string> Types =
        FrozenSet.Create(StringComparer.Ordinal, "null", "boolean", "object", "array", "number", "integer", "string");

    public static void Check(JsonElement schema, string path, ProblemList problems, int depth = 0)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return;
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            Invalid(path, depth > MaxDepth ? "nested too deeply" : "a schema must be a map or a boolean", problems);
            return;
        }

        foreach (JsonProperty keyword in schema.EnumerateObject())
            CheckKeyword(keyword.Name, keyword.Value, Paths.Join(path, keyword.Name), problems, depth);
    }

    private static void CheckKeyword(string name, JsonElement value, string path, ProblemList problems, int depth)
    {
        switch (name)
        {
            case "type":
                CheckType(value, path, problems);
                break;
            case "properties" or "patternProperties" or "$defs" or "definitions" or "dependentSchemas":
                if (Need(value, JsonValueKind.Object, path, "a map of schemas", problems))
                {
                    foreach (JsonProperty property in value.EnumerateObject())
                        Check(property.Value, Paths.Join(path, property.Name), problems, depth + 1);
                }

                break;
            case "additionalProperties" or "additionalItems" or "contains" or "propertyNames" or "not" or "if" or "then" or "else":
                Check(value, path, problems, depth + 1);
                break;
            case "items" when value.ValueKind != JsonValueKind.Array:
                Check(value, path, problems, depth + 1);
                break;
            case "items" or "prefixItems" or "allOf" or "anyOf" or "oneOf":
                if (Need(value, JsonValueKind.Array, path, "a list of schemas", problems))
                {
                    int index = 0;
                    foreach (JsonElement item in value.EnumerateArray())
                        Check(item, Paths.Item(path, index++), problems, depth + 1);
                }

                break;
            case "required":
                if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String))
                    Invalid(path, "must be a list of property names", problems);
                break;
            case "enum":
                Need(value, JsonValueKind.Array, path, "a list", problems);
                break;
            case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf":
                if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False) || name is "minimum" or "maximum" or "multipleOf")
                    Need(value, JsonValueKind.Number, path, "a number", problems);
                break;
            case "minLength" or "maxLength" or "minItems" or "maxItems" or "minProperties" or "maxProperties":
                if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double count) || count < 0 || count != Math.Floor(count))
                    Invalid(path, "must be a whole number, 0 or more", problems);
                break;
            case "title" or "description" or "format" or "$ref" or "$id" or "$schema" or "$comment":
                Need(value, JsonValueKind.String, path, "a string", problems);
                break;
            case "pattern":
                if (Need(value, JsonValueKind.String, path, "a string", problems) && !IsRegex(value.GetString()!))
                    Invalid(path, "is not a regular expression", problems);
                break;
        }
    }

    private static void CheckType(JsonElement value, string path, ProblemList problems)
    {
        bool good = value.ValueKind switch
        {
            JsonValueKind.String => Types.Contains(value.GetString()!),
            JsonValueKind.Array => value.GetArrayLength() > 0
                && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String && Types.Contains(v.GetString()!)),
            _ => false,
        };
        if (!good)
            Invalid(path, "must be one of, or a list of: null, boolean, object, array, number, integer, string", problems);
    }

    private static bool Need(JsonElement value, JsonValueKind kind, string path, string expected, ProblemList problems)
    {
        if (value.ValueKind == kind)
            return true;
        Invalid(path, $"must be {expected}", problems);
        return false;
    }

    private static bool IsRegex(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            // ECMAScript mode refuses a few things schemas use (\p, look-behind); the plain mode knows them.
            return IsPlainRegex(pattern);
        }
    }

    private static bool IsPlainRegex(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Invalid(string path, string why, ProblemList problems) => problems.Error(path, $"invalid JSON Schema: {why}");
}
