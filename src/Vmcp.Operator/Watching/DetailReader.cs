using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Watching;

/// <summary>
/// Reads the content of objects that are watched by metadata only, when somebody refers to them and only when their version changed. Of
/// Secrets it keeps the names of keys and a fingerprint, never a value. Bounded.
/// </summary>
/// <param name="cluster">The API server.</param>
/// <param name="view">Knows the versions.</param>
public sealed class DetailReader(ICluster cluster, ClusterView view)
{
    // 300 servers with 8 children and 20 references each; beyond that everything is read anew once.
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<(ResourceType Type, ObjectKey Key), (string SeenAs, KubeObject? Object)> _children = new();
    private readonly ConcurrentDictionary<ObjectKey, (string SeenAs, SecretFacts? Facts)> _secrets = new();
    private readonly ConcurrentDictionary<ObjectKey, (string SeenAs, ConfigMapFacts? Facts)> _configMaps = new();

    /// <summary>A child with its content; a Secret comes without its values. Null when there is none.</summary>
    public async Task<KubeObject?> ChildAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken)
    {
        if (view.Find(type, key) is not { } seen)
            return null;
        if (type == BuiltIn.Secret)
            return MetadataOnly(seen.Meta);
        if (_children.TryGetValue((type, key), out (string SeenAs, KubeObject? Object) known)
            && (known.SeenAs == seen.Fingerprint || (known.Object is { } kept && Fingerprints.Version(kept) == seen.Fingerprint)))
        {
            return known.Object;
        }

        KubeObject? read = await cluster.GetAsync(type, key, cancellationToken).ConfigureAwait(false);
        Bound(_children)[(type, key)] = (seen.Fingerprint, read);
        return read;
    }

    /// <summary>What may be known of a Secret; null when there is none.</summary>
    public async Task<SecretFacts?> SecretAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (view.Find(BuiltIn.Secret, key) is not { } seen)
            return null;
        if (_secrets.TryGetValue(key, out (string SeenAs, SecretFacts? Facts) known) && known.SeenAs == seen.Fingerprint)
            return known.Facts;
        KubeObject? read = await cluster.GetAsync(BuiltIn.Secret, key, cancellationToken).ConfigureAwait(false);
        SecretFacts? facts = read is null ? null : Facts(read);
        Bound(_secrets)[key] = (seen.Fingerprint, facts);
        return facts;
    }

    /// <summary>What a ConfigMap says; null when there is none.</summary>
    public async Task<ConfigMapFacts?> ConfigMapAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (view.Find(BuiltIn.ConfigMap, key) is not { } seen)
            return null;
        if (_configMaps.TryGetValue(key, out (string SeenAs, ConfigMapFacts? Facts) known) && known.SeenAs == seen.Fingerprint)
            return known.Facts;
        KubeObject? read = await cluster.GetAsync(BuiltIn.ConfigMap, key, cancellationToken).ConfigureAwait(false);
        ConfigMapFacts? facts = read is null ? null : MapFacts(read);
        Bound(_configMaps)[key] = (seen.Fingerprint, facts);
        return facts;
    }

    // From uid and version alone: a fingerprint of the content would tell something of it.
    private static SecretFacts Facts(KubeObject secret) => new(
        secret.At("data") is { ValueKind: JsonValueKind.Object } data
            ? data.EnumerateObject().Select(m => m.Name).ToImmutableSortedSet(StringComparer.Ordinal)
            : ImmutableSortedSet.Create<string>(StringComparer.Ordinal),
        Hash($"{secret.Meta.Uid}/{secret.Meta.ResourceVersion}"));

    private static ConfigMapFacts MapFacts(KubeObject map)
    {
        ImmutableSortedDictionary<string, string>.Builder data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        StringBuilder all = new();
        foreach (string member in new[] { "data", "binaryData" })
        {
            if (map.At(member) is not { ValueKind: JsonValueKind.Object } entries)
                continue;
            foreach (JsonProperty entry in entries.EnumerateObject().OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                string value = entry.Value.GetString() ?? "";
                all.Append(member).Append('\0').Append(entry.Name).Append('\0').Append(value).Append('\0');
                if (member == "data")
                    data[entry.Name] = value;
            }
        }

        return new ConfigMapFacts(data.ToImmutable(), Hash(all.ToString()));
    }

    private static KubeObject MetadataOnly(ObjectMeta meta)
    {
        JsonArray owners = [];
        foreach (OwnerReference owner in meta.OwnerReferences)
        {
            owners.Add((JsonNode)new JsonObject
            {
                ["apiVersion"] = owner.ApiVersion,
                ["kind"] = owner.Kind,
                ["name"] = owner.Name,
                ["uid"] = owner.Uid,
                ["controller"] = owner.Controller ?? false,
            });
        }

        JsonObject metadata = new()
        {
            ["name"] = meta.Name,
            ["namespace"] = meta.Namespace,
            ["uid"] = meta.Uid,
            ["resourceVersion"] = meta.ResourceVersion,
            ["ownerReferences"] = owners,
        };
        return KubeObject.From(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = metadata });
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));

    private static ConcurrentDictionary<TKey, TValue> Bound<TKey, TValue>(ConcurrentDictionary<TKey, TValue> cache)
        where TKey : notnull
    {
        if (cache.Count >= Capacity)
            cache.Clear();
        return cache;
    }
}
