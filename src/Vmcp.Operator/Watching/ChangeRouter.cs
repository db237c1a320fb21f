using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Resources;

namespace Vmcp.Operator.Watching;

/// <summary>Says which VirtualMCPServers a change concerns, and no others.</summary>
/// <param name="index">Who looks at what.</param>
public sealed class ChangeRouter(DependencyIndex index)
{
    /// <summary>The servers to reconcile; empty for a change nobody has to know of.</summary>
    public IReadOnlySet<ObjectKey> Concerned(ResourceType type, Change<Seen> change)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(change);
        HashSet<ObjectKey> servers = [];
        if (change.Old is not null && change.New is not null && change.Old.Fingerprint == change.New.Fingerprint)
            return servers;
        if (type == ToolHive.VirtualMCPServer)
        {
            servers.Add(change.Key);
            return servers;
        }

        servers.UnionWith(index.UsersOf(type, change.Key));
        foreach (Seen seen in new[] { change.Old, change.New }.OfType<Seen>())
        {
            // A member that moves concerns the group it leaves as well as the one it joins.
            if (seen.Group is { Length: > 0 } group)
                servers.UnionWith(index.UsersOf(ToolHive.MCPGroup, new ObjectKey(change.Key.Namespace, group)));
            if (seen.Meta.Controller is { } owner && owner.Kind == ToolHive.VirtualMCPServer.Kind)
                servers.Add(new ObjectKey(change.Key.Namespace, owner.Name));
            if (type == BuiltIn.Pod && seen.Meta.Labels.TryGetValue(ServerPods.NameLabel, out string? server))
                servers.Add(new ObjectKey(change.Key.Namespace, server));
        }

        return servers;
    }
}
