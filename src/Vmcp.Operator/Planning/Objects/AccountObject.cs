using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The ServiceAccount of a server's pods.</summary>
internal static class AccountObject
{
    /// <summary>Never mounts a token by itself: the pod says so where the mode needs one.</summary>
    public static DesiredObject Of(ChildInput input)
    {
        JsonObject body = Manifest.Of(input, BuiltIn.ServiceAccount, ChildNames.Account(input.Server.Name));
        body["automountServiceAccountToken"] = false;
        if (!input.PullSecrets.IsEmpty)
            body["imagePullSecrets"] = Manifest.Named(input.PullSecrets);
        return new DesiredObject(BuiltIn.ServiceAccount, body);
    }
}
