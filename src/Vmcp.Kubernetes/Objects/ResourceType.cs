namespace Vmcp.Kubernetes.Objects;

/// <summary>A kind of object the API server serves, as its URLs name it. Every kind this project uses is namespaced.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version spoken: <c>v1</c>.</param>
/// <param name="Plural">The lower-case plural of the URL: <c>deployments</c>.</param>
/// <param name="Kind">The kind: <c>Deployment</c>.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind)
{
    /// <summary>False for kinds that live outside of namespaces.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>The <c>apiVersion</c> of an object: <c>apps/v1</c>, or <c>v1</c> in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As messages name it: <c>Deployment</c>.</summary>
    public override string ToString() => Kind;
}

/// <summary>Where an object is.</summary>
/// <param name="Namespace">The namespace; empty for kinds that have none.</param>
/// <param name="Name">The object's name.</param>
public readonly record struct ObjectKey(string Namespace, string Name) : IComparable<ObjectKey>
{
    /// <summary>Ordinal, by namespace, then name.</summary>
    public int CompareTo(ObjectKey other)
    {
        int byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes first or is the same.</summary>
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> comes last.</summary>
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> comes last or is the same.</summary>
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;

    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}

/// <summary>The built-in kinds this project reads or writes.</summary>
public static class BuiltIn
{
    /// <summary><c>v1 ConfigMap</c>.</summary>
    public static ResourceType ConfigMap { get; } = new("", "v1", "configmaps", "ConfigMap");

    /// <summary><c>v1 Namespace</c>.</summary>
    public static ResourceType Namespace { get; } = new("", "v1", "namespaces", "Namespace") { Namespaced = false };

    /// <summary><c>v1 Pod</c>.</summary>
    public static ResourceType Pod { get; } = new("", "v1", "pods", "Pod");

    /// <summary><c>v1 Secret</c>.</summary>
    public static ResourceType Secret { get; } = new("", "v1", "secrets", "Secret");

    /// <summary><c>v1 Service</c>.</summary>
    public static ResourceType Service { get; } = new("", "v1", "services", "Service");

    /// <summary><c>v1 ServiceAccount</c>.</summary>
    public static ResourceType ServiceAccount { get; } = new("", "v1", "serviceaccounts", "ServiceAccount");

    /// <summary><c>apps/v1 Deployment</c>.</summary>
    public static ResourceType Deployment { get; } = new("apps", "v1", "deployments", "Deployment");

    /// <summary><c>coordination.k8s.io/v1 Lease</c>.</summary>
    public static ResourceType Lease { get; } = new("coordination.k8s.io", "v1", "leases", "Lease");

    /// <summary><c>events.k8s.io/v1 Event</c>.</summary>
    public static ResourceType Event { get; } = new("events.k8s.io", "v1", "events", "Event");

    /// <summary><c>policy/v1 PodDisruptionBudget</c>.</summary>
    public static ResourceType PodDisruptionBudget { get; } = new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");

    /// <summary><c>rbac.authorization.k8s.io/v1 Role</c>.</summary>
    public static ResourceType Role { get; } = new("rbac.authorization.k8s.io", "v1", "roles", "Role");

    /// <summary><c>rbac.authorization.k8s.io/v1 RoleBinding</c>.</summary>
    public static ResourceType RoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding");

    /// <summary><c>apiextensions.k8s.io/v1 CustomResourceDefinition</c>.</summary>
    public static ResourceType CustomResourceDefinition { get; } =
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition") { Namespaced = false };
}
