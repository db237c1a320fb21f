using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.SmallControllers;
using Vmcp.Operator.Watching;
using Vmcp.Resources;

namespace Vmcp.Operator.Reconciling;

/// <summary>Says which objects of the small kinds a change concerns.</summary>
/// <param name="view">The picture of the cluster.</param>
public sealed class SmallRouter(ClusterView view)
{
    /// <summary>The objects to look at again; empty for a change nobody has to know of.</summary>
    public IReadOnlySet<SmallObject> Concerned(ResourceType type, Change<Seen> change)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(change);
        HashSet<SmallObject> objects = [];
        if (change.Old is not null && change.New is not null && change.Old.Fingerprint == change.New.Fingerprint)
            return objects;
        if (SmallPlans.Kinds.Contains(type))
            objects.Add(new SmallObject(type, change.Key));
        Groups(change, objects);
        Referred(change, objects);
        if (type == ToolHive.MCPGroup || type == ToolHive.MCPExternalAuthConfig || type == BuiltIn.Secret || type == BuiltIn.ConfigMap)
            Entries(type, change.Key, objects);
        return objects;
    }

    // Only membership is in a group's status: a member that stays one concerns nobody.
    private static void Groups(Change<Seen> change, HashSet<SmallObject> objects)
    {
        if (change.Old?.Group == change.New?.Group)
            return;
        foreach (string group in new[] { change.Old?.Group, change.New?.Group }.OfType<string>().Where(g => g.Length > 0))
            objects.Add(new SmallObject(ToolHive.MCPGroup, new ObjectKey(change.Key.Namespace, group)));
    }

    // Only whether somebody refers to it concerns a config: what came and what went.
    private static void Referred(Change<Seen> change, HashSet<SmallObject> objects)
    {
        HashSet<Referrer> differing = [.. change.Old?.References ?? []];
        differing.SymmetricExceptWith(change.New?.References ?? []);
        foreach (Referrer reference in differing)
        {
            if (SmallPlans.Kinds.FirstOrDefault(k => k.Kind == reference.Kind) is { } kind && kind != ToolHive.MCPGroup)
                objects.Add(new SmallObject(kind, new ObjectKey(change.Key.Namespace, reference.Name)));
        }
    }

    private void Entries(ResourceType type, ObjectKey key, HashSet<SmallObject> objects)
    {
        Referrer wanted = new(type.Kind, key.Name);
        foreach (Seen entry in view.List(ToolHive.MCPServerEntry, key.Namespace).Where(e => e.References.Contains(wanted)))
            objects.Add(new SmallObject(ToolHive.MCPServerEntry, entry.Meta.Key));
    }
}
