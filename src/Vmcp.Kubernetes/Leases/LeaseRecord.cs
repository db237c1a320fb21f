using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Leases;

/// <summary>The spec of a Lease (coordination.k8s.io/v1). Times stay text: they are compared, never computed with, for clocks differ.</summary>
internal sealed record LeaseRecord(string Holder, int DurationSeconds, string Acquired, string Renewed, int Transitions)
{
    public static LeaseRecord Of(KubeObject lease) => new(
        Text(lease, "holderIdentity"), Number(lease, "leaseDurationSeconds"), Text(lease, "acquireTime"), Text(lease, "renewTime"),
        Number(lease, "leaseTransitions"));

    /// <summary>What our own writing changes; other members of the spec stay.</summary>
    public void WriteTo(JsonObject lease)
    {
        JsonObject spec = lease["spec"] as JsonObject ?? [];
        spec["holderIdentity"] = Holder;
        spec["leaseDurationSeconds"] = DurationSeconds;
        spec["acquireTime"] = Acquired;
        spec["renewTime"] = Renewed;
        spec["leaseTransitions"] = Transitions;
        lease["spec"] = spec;
    }

    private static string Text(KubeObject lease, string name) =>
        lease.At("spec", name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    private static int Number(KubeObject lease, string name) =>
        lease.At("spec", name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) ? number : 0;
}
