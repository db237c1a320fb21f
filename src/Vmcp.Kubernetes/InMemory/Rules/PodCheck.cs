using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Rules;

/// <summary>The checks of a pod's containers a planner is most likely to fail (k8s.io validation of PodSpec).</summary>
internal static class PodCheck
{
    /// <summary>What is wrong with a pod spec, or null.</summary>
    public static string? Problem(JsonObject? spec, string path)
    {
        if (spec?["containers"] is not JsonArray { Count: > 0 } containers)
            return $"{path}.containers: Required value";
        HashSet<string> volumes = [.. (spec["volumes"] as JsonArray ?? []).Select(v => Text(v, "name"))];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach ((JsonNode? container, string at) in Indexed(spec["initContainers"], $"{path}.initContainers").Concat(Indexed(containers, $"{path}.containers")))
        {
            string name = Text(container, "name");
            if (name.Length == 0)
                return $"{at}.name: Required value";
            if (!names.Add(name))
                return $"{at}.name: Duplicate value: \"{name}\"";
            if (Text(container, "image").Length == 0)
                return $"{at}.image: Required value";
            if ((Mounts(container, at, volumes) ?? Variables(container, at)) is { } problem)
                return problem;
        }

        return null;
    }

    private static string? Mounts(JsonNode? container, string at, HashSet<string> volumes)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach ((JsonNode? mount, string here) in Indexed(container?["volumeMounts"], $"{at}.volumeMounts"))
        {
            if (!volumes.Contains(Text(mount, "name")))
                return $"{here}.name: Not found: \"{Text(mount, "name")}\"";
            if (Text(mount, "mountPath").Length == 0)
                return $"{here}.mountPath: Required value";
            if (!paths.Add(Text(mount, "mountPath")))
                return $"{here}.mountPath: Invalid value: \"{Text(mount, "mountPath")}\": must be unique";
        }

        return null;
    }

    private static string? Variables(JsonNode? container, string at)
    {
        foreach ((JsonNode? variable, string here) in Indexed(container?["env"], $"{at}.env"))
        {
            if (Text(variable, "name").Length == 0)
                return $"{here}.name: Required value";
            if (Text(variable, "value").Length > 0 && variable!["valueFrom"] is not null)
                return $"{here}.valueFrom: Invalid value: may not be specified when `value` is not empty";
        }

        return null;
    }

    private static IEnumerable<(JsonNode? Item, string At)> Indexed(JsonNode? list, string path) =>
        (list as JsonArray ?? []).Select((item, i) => (item, $"{path}[{i}]"));

    private static string Text(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
