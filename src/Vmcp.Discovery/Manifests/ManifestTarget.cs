using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Manifests;

/// <summary>What of a directory a gateway serves.</summary>
/// <param name="Namespace">The namespace of the group.</param>
/// <param name="Group">The group.</param>
/// <param name="Server">The VirtualMCPServer of that group, whose <c>outgoingAuth</c> counts; null when there is none.</param>
public sealed record ManifestTarget(string Namespace, string Group, string? Server)
{
    private const int NamesShown = 10;

    /// <summary>Chooses, or says why it cannot.</summary>
    /// <param name="directory">The directory, loaded.</param>
    /// <param name="defaultNamespace">The namespace of objects that name none.</param>
    /// <param name="namespace">The only namespace to look in; null for all.</param>
    /// <param name="group">The group; null for the only one there is. A named one need not be there yet.</param>
    /// <param name="server">The VirtualMCPServer to take where a group has several; null for none in particular.</param>
    /// <exception cref="ManifestException">There is none, or there are several.</exception>
    public static ManifestTarget Choose(ManifestDirectory directory, string defaultNamespace, string? @namespace, string? group, string? server)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ObjectKey[] groups =
        [
            .. directory.ObjectsOf(ToolHive.MCPGroup).Select(g => g.Key)
                .Where(g => (@namespace is null || g.Namespace == @namespace) && (group is null || g.Name == group)),
        ];
        ObjectKey chosen = groups switch
        {
            [var only] => only,
            [] when group is not null => new ObjectKey(@namespace ?? defaultNamespace, group),
            [] => throw new ManifestException("the manifests have no MCPGroup; add one, or say with --group which one is to come"),
            _ when group is not null => throw new ManifestException(
                $"MCPGroup \"{group}\" is in several namespaces: {Names(groups.Select(g => g.Namespace))}; choose one with --namespace"),
            _ => throw new ManifestException($"the manifests have {groups.Length} MCPGroups: {Names(groups.Select(g => g.ToString()))}; choose one with --group"),
        };
        return new ManifestTarget(chosen.Namespace, chosen.Name, ServerOf(directory, chosen, server));
    }

    private static string? ServerOf(ManifestDirectory directory, ObjectKey group, string? server)
    {
        string[] servers =
        [
            .. directory.ObjectsOf(ToolHive.VirtualMCPServer)
                .Where(s => s.Key.Namespace == group.Namespace && s.At("spec", "groupRef", "name") is { } name && name.ValueEquals(group.Name))
                .Select(s => s.Key.Name),
        ];
        return servers switch
        {
            [] => null,
            [var only] => only,
            _ when server is not null && servers.Contains(server) => server,
            _ => throw new ManifestException(
                $"MCPGroup \"{group}\" has {servers.Length} VirtualMCPServers: {Names(servers)}; leave one, or name one as name in a file given with --config"),
        };
    }

    private static string Names(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(NamesShown)) + (all.Length > NamesShown ? $" and {all.Length - NamesShown} more" : "");
    }
}
