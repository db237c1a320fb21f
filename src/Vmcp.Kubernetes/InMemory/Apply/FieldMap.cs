using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Apply;

/// <summary>
/// An object taken apart into the fields that can have an owner: each leaf, each atomic list or map, each item of a list with keys, each
/// value of a set, each empty map. Beside them it knows the maps and lists they are in, which a write that makes them owns too.
/// </summary>
internal sealed class FieldMap
{
    private static readonly string[] ServerFields =
    [
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "managedFields", "selfLink", "generateName",
    ];

    private readonly Dictionary<string, JsonNode?> _values = new(StringComparer.Ordinal);

    private readonly HashSet<string> _containers = new(StringComparer.Ordinal);

    /// <summary>What an apply of this object owns.</summary>
    public HashSet<string> Paths => new(_values.Keys, StringComparer.Ordinal);

    /// <summary>The fields of nothing.</summary>
    public static FieldMap Empty { get; } = new();

    /// <summary>Takes apart an object, without what the server itself keeps in its metadata.</summary>
    public static FieldMap Of(JsonObject body, MergeRules rules)
    {
        var map = new FieldMap();
        foreach ((string name, JsonNode? value) in body)
        {
            if (name is "apiVersion" or "kind" || value is null)
                continue;
            if (name == "metadata")
            {
                foreach ((string field, JsonNode? inner) in value.AsObject())
                {
                    if (!ServerFields.Contains(field))
                        map.Walk(inner, FieldPath.Field(FieldPath.Field("", name), field), $".{name}.{field}", rules);
                }
            }
            else
            {
                map.Walk(value, FieldPath.Field("", name), $".{name}", rules);
            }
        }

        return map;
    }

    /// <summary>What is different in <paramref name="next"/>.</summary>
    public FieldChanges ChangesTo(FieldMap next)
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string path, JsonNode? value) in next._values)
        {
            if (_values.TryGetValue(path, out JsonNode? before) ? !JsonNode.DeepEquals(before, value) : !_containers.Contains(path))
                written.Add(path);
        }

        written.UnionWith(next._containers.Where(p => !Has(p)));
        return new FieldChanges(written, _values.Keys.Concat(_containers).Where(p => !next.Has(p)).ToHashSet(StringComparer.Ordinal));
    }

    private bool Has(string path) => _values.ContainsKey(path) || _containers.Contains(path);

    private void Walk(JsonNode? node, string path, string fields, MergeRules rules)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } map when rules.At(fields) is not MergeRule.Atomic:
                _containers.Add(path);
                foreach ((string name, JsonNode? value) in map)
                    Walk(value, FieldPath.Field(path, name), $"{fields}.{name}", rules);
                break;
            case JsonArray { Count: > 0 } list when rules.At(fields) is MergeRule.ByKey byKey:
                _containers.Add(path);
                foreach (JsonNode? item in list)
                {
                    // An item without its key is refused by the real server; here it is owned as it is.
                    string at = FieldPath.Item(path, FieldPath.ItemKey(item, byKey.Keys) ?? FieldPath.ValueKey(item));
                    _values[at] = null;
                    if (item is JsonObject body)
                    {
                        foreach ((string name, JsonNode? value) in body)
                            Walk(value, FieldPath.Field(at, name), $"{fields}.{name}", rules);
                    }
                }

                break;
            case JsonArray { Count: > 0 } list when rules.At(fields) is MergeRule.Set:
                _containers.Add(path);
                foreach (JsonNode? value in list)
                    _values[FieldPath.Item(path, FieldPath.ValueKey(value))] = value;
                break;
            default:
                _values[path] = node;
                break;
        }
    }
}

/// <summary>The difference of two versions of an object.</summary>
/// <param name="Written">Paths that are new or have another value.</param>
/// <param name="Removed">Paths that are gone.</param>
internal sealed record FieldChanges(HashSet<string> Written, HashSet<string> Removed)
{
    public bool None => Written.Count == 0 && Removed.Count == 0;
}
