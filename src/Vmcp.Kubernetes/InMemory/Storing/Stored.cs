using System.Text.Json.Nodes;
using Vmcp.Kubernetes.InMemory.Apply;
using Vmcp.Kubernetes.InMemory.Rules;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Storing;

/// <summary>One stored version of an object, in the forms the server gives it away. Never changes.</summary>
internal sealed class Stored(KubeObject item, Owners owners, long version)
{
    private KubeObject? _bare;
    private KubeObject? _metadata;

    public KubeObject Object => item;

    public Owners Owners => owners;

    public long Version => version;

    /// <summary>As an item of a list.</summary>
    public KubeObject ListItem(KindRules rules, bool metadataOnly)
    {
        if (metadataOnly)
            return MetadataOnly;
        if (!rules.BareListItems)
            return item;
        if (_bare is null)
        {
            JsonObject body = item.ToJsonObject();
            body.Remove("apiVersion");
            body.Remove("kind");
            _bare = KubeObject.From(body);
        }

        return _bare;
    }

    /// <summary>As <c>PartialObjectMetadata</c>.</summary>
    public KubeObject MetadataOnly => _metadata ??= KubeObject.From(new JsonObject
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item.ToJsonObject()["metadata"]?.DeepClone(),
    });

    public KubeObject In(bool metadataOnly) => metadataOnly ? MetadataOnly : item;

    /// <summary>The same object at a later version: how a deletion is told.</summary>
    public Stored At(long later)
    {
        JsonObject body = item.ToJsonObject();
        body["metadata"]!["resourceVersion"] = VersionText.Of(later);
        return new Stored(KubeObject.From(body), owners, later);
    }
}
