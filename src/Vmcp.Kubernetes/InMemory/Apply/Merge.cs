using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Apply;

/// <summary>The two steps of a server-side apply that change the object: merge what is named, remove what is no longer named.</summary>
internal static class Merge
{
    /// <summary>The live object with the applied fields in it; neither is changed.</summary>
    public static JsonObject Into(JsonObject live, JsonObject applied, MergeRules rules) =>
        Objects(live, applied, "", rules);

    /// <summary>
    /// Removes fields and items; a path inside of a removed one needs not be there. What it emptied, and what stays because somebody else owns
    /// it, is in the answer: the API server makes null of it.
    /// </summary>
    public static IReadOnlyList<string> Remove(JsonObject body, IEnumerable<string> paths)
    {
        string[] gone = [.. paths.OrderBy(p => p.Length)];
        foreach (string path in gone)
            RemoveAt(body, FieldPath.Steps(path));
        return
        [
            .. gone.Select(FieldPath.Parent).Distinct()
                .Where(p => p.Length > 0 && Find(body, FieldPath.Steps(p)) is JsonObject { Count: 0 } or JsonArray { Count: 0 }),
        ];
    }

    /// <summary>Removes fields and items.</summary>
    public static void RemoveAll(JsonObject body, IEnumerable<string> paths)
    {
        foreach (string path in paths)
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

    /// <summary>
    /// Items in the order the applier gives them. What only the live list has stays before the item it was before, so that the items of two
    /// appliers do not change places with each apply.
    /// </summary>
    private static JsonArray Lists(JsonArray live, JsonArray applied, Func<JsonNode?, string> keyOf, string fields, MergeRules rules)
    {
        string[] liveKeys = [.. live.Select(keyOf)];
        string[] appliedKeys = [.. applied.Select(keyOf)];
        var shared = new Queue<string>(appliedKeys.Where(liveKeys.Contains));
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var merged = new JsonArray();
        int next = 0;
        for (int i = 0; i < applied.Count; i++)
        {
            while (next < live.Count && liveKeys[next] != appliedKeys[i] && PassesOver(liveKeys[next]))
                KeepIfLiveOnly(next++);
            int at = Array.IndexOf(liveKeys, appliedKeys[i]);
            merged.Add(at < 0 ? applied[i]?.DeepClone() : Values(live[at], applied[i], fields, rules));
            taken.Add(appliedKeys[i]);
            if (next < live.Count && liveKeys[next] == appliedKeys[i])
                next++;
            if (shared.TryPeek(out string? first) && first == appliedKeys[i])
                shared.Dequeue();
        }

        while (next < live.Count)
            KeepIfLiveOnly(next++);
        return merged;

        // A live item that is applied too waits for its turn, unless another one is to come before it.
        bool PassesOver(string key) => !appliedKeys.Contains(key) || taken.Contains(key) || (shared.TryPeek(out string? first) && first != key);

        void KeepIfLiveOnly(int index)
        {
            if (!appliedKeys.Contains(liveKeys[index]))
                merged.Add(live[index]?.DeepClone());
        }
    }

    private static JsonNode? Find(JsonNode? here, string[] steps)
    {
        foreach (string step in steps)
        {
            here = (here, step.StartsWith("f:", StringComparison.Ordinal)) switch
            {
                (JsonObject map, true) => map[step[2..]],
                (JsonArray list, false) when IndexOf(list, step) is >= 0 and var index => list[index],
                _ => null,
            };
        }

        return here;
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
