using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Vmcp.Kubernetes.Objects;

/// <summary>An object as the API server gave it: its metadata read, the rest as immutable JSON. Safe to share between threads.</summary>
public sealed class KubeObject
{
    private KubeObject(JsonElement body, ObjectMeta meta)
    {
        Body = body;
        Meta = meta;
    }

    /// <summary>The whole object.</summary>
    public JsonElement Body { get; }

    /// <summary>Its <c>metadata</c>.</summary>
    public ObjectMeta Meta { get; }

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key => Meta.Key;

    /// <summary>Its <c>apiVersion</c>; empty when the server left it out, as it does for the items of a list.</summary>
    public string ApiVersion => Text("apiVersion");

    /// <summary>Its <c>kind</c>; empty when the server left it out, as it does for the items of a list.</summary>
    public string Kind => Text("kind");

    /// <summary>Takes a JSON object; the element must not belong to a document that is disposed (see <see cref="JsonElement.Clone"/>).</summary>
    /// <exception cref="JsonException">The element is no object with a well-formed <c>metadata</c>.</exception>
    public static KubeObject From(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("metadata", out JsonElement metadata))
            throw new JsonException("not a Kubernetes object: it has no metadata");
        return new KubeObject(body, metadata.Deserialize(KubeJson.Default.ObjectMeta) ?? new ObjectMeta());
    }

    /// <summary>Takes a copy of a JSON tree.</summary>
    /// <exception cref="JsonException">The tree is no object with a well-formed <c>metadata</c>.</exception>
    public static KubeObject From(JsonNode body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Parse(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
    }

    /// <summary>Reads UTF-8 JSON.</summary>
    /// <exception cref="JsonException">The text is no JSON object with a well-formed <c>metadata</c>.</exception>
    public static KubeObject Parse(ReadOnlyMemory<byte> utf8)
    {
        using JsonDocument document = JsonDocument.Parse(utf8);
        return From(document.RootElement.Clone());
    }

    /// <summary>The value at a path of member names, or null when a step of it is missing: <c>At("spec", "replicas")</c>.</summary>
    public JsonElement? At(params ReadOnlySpan<string> path)
    {
        JsonElement here = Body;
        foreach (string step in path)
        {
            if (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(step, out here))
                return null;
        }

        return here;
    }

    /// <summary>A copy to change.</summary>
    public JsonObject ToJsonObject() => JsonObject.Create(Body.Clone())!;

    /// <summary>The object as one of our types.</summary>
    /// <exception cref="JsonException">The object does not have the type's form.</exception>
    public T As<T>(JsonTypeInfo<T> type) =>
        Body.Deserialize(type) ?? throw new JsonException($"{Key} is null");

    private string Text(string name) =>
        Body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
