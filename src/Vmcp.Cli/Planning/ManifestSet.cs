using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Planning;
using Vmcp.Resources;

namespace Vmcp.Cli.Planning;

/// <summary>The objects of manifests by kind, namespace and name. Of Secrets only the names of keys are kept.</summary>
internal sealed class ManifestSet
{
    private const string NoUid = "00000000-0000-0000-0000-000000000000";
    private const int MaxListDepth = 4;

    // Members that hold whatever somebody writes; a null there may mean something.
    private static readonly string[] FreeForm = ["config", "podTemplateSpec", "arguments", "parameters", "defaultResults", "schema"];

    private readonly string _namespace;
    private readonly Dictionary<(string Kind, ObjectKey Key), (KubeObject Object, string Place)> _objects = [];
    private readonly Dictionary<ObjectKey, SecretFacts> _secrets = [];
    private readonly Dictionary<ObjectKey, ConfigMapFacts> _configMaps = [];

    private ManifestSet(string @namespace) => _namespace = @namespace;

    /// <summary>Takes all objects of kinds a plan looks at; others are passed over.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="namespace">The namespace of objects that name none.</param>
    /// <exception cref="ManifestException">A document is no object, or one is there twice.</exception>
    public static ManifestSet Of(IEnumerable<YamlDocument> documents, string @namespace)
    {
        ManifestSet set = new(@namespace);
        foreach (YamlDocument document in documents)
            set.Add(document.Body, $"{document.FileName}:{document.Line}", MaxListDepth);
        return set;
    }

    /// <summary>The namespaces there are objects in, sorted.</summary>
    public IEnumerable<string> Namespaces => _objects.Keys.Select(k => k.Key.Namespace).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The objects of a kind in a namespace, sorted by name.</summary>
    public IEnumerable<KubeObject> Objects(ResourceType type, string @namespace) => _objects
        .Where(o => o.Key.Kind == type.Kind && o.Key.Key.Namespace == @namespace)
        .OrderBy(o => o.Key.Key)
        .Select(o => o.Value.Object);

    /// <summary>The records of a kind in a namespace, sorted by name.</summary>
    /// <exception cref="ManifestException">An object does not have the form of its kind.</exception>
    public ImmutableArray<T> Records<T>(ResourceType type, string @namespace, JsonTypeInfo<T> json)
        where T : class => [.. Objects(type, @namespace).Select(o => Record(type, o, json))];

