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
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            JsonObject here = root;
            foreach (string step in Steps(path))
            {
                if (here[step] is not JsonObject next)
                    here[step] = next = [];
                here = next;
            }

            // An item of a list is owned itself, beside the fields in it.
            if (path.LastIndexOf(End, path.Length - 2) is var last && path[(last + 1)..].StartsWith("k:", StringComparison.Ordinal))
                here["."] = new JsonObject();
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
