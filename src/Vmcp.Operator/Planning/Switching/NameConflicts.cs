using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Switching;

/// <summary>An object with a child's name that is not the server's own; nothing is written over it (operator.md 1.5, design 5.13).</summary>
/// <param name="Message">Names it, its owner and the remedy.</param>
/// <param name="Passing">It belonged to an earlier server of the same name and goes by itself.</param>
internal sealed record NameConflict(string Message, bool Passing)
{
    /// <summary>Type of the condition.</summary>
    public const string Type = "ResourceConflict";

    /// <summary>Its reason.</summary>
    public const string Reason = "NameTaken";

    /// <summary>The condition to show.</summary>
    public PlannedCondition Condition => new(Type, "True", Reason, Message);

    /// <summary>The first conflict among the objects to write, or null.</summary>
    public static NameConflict? Find(ObjectKey server, IEnumerable<DesiredObject> objects, OwnedChildren owned)
    {
        foreach (DesiredObject wanted in objects)
        {
            if (owned.Foreign(wanted.Type, wanted.Name) is not { } live)
                continue;
            OwnerReference? owner = live.Meta.Controller;
            bool earlier = owner is not null && owner.Kind == ToolHive.VirtualMCPServer.Kind && owner.Name == server.Name;
            string whose = owner is null ? "has no controller" : $"belongs to {owner.Kind} {owner.Name}";
            string remedy = earlier
                ? "It is of an earlier VirtualMCPServer of this name and goes by garbage collection."
                : $"Rename this VirtualMCPServer or remove that {wanted.Type.Kind}.";
            return new NameConflict(
                $"{wanted.Type.Kind} {server.Namespace}/{wanted.Name}, which this VirtualMCPServer needs, {whose}. Nothing was written. {remedy}",
                earlier);
        }

        return null;
    }
}
