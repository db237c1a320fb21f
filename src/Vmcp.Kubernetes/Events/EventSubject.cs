using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Events;

/// <summary>What an event is about.</summary>
/// <param name="ApiVersion">The object's <c>apiVersion</c>.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Key">Where it is.</param>
/// <param name="Uid">Its uid.</param>
public sealed record EventSubject(string ApiVersion, string Kind, ObjectKey Key, string Uid)
{
    /// <summary>An object of a kind, by its metadata.</summary>
    public static EventSubject Of(ResourceType type, ObjectMeta meta)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(meta);
        return new EventSubject(type.ApiVersion, type.Kind, meta.Key, meta.Uid);
    }

    /// <summary><c>VirtualMCPServer team-a/tools</c>.</summary>
    public override string ToString() => $"{Kind} {Key}";

    internal JsonObject ToJson() => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = Kind,
        ["namespace"] = Key.Namespace,
        ["name"] = Key.Name,
        ["uid"] = Uid,
    };
}

/// <summary>Whether an event is good or bad news.</summary>
public enum EventLevel
{
    /// <summary>All is as it should be.</summary>
    Normal,

    /// <summary>Somebody should look.</summary>
    Warning,
}
