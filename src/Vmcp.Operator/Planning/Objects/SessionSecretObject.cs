using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The Secret that seals sessions, so that any replica can serve them (design 5.5); its key is made when it is created.</summary>
internal static class SessionSecretObject
{
    public static DesiredObject Of(ChildInput input)
    {
        JsonObject body = Manifest.Of(
            input,
            BuiltIn.Secret,
            ChildNames.SessionSecret(input.Server.Name),
            [
                new("app.kubernetes.io/name", "virtualmcpserver"),
                new("app.kubernetes.io/instance", input.Server.Name),
                new("app.kubernetes.io/component", "session-security"),
                new("app.kubernetes.io/managed-by", "toolhive-operator"),
            ],
            [new(Annotations.Purpose, Annotations.SessionPurpose)]);
        body["type"] = "Opaque";
        return new DesiredObject(BuiltIn.Secret, body, WriteMode.CreateOnce);
    }
}
