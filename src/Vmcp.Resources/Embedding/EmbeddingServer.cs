using System.Text.Json;
using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>A model server for the tool search. This operator reads it and leaves running it to the one that owns it.</summary>
[CustomResource("embeddingservers", "emb", "embedding")]
[PrinterColumn("Status", ".status.phase")]
[PrinterColumn("Model", ".spec.model")]
[PrinterColumn("Ready", ".status.readyReplicas", Type = "integer")]
[PrinterColumn("URL", ".status.url")]
[PrinterColumn("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record EmbeddingServer() : Resource<EmbeddingServerSpec, EmbeddingServerStatus>(ToolHive.EmbeddingServer);

/// <summary>What the model server should be.</summary>
// Another operator owns the kind and may know more fields than we do; none of them may be lost.
[PreserveUnknownFields]
public sealed record EmbeddingServerSpec
{
    /// <summary>The model, as HuggingFace names it.</summary>
    [Default("BAAI/bge-small-en-v1.5")]
    public string? Model { get; init; }

    /// <summary>Image of the text embeddings inference server.</summary>
    [Default("ghcr.io/huggingface/text-embeddings-inference:cpu-latest")]
    public string? Image { get; init; }

    /// <summary>When the image is pulled.</summary>
    [Default("IfNotPresent"), OneOf("Always", "Never", "IfNotPresent")]
    public string? ImagePullPolicy { get; init; }

    /// <summary>Port of the Service.</summary>
    [Default(8080), Bounds(Min = 1, Max = 65535)]
    public int? Port { get; init; }

    /// <summary>Number of pods.</summary>
    [Default(1), Bounds(Min = 1)]
    public int? Replicas { get; init; }

    /// <summary>The HuggingFace token.</summary>
    public SecretKeyRef? HfTokenSecretRef { get; init; }

    /// <summary>Arguments of the server.</summary>
    [ListAtomic]
    public IReadOnlyList<string> Args { get; init => field = value ?? field; } = [];

    /// <summary>Variables of the container.</summary>
    [ListMap("name")]
    public IReadOnlyList<EnvVarSpec> Env { get; init => field = value ?? field; } = [];

    /// <summary>Resources of the container.</summary>
    public ContainerResourcesSpec? Resources { get; init; }

    /// <summary>A volume that keeps the model.</summary>
    public ModelCacheSpec? ModelCache { get; init; }

    /// <summary>A strategic merge patch on the pod template; the container is named embedding.</summary>
    [PreserveUnknownFields]
    public JsonElement? PodTemplateSpec { get; init; }

    /// <summary>Labels and annotations for what is made for the server.</summary>
    public EmbeddingResourceOverridesSpec? ResourceOverrides { get; init; }
}

/// <summary>A variable with a fixed value.</summary>
public sealed record EnvVarSpec
{
    /// <summary>The variable.</summary>
    [Required]
    public string Name { get; init => field = value ?? field; } = "";

    /// <summary>Its value.</summary>
    [Required]
    public string Value { get; init => field = value ?? field; } = "";
}

/// <summary>Resources of a container.</summary>
public sealed record ContainerResourcesSpec
{
    /// <summary>The most it gets.</summary>
    public ResourceAmountsSpec? Limits { get; init; }

    /// <summary>What is set aside for it.</summary>
    public ResourceAmountsSpec? Requests { get; init; }
}

/// <summary>Amounts of CPU and memory.</summary>
public sealed record ResourceAmountsSpec
{
    /// <summary>CPU: 500m.</summary>
    public string? Cpu { get; init; }

    /// <summary>Memory: 512Mi.</summary>
    public string? Memory { get; init; }
}

/// <summary>A volume that keeps the model.</summary>
public sealed record ModelCacheSpec
{
    /// <summary>Whether there is one.</summary>
    [Default(true)]
    public bool? Enabled { get; init; }

    /// <summary>Its size.</summary>
    [Default("10Gi")]
    public string? Size { get; init; }

    /// <summary>How many nodes may use it.</summary>
    [Default("ReadWriteOnce"), OneOf("ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany")]
    public string? AccessMode { get; init; }

    /// <summary>Its storage class; the cluster's default when unset.</summary>
    public string? StorageClassName { get; init; }
}

/// <summary>Labels and annotations for what is made for an EmbeddingServer.</summary>
public sealed record EmbeddingResourceOverridesSpec
{
    /// <summary>For the StatefulSet.</summary>
    public StatefulSetOverridesSpec? StatefulSet { get; init; }

    /// <summary>For the Service.</summary>
    public MetadataOverridesSpec? Service { get; init; }

    /// <summary>For the PersistentVolumeClaim.</summary>
    public MetadataOverridesSpec? PersistentVolumeClaim { get; init; }
}

/// <summary>Labels and annotations for an object.</summary>
public sealed record MetadataOverridesSpec
{
    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? field; } = new Dictionary<string, string>();
}

/// <summary>Labels and annotations for a StatefulSet and its pods.</summary>
public sealed record StatefulSetOverridesSpec
{
    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? field; } = new Dictionary<string, string>();

    /// <summary>For the pods.</summary>
    public MetadataOverridesSpec? PodTemplateMetadataOverrides { get; init; }
}

/// <summary>What the model server is.</summary>
[PreserveUnknownFields]
public sealed record EmbeddingServerStatus
{
    /// <summary>Aspects of the state.</summary>
    [ListMap("type")]
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? field; } = [];

    /// <summary>The generation of the spec this status is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The state in one word.</summary>
    [OneOf("Pending", "Downloading", "Ready", "Failed", "Terminating")]
    public string? Phase { get; init; }

    /// <summary>Why the phase is what it is.</summary>
    public string? Message { get; init; }

    /// <summary>The server's address in the cluster.</summary>
    public string? Url { get; init; }

    /// <summary>Pods that are ready.</summary>
    public int? ReadyReplicas { get; init; }
}
