using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Cli.Planning;

/// <summary>
/// The objects of one namespace as they would be once all controllers had their say: statuses are not taken from the manifests but made by
/// the operator's own small controllers, and backends that other operators run are taken to be up at their well-known address.
/// </summary>
internal sealed class OfflineWorld
{
    // Files know no cluster: who issues its tokens, and by which keys, the operator reads there.
    private static readonly ClusterIssuer SomeCluster = new() { Issuer = "https://kubernetes.default.svc", KeySet = "{\"keys\":[]}" };

    private readonly ManifestSet _set;
    private readonly string _namespace;
    private readonly World _all;
    private readonly ImmutableArray<MCPGroup> _groups;
    private readonly List<string> _notes = [];

    /// <summary>Gathers a namespace.</summary>
    /// <exception cref="ManifestException">An object does not have the form of its kind.</exception>
    public OfflineWorld(ManifestSet set, string @namespace)
    {
        _set = set;
        _namespace = @namespace;
        ImmutableArray<MCPServer> servers = [.. set.Records(ToolHive.MCPServer, @namespace, ResourcesJson.Default.MCPServer).Select(Running)];
        ImmutableArray<MCPRemoteProxy> proxies = [.. set.Records(ToolHive.MCPRemoteProxy, @namespace, ResourcesJson.Default.MCPRemoteProxy).Select(Running)];
        ImmutableArray<MCPServerEntry> entries = set.Records(ToolHive.MCPServerEntry, @namespace, ResourcesJson.Default.MCPServerEntry);
        Servers = set.Records(ToolHive.VirtualMCPServer, @namespace, ResourcesJson.Default.VirtualMCPServer);
        _groups = Settled(ToolHive.MCPGroup, ResourcesJson.Default.MCPGroup, group => GroupPlanner.Plan(group, new GroupFacts
        {
            Servers = [.. servers.Where(s => s.Spec.GroupRef?.Name == group.Key.Name).Select(s => s.Key.Name)],
            RemoteProxies = [.. proxies.Where(s => s.Spec.GroupRef?.Name == group.Key.Name).Select(s => s.Key.Name)],
            Entries = [.. entries.Where(s => s.Spec.GroupRef?.Name == group.Key.Name).Select(s => s.Key.Name)],
        }));
        _all = new World
        {
            Issuer = SomeCluster,
            Servers = servers,
            RemoteProxies = proxies,
            Secrets = set.Secrets(@namespace),
            ConfigMaps = set.ConfigMaps(@namespace),
            ExternalAuthConfigs = Configs(ToolHive.MCPExternalAuthConfig, ResourcesJson.Default.MCPExternalAuthConfig, c => ExternalAuthPlanner.Plan(c, ConfigFacts.Unused)),
            OidcConfigs = Configs(ToolHive.MCPOIDCConfig, ResourcesJson.Default.MCPOIDCConfig, c => OidcConfigPlanner.Plan(c, ConfigFacts.Unused)),
            ToolConfigs = Configs(ToolHive.MCPToolConfig, ResourcesJson.Default.MCPToolConfig, c => ToolConfigPlanner.Plan(c, ConfigFacts.Unused)),
            TelemetryConfigs = Configs(ToolHive.MCPTelemetryConfig, ResourcesJson.Default.MCPTelemetryConfig, c => TelemetryConfigPlanner.Plan(c, ConfigFacts.Unused)),
            AuthzConfigs = Configs(ToolHive.MCPAuthzConfig, ResourcesJson.Default.MCPAuthzConfig, c => AuthzConfigPlanner.Plan(c, ConfigFacts.Unused)),
            CompositeTools = Configs(
                ToolHive.VirtualMCPCompositeToolDefinition,
                ResourcesJson.Default.VirtualMCPCompositeToolDefinition,
                c => CompositeToolPlanner.Plan(c, ConfigFacts.Unused)),
            EmbeddingServers = set.Records(ToolHive.EmbeddingServer, @namespace, ResourcesJson.Default.EmbeddingServer)
                .ToImmutableSortedDictionary(e => e.Key.Name, Running, StringComparer.Ordinal),
        };
        foreach (MCPOIDCConfig config in _all.OidcConfigs.Values.Where(c => c.Spec is { Type: "kubernetesServiceAccount", KubernetesServiceAccount.UseClusterAuth: not false }))
            _notes.Add($"{config.Kind} {config.Key}: the operator reads the cluster's issuer and public keys there; this plan shows stand-ins for them");
        _all = _all with { Entries = Settled(ToolHive.MCPServerEntry, ResourcesJson.Default.MCPServerEntry, e => EntryPlanner.Plan(e, Facts(e))) };
    }

