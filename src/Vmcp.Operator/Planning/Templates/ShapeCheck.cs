using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Operator.Planning.Templates;

/// <summary>Says whether JSON can be read as a shape, as the API server would read it; a patch's directives are looked at too.</summary>
internal static class ShapeCheck
{
    /// <summary>Enough to mend a template by; more of the same would only bury the first.</summary>
    private const int MaxProblems = 8;

    /// <summary>What is wrong, each with its path, in document order; empty when nothing is.</summary>
    public static IReadOnlyList<string> Problems(JsonNode? value, Shape shape)
    {
        List<string> problems = [];
        Visit(value, shape, "", problems);
        return problems.Count > MaxProblems ? [.. problems.Take(MaxProblems), $"and {problems.Count - MaxProblems} more"] : problems;
    }

    private static void Visit(JsonNode? value, Shape shape, string path, List<string> problems)
    {
        // null is every type's "remove this" (strategic merge patch).
        if (value is null)
            return;
        switch (shape)
        {
            case Shape.Scalar scalar:
                if (!Fits(value, scalar))
                    problems.Add($"{path} must be {scalar.Wanted}, not {Kind(value)}");
                break;
            case Shape.List list:
                VisitList(value, list, path, problems);
                break;
            case Shape.Map map:
                if (Members(value, path, problems) is { } entries)
                {
                    foreach ((string name, JsonNode? entry) in entries)
                    {
                        if (!Directive(name, entry, path, problems))
                            Visit(entry, map.Value, Join(path, name), problems);
                    }
                }

                break;
            case Shape.Obj obj:
                if (Members(value, path, problems) is { } members)
                {
                    foreach ((string name, JsonNode? member) in members)
                    {
                        if (!Directive(name, member, path, problems) && obj.Members.TryGetValue(name, out Shape? known))
                            Visit(member, known, Join(path, name), problems);
                    }
                }

                break;
        }
    }

    private static void VisitList(JsonNode value, Shape.List list, string path, List<string> problems)
    {
        if (value is not JsonArray items)
        {
            problems.Add($"{Name(path)} must be an array, not {Kind(value)}");
            return;
        }

        for (int i = 0; i < items.Count; i++)
        {
            string at = $"{path}[{i}]";
            if (items[i] is null)
                problems.Add($"{at} must not be null");
            else
                Visit(items[i], list.Item, at, problems);
            if (list.MergeKey is { } key && items[i] is JsonObject item && !IsReplaceAll(item) && item[key] is not JsonValue)
                problems.Add($"{at} has no {key}, by which it is merged");
        }
    }

    /// <summary><c>{"$patch": "replace"}</c> alone in a list of a patch.</summary>
    private static bool IsReplaceAll(JsonObject item) => item.Count == 1 && item.ContainsKey(Directives.Patch);

    private static JsonObject? Members(JsonNode value, string path, List<string> problems)
    {
        if (value is JsonObject members)
            return members;
        problems.Add($"{Name(path)} must be an object, not {Kind(value)}");
        return null;
    }

    private static bool Directive(string name, JsonNode? value, string path, List<string> problems)
    {
        if (!name.StartsWith('$'))
            return false;
        if (name == Directives.Patch)
        {
            if (Directives.Text(value) is not (Directives.Replace or Directives.Delete or Directives.Merge))
                problems.Add($"{Join(path, name)} must be replace, delete or merge");
        }
        else if (name == Directives.RetainKeys || name.StartsWith(Directives.SetElementOrder, StringComparison.Ordinal)
            || name.StartsWith(Directives.DeleteFromPrimitiveList, StringComparison.Ordinal))
        {
            if (value is not JsonArray)
                problems.Add($"{Join(path, name)} must be an array, not {(value is null ? "null" : Kind(value))}");
        }
        else
        {
            problems.Add($"{Join(path, name)} is no directive of a strategic merge patch");
        }

        return true;
    }

    private static bool Fits(JsonNode value, Shape.Scalar scalar)
    {
        JsonValueKind kind = value.GetValueKind();
        if (ReferenceEquals(scalar, Shape.Text))
            return kind == JsonValueKind.String;
        if (ReferenceEquals(scalar, Shape.Flag))
            return kind is JsonValueKind.True or JsonValueKind.False;
        if (ReferenceEquals(scalar, Shape.Quantity))
            return kind is JsonValueKind.String or JsonValueKind.Number;
        bool whole = kind == JsonValueKind.Number && long.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out _);
        return ReferenceEquals(scalar, Shape.Whole) ? whole : whole || kind == JsonValueKind.String;
    }

    private static string Name(string path) => path.Length == 0 ? "the template" : path;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}
