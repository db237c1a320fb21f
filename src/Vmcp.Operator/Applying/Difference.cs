using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>
/// Says whether a live object holds everything a desired one asks for. Members the server or others added do not count, except where a list
/// is one value (the rules of a Role), so a second pass over a settled object finds nothing to write (design 5.12).
/// </summary>
internal static class Difference
{
    private static readonly string[] ByName = ["name"];

    // Lists the API server merges by key (Kubernetes API, x-kubernetes-list-map-keys); every other list is one value.
    private static readonly Dictionary<string, string[]> MergeKeys = new(StringComparer.Ordinal)
    {
        ["containers"] = ByName,
        ["initContainers"] = ByName,
        ["volumes"] = ByName,
        ["env"] = ByName,
        ["imagePullSecrets"] = ByName,
        ["secrets"] = ByName,
        ["volumeMounts"] = ["mountPath"],
        ["ports"] = ["containerPort", "port", "protocol"],
        ["ownerReferences"] = ["uid"],
        ["topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
    };

    /// <summary>
    /// The path of the first member of <paramref name="desired"/> that <paramref name="live"/> does not hold, or null when it holds all.
    /// </summary>
    /// <param name="type">The kind; lists of RBAC kinds are compared strictly, for what is too much there is a right too much.</param>
    /// <param name="desired">The fields wanted.</param>
    /// <param name="live">The stored object.</param>
    /// <param name="accepted">
    /// What the server made of the same desired object at our last write, or null: a value it normalised then is no difference now.
    /// </param>
    public static string? First(ResourceType type, JsonObject desired, JsonElement live, JsonElement? accepted)
    {
        bool strict = type == BuiltIn.Role || type == BuiltIn.RoleBinding;
        foreach (KeyValuePair<string, JsonNode?> member in desired)
        {
            // Items of a list come without them, and they can not differ.
            if (member.Key is "apiVersion" or "kind")
                continue;
            if (Member(member.Key, member.Value, live, accepted, strict, member.Key) is { } path)
                return path;
        }

        return null;
    }

    private static string? Member(string name, JsonNode? desired, JsonElement live, JsonElement? accepted, bool strict, string path)
    {
        JsonElement? liveValue = Get(live, name);
        JsonElement? acceptedValue = accepted is { } a ? Get(a, name) : null;
        return Value(name, desired, liveValue, acceptedValue, strict, path);
    }

    private static string? Value(string name, JsonNode? desired, JsonElement? live, JsonElement? accepted, bool strict, string path)
    {
        if (desired is null || desired is JsonArray { Count: 0 })
            return IsEmpty(live) || Same(live, accepted) ? null : path;
        if (live is null)
            return path;
        switch (desired)
        {
            case JsonObject wanted when live is { ValueKind: JsonValueKind.Object } here:
                foreach (KeyValuePair<string, JsonNode?> member in wanted)
                {
                    if (Member(member.Key, member.Value, here, accepted, strict, $"{path}.{member.Key}") is { } inside)
                        return inside;
                }

                return null;
            case JsonArray wanted when live is { ValueKind: JsonValueKind.Array } here:
                return MergeKeys.TryGetValue(name, out string[]? keys)
                    ? Keyed(keys, wanted, here, accepted, strict, path)
                    : Positional(wanted, here, accepted, strict, path);
            default:
                return Same(live, accepted) || Equal(desired, live.Value) || (IsAmount(path) && SameAmount(desired, live.Value)) ? null : path;
        }
    }

    private static string? Keyed(string[] keys, JsonArray desired, JsonElement live, JsonElement? accepted, bool strict, string path)
    {
        foreach (JsonNode? item in desired)
        {
            if (item is not JsonObject wanted)
                return Positional(desired, live, accepted, strict, path);
            string at = $"{path}[{Key(keys, wanted)}]";
            JsonElement? found = Find(keys, wanted, live);
            if (found is null)
                return at;
            JsonElement? before = accepted is { ValueKind: JsonValueKind.Array } list ? Find(keys, wanted, list) : null;
            if (Value("", wanted, found, before, strict, at) is { } inside)
                return inside;
        }

        return null;
    }

    private static string? Positional(JsonArray desired, JsonElement live, JsonElement? accepted, bool strict, string path)
    {
        if (live.GetArrayLength() != desired.Count)
            return path;
        bool sameLength = accepted is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == desired.Count;
        for (int i = 0; i < desired.Count; i++)
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (strict && desired[i] is JsonObject wanted && Surplus(wanted, live[i]) is { } surplus)
                return $"{at}.{surplus}";
            if (Value("", desired[i], live[i], sameLength ? accepted!.Value[i] : null, strict, at) is { } inside)
                return inside;
        }

        return null;
    }

    // A member too much in a rule or subject grants something; one with an empty value is a default.
    private static string? Surplus(JsonObject desired, JsonElement live)
    {
        if (live.ValueKind != JsonValueKind.Object)
            return null;
        foreach (JsonProperty member in live.EnumerateObject())
        {
            if (!desired.ContainsKey(member.Name) && !IsEmpty(member.Value))
                return member.Name;
        }

        return null;
    }

    private static JsonElement? Find(string[] keys, JsonObject wanted, JsonElement list)
    {
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && keys.All(k => wanted[k] is not { } value || (Get(item, k) is { } there && Equal(value, there))))
                return item;
        }

        return null;
    }

    private static string Key(string[] keys, JsonObject item) =>
        string.Join('/', keys.Select(k => item[k]?.ToString()).Where(v => v is not null));

    private static JsonElement? Get(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : null;

    private static bool IsEmpty(JsonElement? value) => value is null || value.Value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.String => value.Value.GetString()!.Length == 0,
        JsonValueKind.Array => value.Value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.Value.EnumerateObject().Any(),
        _ => false,
    };

    private static bool Same(JsonElement? live, JsonElement? accepted) =>
        live is { } l && accepted is { } a && JsonElement.DeepEquals(l, a);

    private static bool Equal(JsonNode desired, JsonElement live)
    {
        using JsonDocument document = JsonDocument.Parse(desired.ToJsonString());
        return JsonElement.DeepEquals(document.RootElement, live);
    }

    // Only where the API server itself reads amounts: an environment variable "1.0" is not "1".
    private static bool IsAmount(string path) =>
        path.Contains(".limits.", StringComparison.Ordinal) || path.Contains(".requests.", StringComparison.Ordinal)
        || path.EndsWith(".sizeLimit", StringComparison.Ordinal);

    private static bool SameAmount(JsonNode desired, JsonElement live)
    {
        using JsonDocument document = JsonDocument.Parse(desired.ToJsonString());
        return Quantity.TryParse(document.RootElement, out decimal a) && Quantity.TryParse(live, out decimal b) && a == b;
    }
}
