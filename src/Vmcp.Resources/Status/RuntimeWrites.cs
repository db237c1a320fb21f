using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources.Status;

/// <summary>Writes the runtime's half of a status.</summary>
public static class RuntimeWrites
{
    private static readonly WriteOptions AsRuntime = new() { FieldManager = RuntimeHalf.Manager, Subresource = "status" };

    /// <summary>
    /// Applies a body over what is stored; returns the object as it is then, and how many writes that took: one, and two more where the list must
    /// be emptied first.
    /// </summary>
    /// <exception cref="KubeException">The server failed or refused.</exception>
    public static async Task<(KubeObject Stored, int Writes)> ApplyAsync(ICluster cluster, KubeObject live, JsonObject body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(body);
        int writes = 1;
        // A list whose last items an apply removes becomes null to the API server, which it then refuses as no list.
        if (body["status"]![RuntimeHalf.BackendList] is null && live.At("status", RuntimeHalf.BackendList) is not null)
        {
            await EmptyAsync(cluster, live.Key, cancellationToken).ConfigureAwait(false);
            writes++;
        }

        KubeObject stored = await PatchAsync(cluster, live.Key, new Patch.Apply(body), cancellationToken).ConfigureAwait(false);
        if (!RuntimeHalf.HasStrangers(body, stored))
            return (stored, writes);
        // An apply takes away only what we own: backends that a gateway of before wrote by update would stay for ever.
        await EmptyAsync(cluster, live.Key, cancellationToken).ConfigureAwait(false);
        return (await PatchAsync(cluster, live.Key, new Patch.Apply((JsonObject)body.DeepClone()), cancellationToken).ConfigureAwait(false), writes + 2);
    }

    private static Task<KubeObject> EmptyAsync(ICluster cluster, ObjectKey key, CancellationToken cancellationToken) => PatchAsync(
        cluster, key, new Patch.Merge(new JsonObject { ["status"] = new JsonObject { [RuntimeHalf.BackendList] = null } }), cancellationToken);

    private static Task<KubeObject> PatchAsync(ICluster cluster, ObjectKey key, Patch patch, CancellationToken cancellationToken) =>
        cluster.PatchAsync(ToolHive.VirtualMCPServer, key, patch, AsRuntime, cancellationToken);
}
