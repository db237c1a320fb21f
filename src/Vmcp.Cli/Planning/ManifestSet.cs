using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Planning;
using Vmcp.Resources;

namespace Vmcp.Cli.Planning;

/// <summary>The objects of manifests by kind, namespace and name. Of Secrets only the names of keys are kept.</summary>
internal sealed class ManifestSet
{
    private const string NoUid = "00000000-0000-0000-0000-000000000000";

    private readonly Dictionary<(string Kind, ObjectKey Key), (KubeObject Object, string Place)> _objects = [];
    private readonly Dictionary<ObjectKey, SecretFacts> _secrets = [];
    private readonly Dictionary<ObjectKey, ConfigMapFacts> _configMaps = [];

    private ManifestSet()
    {
    }

    /// <summary>Takes all objects of kinds a plan looks at; others are passed over.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="namespace">The namespace of objects that name none.</param>
    /// <exception cref="ManifestException">A document is no object, or one is there twice.</exception>
    public static ManifestSet Of(IEnumerable<YamlDocument> documents, string @namespace)
    {
        ManifestSet set = new();
        foreach (ManifestObject item in ManifestObject.Of(documents, @namespace))
            set.Add(item);
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

    private void Add(ManifestObject item)
    {
        KubeObject read = Complete(item);
        string kind = item.Type.Kind;
        if (!_objects.TryAdd((kind, read.Key), (read, item.Place)))
            throw new ManifestException($"{item.Place}: {kind} {read.Key} is there twice; the other is at {_objects[(kind, read.Key)].Place}");
        if (kind == BuiltIn.Secret.Kind)
            _secrets[read.Key] = new SecretFacts([.. Keys(item.Body, "data"), .. Keys(item.Body, "stringData")], "offline");
        else if (kind == BuiltIn.ConfigMap.Kind)
            _configMaps[read.Key] = Facts(read);
    }

    private static KubeObject Complete(ManifestObject item)
    {
        JsonObject complete = item.Body.DeepClone().AsObject();
        JsonObject meta = complete["metadata"]!.AsObject();
        // The API server gives these; owner references and statuses carry them.
        if (Text(meta, "uid").Length == 0)
            meta["uid"] = NoUid;
        if (meta["generation"] is null)
            meta["generation"] = 1;
        if (item.Type.Kind == BuiltIn.Secret.Kind)
        {
            complete.Remove("data");
            complete.Remove("stringData");
            // kubectl apply keeps a copy of the whole object here.
            meta.Remove("annotations");
        }

        return (item with { Body = complete }).ToKubeObject();
    }

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
