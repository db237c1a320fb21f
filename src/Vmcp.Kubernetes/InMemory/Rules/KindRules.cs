using Vmcp.Kubernetes.InMemory.Apply;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Rules;

/// <summary>What differs between kinds in how the API server stores them.</summary>
internal sealed record KindRules
{
    /// <summary>Has the subresource <c>status</c>; then the main endpoint leaves <c>status</c> alone and the subresource leaves all else alone.</summary>
    public bool Status { get; init; }

    /// <summary><c>metadata.generation</c> counts changes of what is neither metadata nor status.</summary>
    public bool Generation { get; init; }

    /// <summary>A change of annotations counts as one of the spec; so it is for Deployments.</summary>
    public bool GenerationCountsAnnotations { get; init; }

    /// <summary>A replacement must name the resource version it replaces.</summary>
    public bool ReplaceNeedsVersion { get; init; }

    /// <summary>The server leaves apiVersion and kind out of the items of a list, as it does for kinds it has types for.</summary>
    public bool BareListItems { get; init; } = true;

    /// <summary>A schema refuses null where the server's own types read it as nothing; so it is for custom kinds.</summary>
    public bool NullsAreRefused => !BareListItems;

    /// <summary>Fields that never change once set, as paths of names.</summary>
    public IReadOnlyList<string[]> Immutable { get; init; } = [];

    /// <summary>How an apply merges.</summary>
    public required MergeRules Merge { get; init; }

    /// <summary>The rules of a built-in kind; a kind not known here is a custom one.</summary>
    public static KindRules For(ResourceType type)
    {
        MergeRules merge = MergeRules.For(type);
        return type.Kind switch
        {
            "Deployment" => new()
            {
                Merge = merge,
                Status = true,
                Generation = true,
                GenerationCountsAnnotations = true,
                Immutable = [["spec", "selector"]],
            },
            "PodDisruptionBudget" => new() { Merge = merge, Status = true, Generation = true, ReplaceNeedsVersion = true },
            "Pod" => new() { Merge = merge, Status = true, Generation = true },
            "Service" or "Namespace" => new() { Merge = merge, Status = true },
            "Secret" => new() { Merge = merge, Immutable = [["type"]] },
            "Lease" => new() { Merge = merge, ReplaceNeedsVersion = true },
            "RoleBinding" => new() { Merge = merge, Immutable = [["roleRef"]] },
            "ConfigMap" or "ServiceAccount" or "Event" or "Role" or "ClusterRole" or "ClusterRoleBinding" => new() { Merge = merge },
            "CustomResourceDefinition" => new() { Merge = merge, Status = true, Generation = true },
            _ => Custom(merge, status: true),
        };
    }

    /// <summary>The rules of a custom kind.</summary>
    public static KindRules Custom(MergeRules merge, bool status) => new()
    {
        Merge = merge,
        Status = status,
        Generation = true,
        ReplaceNeedsVersion = true,
        BareListItems = false,
    };
}
