using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.InMemory.Patching;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>The target with the patch in it; neither is changed.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        JsonObject result = target.DeepClone().AsObject();
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is null)
                result.Remove(name);
            else if (value is JsonObject inner)
                result[name] = Apply(result[name] as JsonObject ?? [], inner);
            else
                result[name] = value.DeepClone();
        }

        return result;
    }
}
