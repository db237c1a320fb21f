using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Document;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>
/// The ConfigMap with the cluster's public keys, for a pod that may not ask for them itself. The gateway follows the mounted file, so the pod
/// template does not depend on its content. One that is not needed any more stays until its server goes: old keys that everybody may see are no
/// reason for a right to delete ConfigMaps.
/// </summary>
internal static class OidcKeysObject
{
    /// <summary>The object; null when the pod mounts no keys.</summary>
    public static DesiredObject? Of(ChildInput input)
    {
        if (input.Document.OidcKeys is not { } keys)
            return null;
        var body = Manifest.Of(input, BuiltIn.ConfigMap, ChildNames.OidcKeys(input.Server.Name));
        body["data"] = ChildNames.Map([new(ClusterAccounts.KeysFile, keys)]);
        return new DesiredObject(BuiltIn.ConfigMap, body);
    }
}
