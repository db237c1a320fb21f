using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Polling;

/// <summary>A ready pod that can be asked.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Which one of that name.</param>
/// <param name="Address">Its address.</param>
public sealed record PodTarget(string Name, string Uid, string Address)
{
    /// <summary>The ready pods among those given, sorted by name. Pure.</summary>
    public static ImmutableArray<PodTarget> Ready(IEnumerable<KubeObject> pods) =>
        [.. pods.Where(IsReady).Select(Of).OfType<PodTarget>().OrderBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>Whether a pod takes traffic: its Ready condition is True and it is not on its way out.</summary>
    public static bool IsReady(KubeObject pod)
    {
        if (pod.Meta.DeletionTimestamp is not null || pod.At("status", "conditions") is not { ValueKind: JsonValueKind.Array } conditions)
            return false;
        return conditions.EnumerateArray().Any(c => Is(c, "type", "Ready") && Is(c, "status", "True"));
    }

    private static PodTarget? Of(KubeObject pod) =>
        pod.At("status", "podIP") is { ValueKind: JsonValueKind.String } ip && IPAddress.TryParse(ip.GetString(), out IPAddress? address)
            ? new PodTarget(pod.Meta.Name, pod.Meta.Uid, address.ToString())
            : null;

    private static bool Is(JsonElement condition, string name, string value) =>
        condition.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String && text.ValueEquals(value);
}

/// <summary>Where a pod's status endpoint is. In a cluster <see cref="StatusAddresses.InCluster"/>; tests put another in.</summary>
/// <param name="pod">The pod.</param>
public delegate Uri StatusAddress(PodTarget pod);

/// <summary>Where status endpoints are.</summary>
public static class StatusAddresses
{
    /// <summary><c>http://podIP:4483/status</c>: the port every gateway container serves (operator.md 2.5).</summary>
    public static Uri InCluster(PodTarget pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return new UriBuilder(Uri.UriSchemeHttp, pod.Address, 4483, "/status").Uri;
    }
}
