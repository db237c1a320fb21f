using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Resources;

namespace Vmcp.Discovery.Manifests;

/// <summary>An object as a file holds it, fit to be stored.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Key">Where it is.</param>
/// <param name="Body">The object; not to be changed.</param>
/// <param name="Place">File and line.</param>
internal sealed record Manifest(ResourceType Type, ObjectKey Key, JsonObject Body, string Place)
{
    public string Title => $"{Type.Kind} {Key}";
}

/// <summary>All objects of one file, checked as an API server checks them.</summary>
internal static class ManifestFile
{
    // What kubectl keeps of an object it applied: all of it, with the values of a Secret.
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    // Other operators' word about what runs; every other status is one that we would write ourselves.
    private static readonly ResourceType[] KeepsStatus = [ToolHive.MCPServer, ToolHive.MCPRemoteProxy, ToolHive.EmbeddingServer];

    /// <summary>The objects in the order of the file.</summary>
    /// <param name="bytes">The file's bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="namespace">The namespace of objects that name none.</param>
    /// <param name="passedOver">Told the kind of each object that is not of ours.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ManifestException">Something of the file cannot be used, so nothing of it should.</exception>
    public static async Task<ImmutableArray<Manifest>> ReadAsync(
        byte[] bytes, string name, string @namespace, Action<string> passedOver, CancellationToken cancellationToken)
    {
        IReadOnlyList<YamlDocument> documents = ManifestFiles.Documents(bytes, name);
        IReadOnlyList<ManifestObject> objects = ManifestObject.Of(documents, @namespace, passedOver);
        if (objects.Count > ManifestBounds.ObjectsOfFile)
            throw new ManifestException($"{name} has {objects.Count} objects; a file has at most {ManifestBounds.ObjectsOfFile}");
        Dictionary<(ResourceType, ObjectKey), string> seen = [];
        // Takes each object once, as the cluster we fill will take it, and gives it back in the form it is stored in.
        InMemoryCluster trial = ManifestCluster.Create(TimeProvider.System);
        ImmutableArray<Manifest>.Builder manifests = ImmutableArray.CreateBuilder<Manifest>(objects.Count);
        foreach (ManifestObject item in objects)
        {
            Tidy(item);
            ObjectKey key = item.ToKubeObject().Key;
            if (!seen.TryAdd((item.Type, key), item.Place))
                throw new ManifestException($"{item.Place}: {item.Type.Kind} {key} is there twice; the other is at {seen[(item.Type, key)]}");
            JsonObject body = await TryAsync(trial, item, cancellationToken).ConfigureAwait(false);
            manifests.Add(new Manifest(item.Type, key, body, item.Place));
        }

        return manifests.MoveToImmutable();
    }

    /// <summary>Keeps what people write; a server's own fields, as an exported object carries them, would hinder or outlive it here.</summary>
    private static void Tidy(ManifestObject item)
    {
        JsonObject body = item.Body, meta = body["metadata"]!.AsObject();
        body["apiVersion"] = item.Type.ApiVersion;
        foreach (string field in meta.Select(m => m.Key).Where(k => k is not ("name" or "namespace" or "labels" or "annotations")).ToArray())
            meta.Remove(field);
        if (meta["annotations"] is JsonObject annotations)
            annotations.Remove(LastApplied);
        if (!KeepsStatus.Contains(item.Type))
            body.Remove("status");
        if (item.Type == BuiltIn.Secret)
            CheckSecret(item);
    }

    private static void CheckSecret(ManifestObject item)
    {
        foreach (string member in (string[])["data", "stringData"])
        {
            JsonNode? node = item.Body[member];
            if (node is null)
                continue;
            if (node is not JsonObject map)
                throw new ManifestException($"{item.Place}: Secret \"{item.Name}\": {member} is no map");
            foreach ((string key, JsonNode? value) in map)
            {
                // An empty value is written as null by some tools.
                if (value is null)
                    continue;
                if (value is not JsonValue text || !text.TryGetValue(out string? written))
                    throw new ManifestException($"{item.Place}: Secret \"{item.Name}\": {member}[{key}] is no text; put it in quotes");
                if (member == "data" && !IsBase64(written))
                    throw new ManifestException($"{item.Place}: Secret \"{item.Name}\": data[{key}] is not base64; stringData takes plain text");
            }
        }
    }

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[(text.Length / 4 * 3) + 3], out _);

    private static async Task<JsonObject> TryAsync(InMemoryCluster trial, ManifestObject item, CancellationToken cancellationToken)
    {
        try
        {
            KubeObject stored = await trial.CreateAsync(item.Type, item.Body, WriteOptions.Default, cancellationToken).ConfigureAwait(false);
            ResourceForms.Check(item.Type, stored);
            JsonObject body = stored.ToJsonObject();
            JsonObject meta = body["metadata"]!.AsObject();
            foreach (string field in (string[])["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"])
                meta.Remove(field);
            return body;
        }
        catch (Exception e) when (e is KubeException or ResourceFormException or InvalidOperationException)
        {
            throw new ManifestException($"{item.Place}: {e.Message}", e);
        }
    }
}
