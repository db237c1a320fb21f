using System.Text.Json;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>Why a write replaces pods, in words a metric can count.</summary>
internal static class Rollouts
{
    /// <summary>
    /// <c>created</c>, <c>config</c> (the configuration changed), <c>image</c>, <c>template</c> (anything else), or null when no pod is replaced.
    /// </summary>
    public static string? Reason(ResourceType type, KubeObject? before, KubeObject after)
    {
        if (type != BuiltIn.Deployment)
            return null;
        if (before is null)
            return "created";
        JsonElement? old = before.At("spec", "template");
        JsonElement? now = after.At("spec", "template");
        if (old is not { } o || now is not { } n || JsonElement.DeepEquals(o, n))
            return null;
        if (Image(before) != Image(after))
            return "image";
        return Annotation(before) != Annotation(after) ? "config" : "template";
    }

    private static string? Annotation(KubeObject deployment) =>
        deployment.At("spec", "template", "metadata", "annotations", Annotations.ConfigChecksum)?.GetString();

    private static string? Image(KubeObject deployment)
    {
        if (deployment.At("spec", "template", "spec", "containers") is not { ValueKind: JsonValueKind.Array } containers || containers.GetArrayLength() == 0)
            return null;
        return containers[0].TryGetProperty("image", out JsonElement image) ? image.GetString() : null;
    }
}
