using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning;

/// <summary>
/// Everything a plan for one VirtualMCPServer may look at: the objects of its namespace it refers to, directly or through members, and what
/// of it exists already. Immutable; equal worlds give equal plans, byte for byte.
/// </summary>
public sealed record World
{
    /// <summary>Nothing exists.</summary>
    public static World Empty { get; } = new();

    /// <summary>The group <c>spec.groupRef</c> names; null when there is none.</summary>
    public MCPGroup? Group { get; init; }

    /// <summary>The MCPServers of the group, in any order.</summary>
    public ImmutableArray<MCPServer> Servers { get; init; } = [];

    /// <summary>The MCPRemoteProxies of the group, in any order.</summary>
    public ImmutableArray<MCPRemoteProxy> RemoteProxies { get; init; } = [];

    /// <summary>The MCPServerEntries of the group, in any order.</summary>
    public ImmutableArray<MCPServerEntry> Entries { get; init; } = [];

    /// <summary>MCPExternalAuthConfigs by name.</summary>
    public ImmutableSortedDictionary<string, MCPExternalAuthConfig> ExternalAuthConfigs { get; init; } = Names.Map<MCPExternalAuthConfig>();

    /// <summary>MCPOIDCConfigs by name.</summary>
    public ImmutableSortedDictionary<string, MCPOIDCConfig> OidcConfigs { get; init; } = Names.Map<MCPOIDCConfig>();

    /// <summary>MCPToolConfigs by name.</summary>
    public ImmutableSortedDictionary<string, MCPToolConfig> ToolConfigs { get; init; } = Names.Map<MCPToolConfig>();

    /// <summary>VirtualMCPCompositeToolDefinitions by name.</summary>
    public ImmutableSortedDictionary<string, VirtualMCPCompositeToolDefinition> CompositeTools { get; init; } = Names.Map<VirtualMCPCompositeToolDefinition>();

    /// <summary>MCPTelemetryConfigs by name.</summary>
    public ImmutableSortedDictionary<string, MCPTelemetryConfig> TelemetryConfigs { get; init; } = Names.Map<MCPTelemetryConfig>();

    /// <summary>MCPAuthzConfigs by name.</summary>
    public ImmutableSortedDictionary<string, MCPAuthzConfig> AuthzConfigs { get; init; } = Names.Map<MCPAuthzConfig>();

    /// <summary>EmbeddingServers by name.</summary>
    public ImmutableSortedDictionary<string, EmbeddingServer> EmbeddingServers { get; init; } = Names.Map<EmbeddingServer>();

    /// <summary>The Secrets that exist, by name: only those something refers to; never a value.</summary>
    public ImmutableSortedDictionary<string, SecretFacts> Secrets { get; init; } = Names.Map<SecretFacts>();

    /// <summary>The ConfigMaps that exist, by name: only those something refers to.</summary>
    public ImmutableSortedDictionary<string, ConfigMapFacts> ConfigMaps { get; init; } = Names.Map<ConfigMapFacts>();

    /// <summary>The cluster as an issuer of tokens; null when nothing asks for it.</summary>
    public ClusterIssuer? Issuer { get; init; }

    /// <summary>What exists of the server's own objects.</summary>
    public LiveState Live { get; init; } = LiveState.None;

    /// <summary>What the gateway last said of its backends, sorted by name; empty before it said anything.</summary>
    public ImmutableArray<ObservedBackend> Observed { get; init; } = [];
}

/// <summary>What is known of a Secret: which keys it has and which version it is, never a value.</summary>
/// <param name="Keys">The keys of its data.</param>
/// <param name="Fingerprint">Changes whenever the Secret does; tells nothing of its content.</param>
public sealed record SecretFacts(ImmutableSortedSet<string> Keys, string Fingerprint);

/// <summary>What is known of a ConfigMap.</summary>
/// <param name="Data">Its text data.</param>
/// <param name="Fingerprint">Changes whenever its data does.</param>
public sealed record ConfigMapFacts(ImmutableSortedDictionary<string, string> Data, string Fingerprint);

/// <summary>What is known of the cluster as an issuer of tokens: its name and public keys, or why they could not be read.</summary>
public sealed record ClusterIssuer
{
    /// <summary>The <c>iss</c> of its tokens; null when there is a problem.</summary>
    public string? Issuer { get; init; }

    /// <summary>Its public keys as a JSON Web Key Set, sorted; null when there is a problem.</summary>
    public string? KeySet { get; init; }

    /// <summary>Why it is not known, and the remedy; null when it is.</summary>
    public string? Problem { get; init; }
}

/// <summary>What exists of a server's own objects.</summary>
public sealed record LiveState
{
    /// <summary>Nothing.</summary>
    public static LiveState None { get; } = new();

    /// <summary>Objects with the names of our children, whoever owns them.</summary>
    public ImmutableDictionary<ChildRef, KubeObject> Children { get; init; } = ImmutableDictionary<ChildRef, KubeObject>.Empty;

    /// <summary>The pods with the server's labels, in any order.</summary>
    public ImmutableArray<KubeObject> Pods { get; init; } = [];
}

/// <summary>A child by kind and name, in the server's namespace.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Name">The name.</param>
public readonly record struct ChildRef(ResourceType Type, string Name);

/// <summary>Maps by object name.</summary>
public static class Names
{
    /// <summary>The empty map, ordinal.</summary>
    public static ImmutableSortedDictionary<string, T> Map<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}
