using System.Text.Json.Serialization;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources;

/// <summary>An object of the API group <c>toolhive.stacklok.dev</c>, read into types.</summary>
/// <typeparam name="TSpec">What the user wants.</typeparam>
/// <typeparam name="TStatus">What is.</typeparam>
// The JSON source generator hands null to every init property the JSON lacks, initializers notwithstanding; `value ?? field` keeps them.
public abstract record Resource<TSpec, TStatus>
    where TSpec : class, new()
    where TStatus : class, new()
{
    /// <summary>Names the kind, which the items of a list do not carry.</summary>
    protected Resource(ResourceType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Kind = type.Kind;
    }

    /// <summary>The schema version of the object.</summary>
    [JsonPropertyOrder(-4)]
    public string ApiVersion { get; init => field = value ?? field; } = ToolHive.ApiVersion;

    /// <summary>The kind of the object.</summary>
    [JsonPropertyOrder(-3)]
    public string Kind { get; init => field = value ?? field; }

    /// <summary>Name, namespace, labels and the like.</summary>
    [JsonPropertyOrder(-2)]
    public ObjectMeta Metadata { get; init => field = value ?? field; } = new();

    /// <summary>What the user wants.</summary>
    public TSpec Spec { get; init => field = value ?? field; } = new();

    /// <summary>What is.</summary>
    public TStatus Status { get; init => field = value ?? field; } = new();

    /// <summary>Namespace and name.</summary>
    [JsonIgnore]
    public ObjectKey Key => Metadata.Key;
}
