using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Applying;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Watching;

/// <summary>Gathers everything a plan for one server may look at, and notes what that was.</summary>
/// <param name="view">The picture of the cluster.</param>
/// <param name="details">Reads what the picture does not hold.</param>
/// <param name="index">Learns what the server looks at.</param>
/// <param name="issuer">Reads the cluster's public keys for servers that need them.</param>
/// <param name="observed">What inline gateways said of their backends when they were polled; null before they had the time to.</param>
/// <param name="defaultRedisSecret">Secret of the operator-wide session store, or null.</param>
public sealed class WorldBuilder(
    ClusterView view, DetailReader details, DependencyIndex index, IssuerReader issuer, Func<ObjectKey, ImmutableArray<ObservedBackend>?> observed, string? defaultRedisSecret)
{
    // Config objects, then the Secrets and ConfigMaps they name; one more because membership may change in between.
    private const int MaxRounds = 6;

    /// <summary>The world of a server, now.</summary>
    public async Task<World> BuildAsync(VirtualMCPServer server, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        string? group = server.Spec.GroupRef?.Name;
        World world = World.Empty;
        for (int round = 0; round < MaxRounds; round++)
        {
            References references = References.Of(server, world, defaultRedisSecret);
            // The index learns first and the reading comes after it: a change in between wakes us, a change before is read.
            bool grown = index.Set(server.Key, Dependencies(server, group, references));
            world = await ReadAsync(server, group, references, cancellationToken).ConfigureAwait(false);
            if (!grown && round > 0 && References.Of(server, world, defaultRedisSecret).All.SetEquals(references.All))
                break;
        }

        return world with
        {
            Issuer = ClusterAccounts.AsksIssuer(server, world) ? await issuer.ReadAsync(cancellationToken).ConfigureAwait(false) : null,
            Live = await LiveAsync(server, cancellationToken).ConfigureAwait(false),
            Observed = (Modes.IsInline(server) ? observed(server.Key) : null) ?? Told(server),
        };
    }

    /// <summary>The pods of a server, in any order.</summary>
    public ImmutableArray<KubeObject> Pods(ObjectKey server) =>
        [.. view.List(BuiltIn.Pod, server.Namespace)
            .Where(p => p.Meta.Labels.GetValueOrDefault(ServerPods.NameLabel) == server.Name)
            .Select(p => p.Raw)
            .OfType<KubeObject>()];

    private static ImmutableHashSet<Dependency> Dependencies(VirtualMCPServer server, string? group, References references)
    {
        ImmutableHashSet<Dependency>.Builder all = ImmutableHashSet.CreateBuilder<Dependency>();
        string @namespace = server.Metadata.Namespace;
        foreach (Reference reference in references.All)
        {
            if (Kinds.TryGetValue(reference.Kind, out ResourceType? type))
                all.Add(new Dependency(type, new ObjectKey(@namespace, reference.Name)));
        }

        foreach (ChildRef child in ChildNames.All(server.Metadata.Name))
            all.Add(new Dependency(child.Type, new ObjectKey(@namespace, child.Name)));
        if (!string.IsNullOrEmpty(group))
            all.Add(new Dependency(ToolHive.MCPGroup, new ObjectKey(@namespace, group)));
        return all.ToImmutable();
    }

    private static ImmutableDictionary<string, ResourceType> Kinds { get; } =
        WatchedKind.All.ToImmutableDictionary(k => k.Type.Kind, k => k.Type, StringComparer.Ordinal);

    private async Task<World> ReadAsync(VirtualMCPServer server, string? group, References references, CancellationToken cancellationToken)
    {
        string @namespace = server.Metadata.Namespace;
        ImmutableSortedDictionary<string, SecretFacts>.Builder secrets = Names.Map<SecretFacts>().ToBuilder();
        foreach (string name in references.Names(BuiltIn.Secret))
        {
            if (await details.SecretAsync(new ObjectKey(@namespace, name), cancellationToken).ConfigureAwait(false) is { } facts)
                secrets[name] = facts;
        }

        ImmutableSortedDictionary<string, ConfigMapFacts>.Builder configMaps = Names.Map<ConfigMapFacts>().ToBuilder();
        foreach (string name in references.Names(BuiltIn.ConfigMap))
        {
            if (await details.ConfigMapAsync(new ObjectKey(@namespace, name), cancellationToken).ConfigureAwait(false) is { } facts)
                configMaps[name] = facts;
        }

        return new World
        {
            Group = string.IsNullOrEmpty(group) ? null : view.Record<MCPGroup>(ToolHive.MCPGroup, new ObjectKey(@namespace, group)),
            Servers = Members<MCPServer>(ToolHive.MCPServer, @namespace, group),
            RemoteProxies = Members<MCPRemoteProxy>(ToolHive.MCPRemoteProxy, @namespace, group),
            Entries = Members<MCPServerEntry>(ToolHive.MCPServerEntry, @namespace, group),
            ExternalAuthConfigs = Named<MCPExternalAuthConfig>(ToolHive.MCPExternalAuthConfig, @namespace, references),
            OidcConfigs = Named<MCPOIDCConfig>(ToolHive.MCPOIDCConfig, @namespace, references),
            ToolConfigs = Named<MCPToolConfig>(ToolHive.MCPToolConfig, @namespace, references),
            CompositeTools = Named<VirtualMCPCompositeToolDefinition>(ToolHive.VirtualMCPCompositeToolDefinition, @namespace, references),
            TelemetryConfigs = Named<MCPTelemetryConfig>(ToolHive.MCPTelemetryConfig, @namespace, references),
            AuthzConfigs = Named<MCPAuthzConfig>(ToolHive.MCPAuthzConfig, @namespace, references),
            EmbeddingServers = Named<EmbeddingServer>(ToolHive.EmbeddingServer, @namespace, references),
            Secrets = secrets.ToImmutable(),
            ConfigMaps = configMaps.ToImmutable(),
        };
    }

    private async Task<LiveState> LiveAsync(VirtualMCPServer server, CancellationToken cancellationToken)
    {
        ImmutableDictionary<ChildRef, KubeObject>.Builder children = ImmutableDictionary.CreateBuilder<ChildRef, KubeObject>();
        foreach (ChildRef child in ChildNames.All(server.Metadata.Name))
        {
            ObjectKey key = new(server.Metadata.Namespace, child.Name);
            if (await details.ChildAsync(child.Type, key, cancellationToken).ConfigureAwait(false) is { } live)
                children[child] = live;
        }

        return new LiveState { Children = children.ToImmutable(), Pods = Pods(server.Key) };
    }

    private ImmutableArray<T> Members<T>(ResourceType type, string @namespace, string? group)
        where T : class =>
        string.IsNullOrEmpty(group) ? [] : [.. view.List(type, @namespace).Where(s => s.Group == group).OrderBy(s => s.Meta.Name, StringComparer.Ordinal).Select(s => s.Record).OfType<T>()];

    private ImmutableSortedDictionary<string, T> Named<T>(ResourceType type, string @namespace, References references)
        where T : class
    {
        ImmutableSortedDictionary<string, T>.Builder found = Names.Map<T>().ToBuilder();
        foreach (string name in references.Names(type))
        {
            if (view.Record<T>(type, new ObjectKey(@namespace, name)) is { } record)
                found[name] = record;
        }

        return found.ToImmutable();
    }

    // In discovered mode the gateway writes what it sees into the status itself; in inline mode it is what an operator before this one heard.
    private static ImmutableArray<ObservedBackend> Told(VirtualMCPServer server) =>
        [.. server.Status.DiscoveredBackends.OrderBy(b => b.Name, StringComparer.Ordinal).Select(b => new ObservedBackend
        {
            Name = b.Name,
            Status = b.Status ?? "unknown",
            Message = b.Message,
            AuthType = b.AuthType,
            CircuitBreakerState = b.CircuitBreakerState,
            CircuitLastChanged = b.CircuitLastChanged,
            LastHealthCheck = b.LastHealthCheck,
            ConsecutiveFailures = b.ConsecutiveFailures ?? 0,
            McpRevision = b.McpRevision,
        })];
}
