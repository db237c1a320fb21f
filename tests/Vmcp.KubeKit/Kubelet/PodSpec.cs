using System.Text.Json;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>What of a Pod the test kubelet runs: its one container.</summary>
internal sealed class PodSpec
{
    public PodSpec(KubeObject pod)
    {
        Pod = pod;
        Spec = pod.At("spec")!.Value;
        JsonElement containers = Spec.GetProperty("containers");
        if (containers.GetArrayLength() != 1)
            throw new NotSupportedException($"pod {pod.Key}: the test kubelet runs one container, not {containers.GetArrayLength()}");
        Container = containers[0];
        if (Container.TryGetProperty("envFrom", out _))
            throw new NotSupportedException($"pod {pod.Key}: the test kubelet knows no envFrom");
    }

    public KubeObject Pod { get; }

    public JsonElement Spec { get; }

    public JsonElement Container { get; }

    public string Image => Container.GetProperty("image").GetString()!;

    public string ContainerName => Container.GetProperty("name").GetString()!;

    public string Account => Text(Spec, "serviceAccountName") ?? "default";

    public TimeSpan Grace => TimeSpan.FromSeconds(Spec.TryGetProperty("terminationGracePeriodSeconds", out JsonElement seconds) ? seconds.GetInt32() : 30);

    public TimeSpan PreStop => TimeSpan.FromSeconds(At(Container, "lifecycle", "preStop", "sleep", "seconds")?.GetInt32() ?? 0);

    public IEnumerable<string> Arguments => Items(Container, "command").Concat(Items(Container, "args")).Select(a => a.GetString()!);

    public IEnumerable<JsonElement> Env => Items(Container, "env");

    public IEnumerable<JsonElement> Volumes => Items(Spec, "volumes");

    public IReadOnlyList<int> Ports => [.. Items(Container, "ports").Select(p => p.GetProperty("containerPort").GetInt32())];

    /// <summary>Where a volume is mounted; null when it is not.</summary>
    public string? MountPath(string volume) =>
        Items(Container, "volumeMounts").Where(m => Text(m, "name") == volume).Select(m => Text(m, "mountPath")).FirstOrDefault();

    /// <summary>All paths at which something is mounted.</summary>
    public IEnumerable<string> MountPaths => Items(Container, "volumeMounts").Select(m => Text(m, "mountPath")!);

    public ProbeSpec? Probe(string name, int speed) =>
        At(Container, name, "httpGet") is { } get ? ProbeSpec.Of(Container.GetProperty(name), PortOf(get.GetProperty("port")), speed) : null;

    public static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    public static IEnumerable<JsonElement> Items(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    public static JsonElement? At(JsonElement value, params ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(step, out value))
                return null;
        }

        return value;
    }

    private int PortOf(JsonElement port) => port.ValueKind == JsonValueKind.Number
        ? port.GetInt32()
        : Items(Container, "ports").Single(p => Text(p, "name") == port.GetString()).GetProperty("containerPort").GetInt32();
}
