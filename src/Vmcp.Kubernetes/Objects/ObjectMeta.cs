using System.Text.Json.Serialization;

namespace Vmcp.Kubernetes.Objects;

/// <summary>The metadata of an object, as far as this project reads it (Kubernetes API conventions, Metadata).</summary>
public sealed record ObjectMeta
{
    // The source generator hands null to every init property the JSON lacks, initializers notwithstanding: each one turns it back.
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>The name, unique within namespace and kind.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The namespace; empty for kinds that have none.</summary>
    public string Namespace { get; init => field = value ?? ""; } = "";

    /// <summary>Unique in time and space; a recreated object has another one. Empty for an object that was never stored.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>The stored version, opaque; compare for equality only. Empty for an object that was never stored.</summary>
    public string ResourceVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Grows with each change of the spec.</summary>
    public long Generation { get; init; }

    /// <summary>When it was stored first.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When its deletion was asked for; null while it is to stay.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Labels; never null.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? None; } = None;

    /// <summary>Annotations; never null.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init => field = value ?? None; } = None;

    /// <summary>Who owns it; never null.</summary>
    public IReadOnlyList<OwnerReference> OwnerReferences { get; init => field = value ?? []; } = [];

    /// <summary>What holds its deletion up; never null.</summary>
    public IReadOnlyList<string> Finalizers { get; init => field = value ?? []; } = [];

    /// <summary>Namespace and name.</summary>
    [JsonIgnore]
    public ObjectKey Key => new(Namespace, Name);

    /// <summary>The owner that manages it, or null.</summary>
    [JsonIgnore]
    public OwnerReference? Controller => OwnerReferences.FirstOrDefault(o => o.Controller == true);
}

/// <summary>One owner of an object; with the last owner the object goes (garbage collection).</summary>
public sealed record OwnerReference
{
    /// <summary>The owner's <c>apiVersion</c>.</summary>
    public string ApiVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The owner's kind.</summary>
    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>The owner's name, in the same namespace.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The owner's uid.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>True for the one owner that manages the object.</summary>
    public bool? Controller { get; init; }

    /// <summary>A foreground deletion of the owner waits for this object.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}
