using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Rules;

/// <summary>What becomes of a body on its way into the store; pure.</summary>
internal static class NextVersion
{
    private static readonly string[] ServerFields =
        ["uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields"];

    private static readonly string[] MetaContainers = ["labels", "annotations", "finalizers", "ownerReferences"];

    private static readonly string[] DataContainers = ["data", "binaryData"];

    /// <summary>A copy as the server reads it: no nulls, its kind named, the key it was sent to, no empty labels and the like.</summary>
    public static JsonObject Read(ResourceType type, ObjectKey key, JsonObject body)
    {
        JsonObject copy = WithoutNulls(body);
        copy["apiVersion"] ??= type.ApiVersion;
        copy["kind"] ??= type.Kind;
        if (copy["metadata"] is not JsonObject meta)
            copy["metadata"] = meta = [];
        if (key.Name.Length > 0)
            meta["name"] = key.Name;
        if (type.Namespaced && key.Namespace.Length > 0)
            meta["namespace"] = key.Namespace;
        if (type.Kind == "Secret")
            TakeStringData(copy);
        DropEmpty(type, copy);
        return copy;
    }

    /// <summary>Leaves out empty labels and the like, as the server's types do.</summary>
    public static void DropEmpty(ResourceType type, JsonObject body)
    {
        Drop(body["metadata"]!.AsObject(), MetaContainers);
        if (type is { Group: "", Kind: "ConfigMap" or "Secret" })
            Drop(body, DataContainers);
        if (type.Kind is "Deployment" or "Pod")
            DropEmptyLists(body);

        static void Drop(JsonObject from, string[] names)
        {
            foreach (string name in names)
            {
                if (from[name] is JsonObject { Count: 0 } or JsonArray { Count: 0 })
                    from.Remove(name);
            }
        }
    }

    private static void DropEmptyLists(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach ((string name, JsonNode? value) in map.ToArray())
                {
                    if (value is JsonArray { Count: 0 })
                        map.Remove(name);
                    else
                        DropEmptyLists(value);
                }

                break;
            case JsonArray list:
                foreach (JsonNode? item in list)
                    DropEmptyLists(item);
                break;
        }
    }

    /// <summary>Makes a new object of a body.</summary>
    public static void Begin(KindRules rules, JsonObject body, DateTimeOffset now)
    {
        JsonObject meta = body["metadata"]!.AsObject();
        foreach (string field in ServerFields)
            meta.Remove(field);
        if (rules.Status)
            body.Remove("status");
        meta["uid"] = Guid.NewGuid().ToString();
        meta["creationTimestamp"] = Timestamp(now);
        if (rules.Generation)
            meta["generation"] = 1;
    }

    /// <summary>What a write to the object, or to its status, changes of the stored one.</summary>
    public static JsonObject Half(KindRules rules, JsonObject before, JsonObject written, string? subresource)
    {
        JsonObject next;
        if (subresource == "status")
        {
            next = before.DeepClone().AsObject();
            Take(written, next, "status");
            return next;
        }

        next = written;
        if (rules.Status)
            Take(before, next, "status");
        foreach (string field in ServerFields)
            Take(before["metadata"]!.AsObject(), next["metadata"]!.AsObject(), field);
        return next;
    }

    /// <summary>Leaves in an applied body only the half its endpoint writes.</summary>
    public static void KeepHalf(KindRules rules, JsonObject wanted, string? subresource)
    {
        if (subresource is null)
        {
            if (rules.Status)
                wanted.Remove("status");
            return;
        }

        foreach (string name in wanted.Select(m => m.Key).Where(m => m != subresource).ToArray())
            wanted.Remove(name);
    }

    /// <summary>Counts a change of the spec.</summary>
    public static void CountGeneration(KindRules rules, JsonObject before, JsonObject next)
    {
        if (!rules.Generation)
            return;
        IEnumerable<string> members = before.Select(m => m.Key).Union(next.Select(m => m.Key))
            .Where(m => m is not ("apiVersion" or "kind" or "metadata") && !(m == "status" && rules.Status));
        bool changed = members.Any(m => !JsonNode.DeepEquals(before[m], next[m]))
            || (rules.GenerationCountsAnnotations && !JsonNode.DeepEquals(before["metadata"]!["annotations"], next["metadata"]!["annotations"]));
        if (changed)
            Increment(next);
    }

    /// <summary>Marks an object that waits for its finalizers.</summary>
    public static void MarkDeleted(KindRules rules, JsonObject body, DateTimeOffset now)
    {
        body["metadata"]!["deletionTimestamp"] = Timestamp(now);
        body["metadata"]!["deletionGracePeriodSeconds"] = 0;
        if (rules.Generation)
            Increment(body);
    }

    /// <summary>Whether two versions differ in nothing but their managedFields.</summary>
    public static bool Same(JsonObject before, JsonObject next)
    {
        before["metadata"]!.AsObject().Remove("managedFields");
        next["metadata"]!.AsObject().Remove("managedFields");
        return JsonNode.DeepEquals(before, next);
    }

    private static string Timestamp(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static void Increment(JsonObject body)
    {
        JsonNode meta = body["metadata"]!;
        meta["generation"] = (meta["generation"]?.GetValue<long>() ?? 0) + 1;
    }

    private static void Take(JsonObject from, JsonObject to, string name)
    {
        if (from[name] is { } value)
            to[name] = value.DeepClone();
        else
            to.Remove(name);
    }

    private static void TakeStringData(JsonObject secret)
    {
        secret["type"] ??= "Opaque";
        if (secret["stringData"] is not JsonObject texts)
            return;
        secret.Remove("stringData");
        if (secret["data"] is not JsonObject data)
            secret["data"] = data = [];
        foreach ((string name, JsonNode? text) in texts)
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text?.GetValue<string>() ?? ""));
    }

    private static JsonObject WithoutNulls(JsonObject body)
    {
        var copy = new JsonObject();
        foreach ((string name, JsonNode? value) in body)
        {
            if (value is not null)
                copy[name] = WithoutNulls(value);
        }

        return copy;
    }

    private static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject map => WithoutNulls(map),
        JsonArray list => new JsonArray([.. list.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };
}
