using System.Collections.Frozen;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Status;

/// <summary>Says why a pod does not start. The texts stay the same while the trouble does, so that they cause no writes.</summary>
internal static class PodTrouble
{
    /// <summary>
    /// From the second restart on, a container that is not ready is taken to crash also between two back-offs; otherwise the phase would
    /// swing with each attempt.
    /// </summary>
    private const int RestartsThatTell = 2;

    private static readonly FrozenSet<string> Bad = FrozenSet.Create(
        StringComparer.Ordinal,
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "StartError",
        "PostStartHookError");

    /// <summary>Those whose message names the object at fault and does not count seconds.</summary>
    private static readonly FrozenSet<string> Telling = FrozenSet.Create(
        StringComparer.Ordinal, "CreateContainerConfigError", "CreateContainerError", "InvalidImageName", "RunContainerError");

    public static string? Of(KubeObject pod)
    {
        if (PodFacts.Text(pod.At("status", "phase")) == "Failed")
        {
            string reason = PodFacts.Text(pod.At("status", "reason"));
            return $"pod {pod.Meta.Name} failed{(reason.Length > 0 ? $" ({reason})" : "")}";
        }

        foreach (string list in (ReadOnlySpan<string>)["initContainerStatuses", "containerStatuses"])
        {
            if (pod.At("status", list) is not { ValueKind: JsonValueKind.Array } statuses)
                continue;
            foreach (JsonElement status in statuses.EnumerateArray())
            {
                if (OfContainer(status) is { } trouble)
                    return $"pod {pod.Meta.Name}: {trouble}";
            }
        }

        return null;
    }

    private static string? OfContainer(JsonElement status)
    {
        string name = PodFacts.Text(status, "name");
        string waiting = PodFacts.Text(At(status, "state", "waiting", "reason"));
        if (waiting is "ErrImagePull" or "ImagePullBackOff")
            return $"container {name} cannot pull image {PodFacts.Text(status, "image")}";
        if (waiting != "CrashLoopBackOff" && Bad.Contains(waiting))
        {
            string message = Telling.Contains(waiting) ? PodFacts.Text(At(status, "state", "waiting", "message")) : "";
            return $"container {name} is in {waiting}{(message.Length > 0 ? $": {message}" : "")}";
        }

        bool ready = At(status, "ready") is { ValueKind: JsonValueKind.True };
        int restarts = At(status, "restartCount") is { ValueKind: JsonValueKind.Number } count && count.TryGetInt32(out int n) ? n : 0;
        return waiting == "CrashLoopBackOff" || (!ready && restarts >= RestartsThatTell) ? $"container {name} crashes again and again{Last(status)}" : null;
    }

    private static string Last(JsonElement status)
    {
        JsonElement? last = At(status, "lastState", "terminated") ?? At(status, "state", "terminated");
        if (last is not { } ended)
            return " (CrashLoopBackOff)";
        string reason = PodFacts.Text(ended, "reason");
        string exit = At(ended, "exitCode") is { ValueKind: JsonValueKind.Number } code ? $", exit code {code.GetRawText()}" : "";
        return $" (CrashLoopBackOff; last end: {(reason.Length > 0 ? reason : "unknown")}{exit})";
    }

    private static JsonElement? At(JsonElement value, params ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(step, out value))
                return null;
        }

        return value;
    }
}
