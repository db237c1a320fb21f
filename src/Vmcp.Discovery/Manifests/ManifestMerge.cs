using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Backends;

namespace Vmcp.Discovery.Manifests;

/// <summary>What the objects of all files are together. Pure.</summary>
internal sealed class ManifestMerge
{
    private readonly Dictionary<(ResourceType, ObjectKey), Manifest> _objects = [];
    private readonly SortedDictionary<string, string> _problems = new(StringComparer.Ordinal);

    private ManifestMerge()
    {
    }

    /// <summary>The objects, statuses made.</summary>
    public IReadOnlyDictionary<(ResourceType Type, ObjectKey Key), Manifest> Objects => _objects;

    /// <summary>What is wrong between files, by file and object that are left out.</summary>
    public IReadOnlyDictionary<string, string> Problems => _problems;

    /// <summary>Merges files, given in the order of their names. Of two that hold the same object the first has it.</summary>
    public static ManifestMerge Of(IEnumerable<(string Name, IReadOnlyList<Manifest> Manifests)> files)
    {
        ManifestMerge merge = new();
        foreach ((string name, IReadOnlyList<Manifest> manifests) in files)
        {
            if (merge._objects.Count + manifests.Count > ManifestBounds.ObjectsOfDirectory)
            {
                merge._problems[name] = $"{name}: not taken: with it there were more than {ManifestBounds.ObjectsOfDirectory} objects";
                continue;
            }

            foreach (Manifest manifest in manifests)
            {
                if (!merge._objects.TryAdd((manifest.Type, manifest.Key), manifest))
                {
                    merge._problems[$"{name}: {manifest.Title}"] = $"{manifest.Place}: {manifest.Title} is also at "
                        + $"{merge._objects[(manifest.Type, manifest.Key)].Place}, which keeps it; remove one";
                }
            }
        }

        merge.Settle();
        return merge;
    }

    /// <summary>Gives groups and entries the status their controllers would give them; there are none here.</summary>
    private void Settle()
    {
        foreach (Manifest manifest in _objects.Values.ToArray())
        {
            JsonObject? status = manifest.Type == ToolHive.MCPGroup ? new JsonObject { ["phase"] = "Ready" }
                : manifest.Type == ToolHive.MCPServerEntry ? EntryStatus(manifest)
                : null;
            if (status is null)
                continue;
            JsonObject body = manifest.Body.DeepClone().AsObject();
            body["status"] = status;
            _objects[(manifest.Type, manifest.Key)] = manifest with { Body = body };
        }
    }

    // Its credentials, headers and certificates are judged by who reads them (operator 6.5).
    private JsonObject EntryStatus(Manifest manifest)
    {
        MCPServerEntry entry = ResourceReader.Read(KubeObject.From(manifest.Body), ResourcesJson.Default.MCPServerEntry);
        string group = entry.Spec.GroupRef?.Name ?? "";
        string? problem = AddressGuard.Problem(entry.Spec.RemoteUrl, entry.Spec.AllowPrivateEndpoint == true) is { } url ? $"spec.remoteUrl: {url}"
            : group.Length == 0 ? "spec.groupRef.name: required: the MCPGroup the entry is a member of"
            : _objects.ContainsKey((ToolHive.MCPGroup, new ObjectKey(manifest.Key.Namespace, group))) ? null
            : $"spec.groupRef: there is no MCPGroup \"{group}\" in this namespace";
        return new JsonObject
        {
            ["phase"] = problem is null ? "Valid" : "Failed",
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Valid",
                ["status"] = problem is null ? "True" : "False",
                ["reason"] = problem is null ? "ConfigValid" : "ConfigInvalid",
                ["message"] = problem ?? "",
            }),
        };
    }
}
