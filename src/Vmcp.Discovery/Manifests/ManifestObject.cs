using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;

namespace Vmcp.Discovery.Manifests;

/// <summary>An object of a manifest, of a kind we know, with name and namespace.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Body">The object as written, its namespace filled in; the caller's to change.</param>
/// <param name="Place">File and line, and where in a list.</param>
public sealed record ManifestObject(ResourceType Type, JsonObject Body, string Place)
{
    private const int MaxListDepth = 4;

    // Members that hold whatever somebody writes; a null there may mean something.
    private static readonly string[] FreeForm = ["config", "podTemplateSpec", "arguments", "parameters", "defaultResults", "schema"];

    /// <summary>Its name.</summary>
    public string Name => Text(Body["metadata"]!.AsObject(), "name");

    /// <summary>The objects of documents, lists opened.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="namespace">The namespace of objects that name none.</param>
    /// <param name="passedOver">Told the kind of each object that is not of ours; null when nobody wants to know.</param>
    /// <exception cref="ManifestException">A document is no object.</exception>
    public static IReadOnlyList<ManifestObject> Of(IEnumerable<YamlDocument> documents, string @namespace, Action<string>? passedOver = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        List<ManifestObject> objects = [];
        foreach (YamlDocument document in documents)
            Add(document.Body, $"{document.FileName}:{document.Line}", MaxListDepth);
        return objects;

        void Add(JsonObject body, string place, int depth)
        {
            string kind = Text(body, "kind"), apiVersion = Text(body, "apiVersion");
            if (kind.Length == 0 || apiVersion.Length == 0)
                throw new ManifestException($"{place}: not a Kubernetes object: {(kind.Length == 0 ? "kind" : "apiVersion")} is missing");
            if (kind.EndsWith("List", StringComparison.Ordinal) && body["items"] is JsonArray items)
            {
                if (depth == 0)
                    throw new ManifestException($"{place}: lists are nested deeper than {MaxListDepth} levels");
                for (int i = 0; i < items.Count; i++)
                    Add(items[i] as JsonObject ?? throw new ManifestException($"{place}: items[{i}] is no object"), $"{place}: items[{i}]", depth - 1);
            }
            else if (TypeOf(kind, apiVersion) is { } type)
            {
                objects.Add(new ManifestObject(type, Complete(body, kind, place, @namespace), place));
            }
            else
            {
                passedOver?.Invoke(kind);
            }
        }
    }

    /// <summary>The object as the API server would hand it out.</summary>
    /// <exception cref="ManifestException">Its metadata has not the form it must have.</exception>
    public KubeObject ToKubeObject()
    {
        try
        {
            return KubeObject.From(Body);
        }
        catch (JsonException e)
        {
            throw new ManifestException($"{Place}: {Type.Kind} \"{Name}\": metadata has not the form it must have ({e.Path ?? "metadata"})", e);
        }
    }

    private static ResourceType? TypeOf(string kind, string apiVersion) => apiVersion switch
    {
        ToolHive.ApiVersion or $"{ToolHive.Group}/{ToolHive.DeprecatedVersion}" => ToolHive.All.FirstOrDefault(t => t.Kind == kind),
        "v1" when kind == BuiltIn.Secret.Kind => BuiltIn.Secret,
        "v1" when kind == BuiltIn.ConfigMap.Kind => BuiltIn.ConfigMap,
        _ => null,
    };

    private static JsonObject Complete(JsonObject body, string kind, string place, string @namespace)
    {
        if (body["metadata"] is not JsonObject metadata || Text(metadata, "name") is not { Length: > 0 } name)
            throw new ManifestException($"{place}: {kind}: metadata.name is missing");
        if (FirstNull(body["spec"], "spec") is { } empty)
            throw new ManifestException($"{place}: {kind} \"{name}\": {empty} is null, which the API server refuses; give it a value or leave it out");
        JsonObject complete = body.DeepClone().AsObject();
        if (Text(metadata, "namespace").Length == 0)
            complete["metadata"]!["namespace"] = @namespace;
        return complete;
    }

    private static string? FirstNull(JsonNode? node, string path) => node switch
    {
        JsonObject map => map.Where(m => !FreeForm.Contains(m.Key))
            .Select(m => m.Value is null ? $"{path}.{m.Key}" : FirstNull(m.Value, $"{path}.{m.Key}"))
            .FirstOrDefault(found => found is not null),
        JsonArray list => list.Select((item, i) => item is null ? $"{path}[{i}]" : FirstNull(item, $"{path}[{i}]")).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static string Text(JsonObject map, string key) =>
        map[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
}
