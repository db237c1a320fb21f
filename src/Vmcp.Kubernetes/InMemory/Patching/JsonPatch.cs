using System.Globalization;
using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Patching;

/// <summary>JSON patch (RFC 6902) over JSON pointers (RFC 6901).</summary>
internal static class JsonPatch
{
    /// <summary>The target after all operations; it is not changed itself.</summary>
    /// <exception cref="FormatException">An operation is malformed, or its place or value is not there; the message says which.</exception>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode? document = target.DeepClone();
        for (int i = 0; i < operations.Count; i++)
        {
            if (operations[i] is not JsonObject operation)
                throw new FormatException($"operation {i} is no object");
            try
            {
                document = Apply(document, operation);
            }
            catch (FormatException e)
            {
                throw new FormatException($"operation {i} ({operation["op"]} {operation["path"]}): {e.Message}", e);
            }
        }

        return document as JsonObject ?? throw new FormatException("what is left is no object");
    }

    private static JsonNode? Apply(JsonNode? document, JsonObject operation)
    {
        string path = Text(operation, "path");
        switch (Text(operation, "op"))
        {
            case "add":
                return Add(document, path, Value(operation));
            case "remove":
                return Remove(document, path);
            case "replace":
                Read(document, path);
                return path.Length == 0 ? Value(operation) : Add(Remove(document, path), path, Value(operation));
            case "move":
                string from = Text(operation, "from");
                if (path.StartsWith(from + "/", StringComparison.Ordinal))
                    throw new FormatException("a value cannot move into itself");
                JsonNode? moved = Read(document, from)?.DeepClone();
                return Add(Remove(document, from), path, moved);
            case "copy":
                return Add(document, path, Read(document, Text(operation, "from"))?.DeepClone());
            case "test":
                return JsonNode.DeepEquals(Read(document, path), operation["value"])
                    ? document
                    : throw new FormatException("the test failed: another value is there");
            case var unknown:
                throw new FormatException($"there is no operation \"{unknown}\"");
        }
    }

    private static JsonNode? Add(JsonNode? document, string path, JsonNode? value)
    {
        if (path.Length == 0)
            return value;
        (JsonNode parent, string name) = Parent(document, path);
        if (parent is JsonArray list)
            list.Insert(name == "-" ? list.Count : Index(name, list.Count), value);
        else
            parent.AsObject()[name] = value;
        return document;
    }

    private static JsonNode? Remove(JsonNode? document, string path)
    {
        if (path.Length == 0)
            return null;
        (JsonNode parent, string name) = Parent(document, path);
        if (parent is JsonArray list)
            list.RemoveAt(Index(name, list.Count - 1));
        else if (!parent.AsObject().Remove(name))
            throw new FormatException($"there is no {path}");
        return document;
    }

    private static JsonNode? Read(JsonNode? document, string path)
    {
        if (path.Length == 0)
            return document;
        (JsonNode parent, string name) = Parent(document, path);
        if (parent is JsonArray list)
            return list[Index(name, list.Count - 1)];
        return parent.AsObject().TryGetPropertyValue(name, out JsonNode? value) ? value : throw new FormatException($"there is no {path}");
    }

    private static (JsonNode Parent, string Name) Parent(JsonNode? document, string path)
    {
        if (path[0] != '/')
            throw new FormatException($"\"{path}\" is no JSON pointer");
        string[] steps = [.. path[1..].Split('/').Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
        JsonNode? here = document;
        foreach (string step in steps[..^1])
        {
            here = here switch
            {
                JsonArray list => list[Index(step, list.Count - 1)],
                JsonObject map => map[step],
                _ => null,
            };
        }

        return here is JsonObject or JsonArray ? (here, steps[^1]) : throw new FormatException($"there is nothing that has {path}");
    }

    private static int Index(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index <= most
            ? index
            : throw new FormatException($"there is no index {text}");

    private static JsonNode? Value(JsonObject operation) =>
        operation.TryGetPropertyValue("value", out JsonNode? value) ? value?.DeepClone() : throw new FormatException("it has no value");

    private static string Text(JsonObject operation, string name) =>
        operation[name] is JsonValue value && value.TryGetValue(out string? text) ? text : throw new FormatException($"it has no {name}");
}
