using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;

namespace Vmcp.Operator.Watching;

/// <summary>One kind the operator watches, and what it keeps of it.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Selection">Which objects, and how much of them; the namespace is filled in.</param>
/// <param name="Convert">What is kept.</param>
internal sealed record WatchedKind(ResourceType Type, Selection Selection, Func<KubeObject, Seen> Convert)
{
    /// <summary>The kinds that refer to configuration kinds.</summary>
    public static ImmutableArray<ResourceType> Referring { get; } = [ToolHive.VirtualMCPServer, ToolHive.MCPServer, ToolHive.MCPRemoteProxy, ToolHive.MCPServerEntry];

    /// <summary>Our own kinds, whole.</summary>
    public static ImmutableArray<WatchedKind> Resources { get; } =
    [
        new(ToolHive.VirtualMCPServer, new Selection(), Server),
        Of(ToolHive.MCPGroup, ResourcesJson.Default.MCPGroup),
        Of(ToolHive.MCPServer, ResourcesJson.Default.MCPServer, r => r.Spec.GroupRef?.Name),
        Of(ToolHive.MCPRemoteProxy, ResourcesJson.Default.MCPRemoteProxy, r => r.Spec.GroupRef?.Name),
        Of(ToolHive.MCPServerEntry, ResourcesJson.Default.MCPServerEntry, r => r.Spec.GroupRef?.Name),
        Of(ToolHive.MCPExternalAuthConfig, ResourcesJson.Default.MCPExternalAuthConfig),
        Of(ToolHive.MCPOIDCConfig, ResourcesJson.Default.MCPOIDCConfig),
        Of(ToolHive.MCPToolConfig, ResourcesJson.Default.MCPToolConfig),
        Of(ToolHive.VirtualMCPCompositeToolDefinition, ResourcesJson.Default.VirtualMCPCompositeToolDefinition),
        Of(ToolHive.MCPTelemetryConfig, ResourcesJson.Default.MCPTelemetryConfig),
        Of(ToolHive.MCPAuthzConfig, ResourcesJson.Default.MCPAuthzConfig),
        Of(ToolHive.EmbeddingServer, ResourcesJson.Default.EmbeddingServer),
    ];

    /// <summary>
    /// Kinds of our children and of what is referred to, by metadata only: that keeps Secrets out of memory and a big cluster small. The
    /// few objects a plan needs are read when their version changed. Not selected by label: a stranger with the name of a child must be seen.
    /// </summary>
    public static ImmutableArray<WatchedKind> Metadata { get; } =
    [
        .. new[]
        {
            BuiltIn.Secret, BuiltIn.ConfigMap, BuiltIn.ServiceAccount, BuiltIn.Role, BuiltIn.RoleBinding, BuiltIn.Service, BuiltIn.Deployment,
            BuiltIn.PodDisruptionBudget,
        }.Select(type => new WatchedKind(type, new Selection { MetadataOnly = true }, item => new Seen(Slim(item.Meta), Fingerprints.Version(item)))),
    ];

    /// <summary>The gateways' pods.</summary>
    public static WatchedKind Pods { get; } = new(
        BuiltIn.Pod,
        new Selection { LabelSelector = ServerPods.AppSelector },
        item => new Seen(Slim(item.Meta), Fingerprints.Pod(item)) { Raw = item });

    /// <summary>Everything.</summary>
    public static ImmutableArray<WatchedKind> All { get; } = [.. Resources, .. Metadata, Pods];

    // One that cannot be read is kept all the same: its status has to say so.
    private static Seen Server(KubeObject item)
    {
        Seen seen = new(item.Meta, Fingerprints.Server(item)) { Raw = item, References = Named(ToolHive.VirtualMCPServer, item) };
        try
        {
            return seen with { Record = ResourceReader.Read(item, ResourcesJson.Default.VirtualMCPServer) };
        }
        catch (ResourceFormException e)
        {
            return seen with { Flaw = e.Message };
        }
    }

    private static WatchedKind Of<T>(ResourceType type, JsonTypeInfo<T> json, Func<T, string?>? group = null)
        where T : class => new(type, new Selection(), item =>
    {
        T record = ResourceReader.Read(item, json);
        // The JSON stays too: status is written against it, and references are read from it.
        return new Seen(item.Meta, Fingerprints.Whole(item)) { Record = record, Raw = item, Group = group?.Invoke(record), References = Named(type, item) };
    });

    private static ImmutableHashSet<Referrer> Named(ResourceType type, KubeObject item) =>
        Referring.Contains(type) ? [.. References.Of(type.Kind, item)] : [];

    // Annotations of strangers' objects can be large (last-applied-configuration) and decide nothing.
    private static ObjectMeta Slim(ObjectMeta meta) => meta with { Annotations = null!, Finalizers = null! };
}
