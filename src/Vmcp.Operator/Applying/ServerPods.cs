using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>How the pods of a server are found (operator.md 2, the label set L(N)).</summary>
internal static class ServerPods
{
    /// <summary>Every gateway pod has it.</summary>
    public const string AppSelector = "app=virtualmcpserver";

    /// <summary>Carries the server's name.</summary>
    public const string NameLabel = "app.kubernetes.io/instance";

    /// <summary>The pods of one server.</summary>
    public static ListOptions Of(ObjectKey server) =>
        new() { Namespace = server.Namespace, LabelSelector = $"{AppSelector},{NameLabel}={server.Name}" };
}
