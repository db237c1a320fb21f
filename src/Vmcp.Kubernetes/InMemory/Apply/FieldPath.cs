using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Apply;

/// <summary>
/// Paths into an object as text: steps in the notation of <c>FieldsV1</c> (<c>f:name</c>, <c>k:{"name":"x"}</c>, <c>v:"x"</c>), each ended by a
/// separator, so that one path is inside another exactly when its text begins with the other's.
/// </summary>
internal static class FieldPath
{
    /// <summary>Ends each step; no JSON text and no field name has it.</summary>
    public const char End = '\u001f';

    public static string Field(string parent, string name) => $"{parent}f:{name}{End}";

    public static string Item(string parent, string key) => $"{parent}{key}{End}";

    /// <summary>The path and each one it is inside of.</summary>
    public static IEnumerable<string> WithParents(string path)
    {
        for (int end = path.IndexOf(End, StringComparison.Ordinal); end >= 0; end = path.IndexOf(End, end + 1))
            yield return path[..(end + 1)];
    }

    /// <summary>The path of what a path is in; empty for the object itself.</summary>
    public static string Parent(string path) => path[..(path.LastIndexOf(End, path.Length - 2) + 1)];

    /// <summary>Whether the last step is a field, not an item or value of a list.</summary>
    public static bool EndsInField(string path) =>
        path.AsSpan(path.LastIndexOf(End, path.Length - 2) + 1).StartsWith("f:", StringComparison.Ordinal);

    public static bool IsMetadata(string path) => path.StartsWith($"f:metadata{End}", StringComparison.Ordinal);

    public static string[] Steps(string path) => path.Split(End, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>As the API server writes it in a conflict: <c>.spec.containers[name="a"].image</c>.</summary>
    public static string Readable(string path) => string.Concat(Steps(path).Select(step => step[..2] switch
    {
        "f:" => "." + step[2..],
        "k:" => "[" + string.Join(',', JsonNode.Parse(step[2..])!.AsObject().Select(p => $"{p.Key}={p.Value?.ToJsonString()}")) + "]",
        _ => $"[={step[2..]}]",
    }));

    /// <summary>The step to an item of a list that is known by the fields <paramref name="keys"/>; null when the item lacks them all.</summary>
    public static string? ItemKey(JsonNode? item, IReadOnlyList<ListKey> keys)
    {
        if (item is not JsonObject body)
            return null;
        var key = new JsonObject();
        bool any = false;
        foreach (ListKey field in keys)
        {
            JsonNode? value = body[field.Name]?.DeepClone();
            any |= value is not null;
            if ((value ??= field.Default) is not null)
                key[field.Name] = value;
        }

        return any ? "k:" + key.ToJsonString() : null;
    }

    /// <summary>The step to a value of a set.</summary>
    public static string ValueKey(JsonNode? value) => "v:" + (value?.ToJsonString() ?? "null");

    /// <summary>The tree of <c>fieldsV1</c> for a set of paths.</summary>
    public static JsonElement ToFieldsV1(IEnumerable<string> paths)
    {
        var root = new JsonObject();
        var owned = new HashSet<string>(paths, StringComparer.Ordinal);
        foreach (string path in owned.Order(StringComparer.Ordinal))
        {
            JsonObject here = root;
            string soFar = "";
            foreach (string step in Steps(path))
            {
                // What is owned itself, beside the fields in it, is marked so.
                if (owned.Contains(soFar))
                    here["."] ??= new JsonObject();
                soFar = Item(soFar, step);
                if (here[step] is not JsonObject next)
                    here[step] = next = [];
                here = next;
            }
        }

        using JsonDocument document = JsonDocument.Parse(root.ToJsonString());
        return document.RootElement.Clone();
    }
}

/// <summary>A field by which the items of a list are told apart, and the value it has where it is left out.</summary>
internal sealed record ListKey(string Name, string? DefaultText = null)
{
    public JsonNode? Default => DefaultText is null ? null : JsonValue.Create(DefaultText);
}
