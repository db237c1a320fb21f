using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Switching;

/// <summary>The live children, told apart by whether they are the server's own.</summary>
/// <param name="live">What exists.</param>
/// <param name="uid">The server's uid.</param>
internal sealed class OwnedChildren(LiveState live, string uid)
{
    /// <summary>The server's own child, or null when there is none or it is somebody else's.</summary>
    public KubeObject? Find(ResourceType type, string name) =>
        live.Children.TryGetValue(new ChildRef(type, name), out KubeObject? child) && child.Meta.Controller?.Uid == uid ? child : null;

    /// <summary>What has a child's name and is not the server's own, or null.</summary>
    public KubeObject? Foreign(ResourceType type, string name) =>
        live.Children.TryGetValue(new ChildRef(type, name), out KubeObject? child) && child.Meta.Controller?.Uid != uid ? child : null;
}
