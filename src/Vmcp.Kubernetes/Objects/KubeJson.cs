using System.Text.Json.Serialization;

namespace Vmcp.Kubernetes.Objects;

/// <summary>How this room's own types are read and written: camelCase, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ObjectMeta))]
internal sealed partial class KubeJson : JsonSerializerContext;
