using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Reconciling;

/// <summary>An object of one of the small kinds, as a queue knows it.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Key">Where it is.</param>
public readonly record struct SmallObject(ResourceType Type, ObjectKey Key)
{
    /// <summary><c>MCPGroup namespace/name</c>.</summary>
    public override string ToString() => $"{Type.Kind} {Key}";
}