    /// <summary>An object as its record, with trouble placed in its file.</summary>
    /// <exception cref="ManifestException">The object does not have the form of its kind.</exception>
    public T Record<T>(ResourceType type, KubeObject item, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return ResourceReader.Read(item, json);
        }
        catch (ResourceFormException e)
        {
            throw new ManifestException($"{_objects[(type.Kind, item.Key)].Place}: {e.Message}");
        }
    }

    /// <summary>The Secrets of a namespace.</summary>
    public ImmutableSortedDictionary<string, SecretFacts> Secrets(string @namespace) => InNamespace(_secrets, @namespace);

    /// <summary>The ConfigMaps of a namespace.</summary>
    public ImmutableSortedDictionary<string, ConfigMapFacts> ConfigMaps(string @namespace) => InNamespace(_configMaps, @namespace);

    private static ImmutableSortedDictionary<string, T> InNamespace<T>(Dictionary<ObjectKey, T> all, string @namespace) =>
        all.Where(e => e.Key.Namespace == @namespace).ToImmutableSortedDictionary(e => e.Key.Name, e => e.Value, StringComparer.Ordinal);

    private void Add(JsonObject body, string place, int depth)
    {
        string kind = Text(body, "kind"), apiVersion = Text(body, "apiVersion");
        if (kind.Length == 0 || apiVersion.Length == 0)
            throw new ManifestException($"{place}: not a Kubernetes object: {(kind.Length == 0 ? "kind" : "apiVersion")} is missing");
        if (kind.EndsWith("List", StringComparison.Ordinal) && body["items"] is JsonArray items)
        {
            if (depth == 0)
                throw new ManifestException($"{place}: lists are nested deeper than {MaxListDepth} levels");
            for (int i = 0; i < items.Count; i++)
            {
                if (items[i] is not JsonObject item)
                    throw new ManifestException($"{place}: items[{i}] is no object");
                Add(item, $"{place}: items[{i}]", depth - 1);
            }

            return;
        }

        if (!IsWanted(kind, apiVersion))
            return;
        KubeObject read = Complete(body, kind, place);
        if (!_objects.TryAdd((kind, read.Key), (read, place)))
            throw new ManifestException($"{place}: {kind} {read.Key} is there twice; the other is at {_objects[(kind, read.Key)].Place}");
        if (kind == BuiltIn.Secret.Kind)
            _secrets[read.Key] = new SecretFacts([.. Keys(body, "data"), .. Keys(body, "stringData")], "offline");
        else if (kind == BuiltIn.ConfigMap.Kind)
            _configMaps[read.Key] = Facts(read);
    }

    private static bool IsWanted(string kind, string apiVersion) =>
        apiVersion is ToolHive.ApiVersion or $"{ToolHive.Group}/{ToolHive.DeprecatedVersion}"
            ? ToolHive.All.Any(t => t.Kind == kind)
            : apiVersion == "v1" && (kind == BuiltIn.Secret.Kind || kind == BuiltIn.ConfigMap.Kind);

    private KubeObject Complete(JsonObject body, string kind, string place)
    {
        if (body["metadata"] is not JsonObject metadata || Text(metadata, "name").Length == 0)
            throw new ManifestException($"{place}: {kind}: metadata.name is missing");
        if (FirstNull(body["spec"], "spec") is { } empty)
            throw new ManifestException($"{place}: {kind} \"{Text(metadata, "name")}\": {empty} is null, which the API server refuses; give it a value or leave it out");
        JsonObject complete = body.DeepClone().AsObject();
        JsonObject meta = complete["metadata"]!.AsObject();
        if (Text(metadata, "namespace").Length == 0)
            meta["namespace"] = _namespace;
        // The API server gives these; owner references and statuses carry them.
        if (Text(metadata, "uid").Length == 0)
            meta["uid"] = NoUid;
        if (metadata["generation"] is null)
            meta["generation"] = 1;
        if (kind == BuiltIn.Secret.Kind)
        {
            complete.Remove("data");
            complete.Remove("stringData");
            // kubectl apply keeps a copy of the whole object here.
            meta.Remove("annotations");
        }

        try
        {
            return KubeObject.From(complete);
        }
        catch (JsonException e)
        {
            throw new ManifestException($"{place}: {kind} \"{Text(metadata, "name")}\": metadata has not the form it must have ({e.Path ?? "metadata"})");
        }
    }

    private static string? FirstNull(JsonNode? node, string path) => node switch
    {
        JsonObject map => map.Where(m => !FreeForm.Contains(m.Key))
            .Select(m => m.Value is null ? $"{path}.{m.Key}" : FirstNull(m.Value, $"{path}.{m.Key}"))
            .FirstOrDefault(found => found is not null),
        JsonArray list => list.Select((item, i) => item is null ? $"{path}[{i}]" : FirstNull(item, $"{path}[{i}]")).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static ConfigMapFacts Facts(KubeObject map)
    {
        ImmutableSortedDictionary<string, string>.Builder data = Names.Map<string>().ToBuilder();
        if (map.At("data") is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (JsonProperty member in members.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String))
                data[member.Name] = member.Value.GetString()!;
        }

        StringBuilder text = new();
        foreach ((string key, string value) in data)
            text.Append(key.Length).Append(':').Append(key).Append(value.Length).Append(':').Append(value);
        return new ConfigMapFacts(data.ToImmutable(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16)));
    }

    private static IEnumerable<string> Keys(JsonObject body, string member) => body[member] is JsonObject data ? data.Select(d => d.Key) : [];

    private static string Text(JsonObject map, string key) =>
        map[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
}