    /// <summary>The VirtualMCPServers, sorted by name.</summary>
    public ImmutableArray<VirtualMCPServer> Servers { get; }

    /// <summary>What the small controllers would complain about, one line each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The world of one server: nothing of its own exists yet.</summary>
    public World Of(VirtualMCPServer server)
    {
        string group = server.Spec.GroupRef?.Name ?? "";
        return _all with
        {
            Group = _groups.FirstOrDefault(g => g.Key.Name == group),
            Servers = [.. _all.Servers.Where(s => group.Length > 0 && s.Spec.GroupRef?.Name == group)],
            RemoteProxies = [.. _all.RemoteProxies.Where(s => group.Length > 0 && s.Spec.GroupRef?.Name == group)],
            Entries = [.. _all.Entries.Where(s => group.Length > 0 && s.Spec.GroupRef?.Name == group)],
        };
    }

    private EntryFacts Facts(MCPServerEntry entry) => new()
    {
        Group = _groups.FirstOrDefault(g => g.Key.Name == entry.Spec.GroupRef?.Name),
        AuthConfigExists = _all.ExternalAuthConfigs.ContainsKey(entry.Spec.ExternalAuthConfigRef?.Name ?? ""),
        Secrets = _all.Secrets,
        ConfigMaps = _all.ConfigMaps,
    };

    private ImmutableSortedDictionary<string, T> Configs<T>(ResourceType type, JsonTypeInfo<T> json, Func<T, SmallPlan> plan)
        where T : class => Settled(type, json, plan).Zip(_set.Objects(type, _namespace)).ToImmutableSortedDictionary(p => p.Second.Key.Name, p => p.First, StringComparer.Ordinal);

    /// <summary>The objects of a kind with the status their controller would give them.</summary>
    private ImmutableArray<T> Settled<T>(ResourceType type, JsonTypeInfo<T> json, Func<T, SmallPlan> plan)
        where T : class
    {
        ImmutableArray<T>.Builder settled = ImmutableArray.CreateBuilder<T>();
        foreach (KubeObject item in _set.Objects(type, _namespace))
        {
            SmallPlan made = plan(_set.Record(type, item, json));
            foreach (PlannedCondition bad in made.Conditions.Where(c => c is { Status: "False", Type: "Valid" or "WorkflowValidated" }))
                _notes.Add($"{type.Kind} {item.Key}: {bad.Message}");
            JsonObject body = item.ToJsonObject();
            JsonObject status = made.StatusFields.DeepClone().AsObject();
            status["conditions"] = new JsonArray([.. made.Conditions.Select(c => (JsonNode)new JsonObject
            {
                ["type"] = c.Type,
                ["status"] = c.Status,
                ["reason"] = c.Reason,
                ["message"] = c.Message,
                ["observedGeneration"] = item.Meta.Generation,
            })]);
            body["status"] = status;
            settled.Add(_set.Record(type, KubeObject.From(body), json));
        }

        return settled.ToImmutable();
    }

    // Their operator writes the address once the Service exists (operator.md 6.3).
    private static MCPServer Running(MCPServer server)
    {
        string transport = server.Spec.Transport is null or "stdio" ? server.Spec.ProxyMode ?? "streamable-http" : server.Spec.Transport;
        string path = transport == "sse" ? $"/sse#{Uri.EscapeDataString(server.Key.Name)}" : "/mcp";
        string url = $"http://mcp-{server.Key.Name}-proxy.{server.Key.Namespace}.svc.cluster.local:{server.Spec.ProxyPort ?? 8080}{path}";
        return server with { Status = server.Status with { Url = server.Status.Url ?? url, Phase = server.Status.Phase ?? "Ready" } };
    }

    // Without a path: the proxy forwards the remote's (operator.md 6.4).
    private static MCPRemoteProxy Running(MCPRemoteProxy proxy)
    {
        string url = $"http://mcp-{proxy.Key.Name}-remote-proxy.{proxy.Key.Namespace}.svc.cluster.local:{proxy.Spec.ProxyPort ?? 8080}";
        return proxy with { Status = proxy.Status with { Url = proxy.Status.Url ?? url, Phase = proxy.Status.Phase ?? "Ready" } };
    }

    private static EmbeddingServer Running(EmbeddingServer server)
    {
        string url = $"http://{server.Key.Name}.{server.Key.Namespace}.svc.cluster.local:{server.Spec.Port ?? 8080}";
        return server with
        {
            Status = server.Status with
            {
                Url = server.Status.Url ?? url,
                Phase = server.Status.Phase ?? "Ready",
                ReadyReplicas = server.Status.ReadyReplicas ?? 1,
            },
        };
    }
}
