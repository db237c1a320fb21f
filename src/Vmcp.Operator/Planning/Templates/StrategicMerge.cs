using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Vmcp.Operator.Planning.Templates;

/// <summary>
/// Kubernetes' strategic merge patch: objects merge member by member, lists with a merge key item by item, all else is replaced, and the
/// patch wins.
/// </summary>
/// <remarks>
/// Two things differ from kubectl, both to the user's favour: new items of a list come last, so that the gateway stays the first container;
/// and where the API server takes one of several members (a volume's source, <c>value</c> or <c>valueFrom</c>, a probe's action), the
/// patch's choice takes the place of ours instead of standing beside it, which would be refused.
/// </remarks>
internal static class StrategicMerge
{
    /// <summary>A new tree: <paramref name="original"/> changed by <paramref name="patch"/>. Neither is changed.</summary>
    public static JsonObject Apply(JsonObject original, JsonObject patch, Shape shape) => MergeObjects(original, patch, shape) ?? [];

    /// <summary>Null when the patch deletes the object.</summary>
    private static JsonObject? MergeObjects(JsonObject original, JsonObject patch, Shape shape)
    {
        switch (Directives.Of(patch))
        {
            case Directives.Delete:
                return null;
            case Directives.Replace:
                return Clean(patch, shape);
        }

        JsonObject merged = (JsonObject)original.DeepClone();
        DropOtherChoices(merged, patch, shape);
        Retain(merged, patch);
        foreach ((string name, JsonNode? value) in patch)
        {
            if (name.StartsWith(Directives.DeleteFromPrimitiveList, StringComparison.Ordinal))
                TakeOut(merged, name[Directives.DeleteFromPrimitiveList.Length..], value);
        }

        // Sorted, so that members which only the patch has come out the same whatever order it names them in.
        foreach ((string name, JsonNode? value) in patch.Where(m => !m.Key.StartsWith('$')).OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            if (MergeValues(merged[name], value, MemberShape(shape, name)) is { } result)
                merged[name] = result;
            else
                merged.Remove(name);
        }

        return merged;
    }

    private static JsonNode? MergeValues(JsonNode? original, JsonNode? patch, Shape? shape) => patch switch
    {
        JsonObject obj => MergeObjects(original as JsonObject ?? [], obj, shape ?? Shape.AnyObject),
        JsonArray items => MergeLists(original as JsonArray ?? [], items, shape as Shape.List),
        _ => patch?.DeepClone(),
    };

    private static JsonArray MergeLists(JsonArray original, JsonArray patch, Shape.List? shape)
    {
        if (shape is { Adds: true })
            return Union(original, patch);
        if (shape?.MergeKey is not { } key)
            return CleanList(patch, shape);
        bool replace = patch.Any(p => p is JsonObject { Count: 1 } o && Directives.Of(o) == Directives.Replace);
        List<JsonObject> merged = replace ? [] : [.. original.OfType<JsonObject>()];
        foreach (JsonObject item in patch.OfType<JsonObject>())
        {
            if (item[key] is not { } id)
                continue;
            int at = merged.FindIndex(m => JsonNode.DeepEquals(m[key], id));
            JsonObject? result = MergeObjects(at < 0 ? [] : merged[at], item, shape.Item);
            if (at < 0 && result is not null)
                merged.Add(result);
            else if (at >= 0 && result is not null)
                merged[at] = result;
            else if (at >= 0)
                merged.RemoveAt(at);
        }

        return [.. merged.Select(JsonNode? (m) => m.Parent is null ? m : m.DeepClone())];
    }

    private static JsonArray Union(JsonArray original, JsonArray patch)
    {
        JsonArray all = (JsonArray)original.DeepClone();
        foreach (JsonNode? item in patch)
        {
            if (!all.Any(a => JsonNode.DeepEquals(a, item)))
                all.Add(item?.DeepClone());
        }

        return all;
    }

    private static void TakeOut(JsonObject merged, string name, JsonNode? items)
    {
        if (merged[name] is not JsonArray list || items is not JsonArray gone)
            return;
        merged[name] = new JsonArray([.. list.Where(l => !gone.Any(g => JsonNode.DeepEquals(g, l))).Select(l => l?.DeepClone())]);
    }

    private static void Retain(JsonObject merged, JsonObject patch)
    {
        if (patch[Directives.RetainKeys] is not JsonArray keep)
            return;
        HashSet<string> names = [.. keep.Select(Directives.Text).OfType<string>()];
        Keep(merged, names.Contains);
    }

    private static void DropOtherChoices(JsonObject merged, JsonObject patch, Shape shape)
    {
        if (shape is not Shape.Obj obj)
            return;
        HashSet<string> chosen = [.. patch.Where(m => m.Value is not null && !m.Key.StartsWith('$')).Select(m => m.Key)];
        foreach (FrozenSet<string> choice in obj.OneOf)
        {
            if (choice.Overlaps(chosen))
                Keep(merged, name => !choice.Contains(name) || chosen.Contains(name));
        }

        if (obj.ChoiceBeside is { } beside && chosen.Any(c => c != beside))
            Keep(merged, name => name == beside || chosen.Contains(name));
    }

    private static void Keep(JsonObject target, Func<string, bool> wanted)
    {
        foreach (string name in target.Select(m => m.Key).Where(name => !wanted(name)).ToArray())
            target.Remove(name);
    }

    /// <summary>What a patch says on its own: without directives and removals.</summary>
    private static JsonObject Clean(JsonObject patch, Shape shape)
    {
        JsonObject stripped = (JsonObject)patch.DeepClone();
        stripped.Remove(Directives.Patch);
        return MergeObjects([], stripped, shape) ?? [];
    }

    private static JsonArray CleanList(JsonArray patch, Shape.List? shape) =>
        [.. patch.Select(item => item is JsonObject obj ? Clean(obj, shape?.Item ?? Shape.AnyObject) : item?.DeepClone())];

    private static Shape? MemberShape(Shape shape, string name) => shape switch
    {
        Shape.Obj obj => obj.Members.GetValueOrDefault(name),
        Shape.Map map => map.Value,
        _ => null,
    };
}
