using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>The VirtualMCPServer whose children are written.</summary>
/// <param name="Key">Where it is.</param>
/// <param name="Uid">Which one of that name; a recreated server has another.</param>
public readonly record struct ServerRef(ObjectKey Key, string Uid)
{
    /// <summary>Whether the object is controlled by this very server (operator.md 1.5: never write what is somebody else's).</summary>
    public bool Owns(KubeObject child) => child.Meta.Controller?.Uid == Uid;
}
