using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources;

/// <summary>
/// Writes records as objects for the API server: what nobody set is left out, so that an empty list does not meet a schema's minItems and a
/// server-side apply owns only what was meant.
/// </summary>
public static class ResourceWriter
{
    private static readonly JsonSerializerOptions Options = new(ResourcesJson.Default.Options)
    {
        TypeInfoResolver = ResourcesJson.Default.WithAddedModifier(LeaveOutTheUnset),
    };

    /// <summary>The record as an object of the API, <c>apiVersion</c> and <c>kind</c> first.</summary>
    /// <param name="resource">A record of one of the kinds in <see cref="ToolHive"/>.</param>
    public static JsonObject Write<T>(T resource)
        where T : class
    {
        JsonObject written = JsonSerializer.SerializeToNode(resource, (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T)))!.AsObject();
        if (written["status"] is JsonObject { Count: 0 })
            written.Remove("status");
        return written;
    }

    private static void LeaveOutTheUnset(JsonTypeInfo type)
    {
        bool metadata = type.Type == typeof(ObjectMeta);
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
                property.ShouldSerialize = static (_, value) => value is IEnumerable items && items.Cast<object?>().Any();
            else if (metadata)
                property.ShouldSerialize = static (_, value) => value is not (null or "" or 0L);
        }
    }
}
