using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Apply;

/// <summary>The two steps of a server-side apply that change the object: merge what is named, remove what is no longer named.</summary>
internal static class Merge
{
    /// <summary>The live object with the applied fields in it; neither is changed.</summary>
    public static JsonObject Into(JsonObject live, JsonObject applied, MergeRules rules) =>
        Objects(live, applied, "", rules);

    /// <summary>Removes fields and items; a path inside of a removed one needs not be there.</summary>
    public static void Remove(JsonObject body, IEnumerable<string> paths)
    {
        foreach (string path in paths.OrderBy(p => p.Length))
            RemoveAt(body, FieldPath.Steps(path));
    }

    private static JsonNode? Values(JsonNode? live, JsonNode? applied, string fields, MergeRules rules) => (live, applied) switch
    {
        (JsonObject a, JsonObject b) when rules.At(fields) is not MergeRule.Atomic => Objects(a, b, fields, rules),
        (JsonArray a, JsonArray b) when rules.At(fields) is MergeRule.ByKey byKey =>
            Lists(a, b, i => FieldPath.ItemKey(i, byKey.Keys) ?? FieldPath.ValueKey(i), fields, rules),
        (JsonArray a, JsonArray b) when rules.At(fields) is MergeRule.Set => Lists(a, b, FieldPath.ValueKey, fields, rules),
        _ => applied?.DeepClone(),
    };

    private static JsonObject Objects(JsonObject live, JsonObject applied, string fields, MergeRules rules)
    {
        var merged = new JsonObject();
        foreach ((string name, JsonNode? value) in live)
            merged[name] = applied.TryGetPropertyValue(name, out JsonNode? wanted) ? Values(value, wanted, $"{fields}.{name}", rules) : value?.DeepClone();
        foreach ((string name, JsonNode? value) in applied)
        {
            if (!live.ContainsKey(name))
                merged[name] = value?.DeepClone();
        }

        return merged;
    }

    /// <summary>Items in the order the applier gives them; what only the live list has keeps its place before them.</summary>
    private static JsonArray Lists(JsonArray live, JsonArray applied, Func<JsonNode?, string> keyOf, string fields, MergeRules rules)
    {
        string[] liveKeys = [.. live.Select(keyOf)];
        HashSet<string> appliedKeys = [.. applied.Select(keyOf)];
        var merged = new JsonArray();
        int next = 0;
        foreach (JsonNode? item in applied)
        {
            string key = keyOf(item);
            int at = Array.IndexOf(liveKeys, key);
            int until = Math.Max(at, next - 1);
            while (next < liveKeys.Length && (next <= until || at < 0) && !(at < 0 && appliedKeys.Contains(liveKeys[next])))
                Keep(next++);
            merged.Add(at < 0 ? item?.DeepClone() : Values(live[at], item, fields, rules));
        }

        while (next < liveKeys.Length)
            Keep(next++);
        return merged;

        void Keep(int index)
        {
            if (!appliedKeys.Contains(liveKeys[index]))
                merged.Add(live[index]?.DeepClone());
        }
    }

    private static void RemoveAt(JsonNode? here, ReadOnlySpan<string> steps)
    {
        for (; here is not null; steps = steps[1..])
        {
            string step = steps[0];
            bool last = steps.Length == 1;
            if (step.StartsWith("f:", StringComparison.Ordinal))
            {
                if (here is not JsonObject map)
                    return;
                if (last)
                {
                    map.Remove(step[2..]);
                    return;
                }

                here = map[step[2..]];
            }
            else
            {
                int index = here is JsonArray items ? IndexOf(items, step) : -1;
                if (index < 0)
                    return;
                if (last)
                {
                    here.AsArray().RemoveAt(index);
                    return;
                }

                here = here[index];
            }
        }
    }

    private static int IndexOf(JsonArray list, string step)
    {
        if (step.StartsWith("v:", StringComparison.Ordinal))
            return Find(i => FieldPath.ValueKey(i) == step);
        JsonObject key = JsonNode.Parse(step[2..])!.AsObject();
        // A key field that is left out has its default, which is in the step.
        return Find(i => i is JsonObject body && key.All(k => body[k.Key] is not { } value || JsonNode.DeepEquals(value, k.Value))
            && key.Any(k => body[k.Key] is not null));

        int Find(Predicate<JsonNode?> match)
        {
            for (int i = 0; i < list.Count; i++)
            {
                if (match(list[i]))
                    return i;
            }

            return -1;
        }
    }
}
