using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.SmallControllers;
using Vmcp.Operator.Watching;
using Vmcp.Resources;

namespace Vmcp.Operator.Reconciling;

/// <summary>Gathers what a small controller looks at and asks for its plan.</summary>
/// <param name="view">The picture of the cluster.</param>
/// <param name="details">Reads what the picture does not hold.</param>
public sealed class SmallPlans(ClusterView view, DetailReader details)
{
    /// <summary>The kinds whose status we write, besides VirtualMCPServers.</summary>
    public static ImmutableArray<ResourceType> Kinds { get; } =
    [
        ToolHive.MCPGroup, ToolHive.MCPServerEntry, ToolHive.MCPExternalAuthConfig, ToolHive.MCPOIDCConfig, ToolHive.MCPAuthzConfig,
        ToolHive.MCPTelemetryConfig, ToolHive.MCPToolConfig, ToolHive.VirtualMCPCompositeToolDefinition,
    ];

    /// <summary>The plan of one object; null when there is none any more.</summary>
    public async Task<SmallPlan?> PlanAsync(SmallObject item, CancellationToken cancellationToken) => view.Find(item.Type, item.Key)?.Record switch
    {
        MCPGroup group => GroupPlanner.Plan(group, Members(group)),
        MCPServerEntry entry => EntryPlanner.Plan(entry, await FactsAsync(entry, cancellationToken).ConfigureAwait(false)),
        MCPExternalAuthConfig config => ExternalAuthPlanner.Plan(config, Users(item)),
        MCPOIDCConfig config => OidcConfigPlanner.Plan(config, Users(item)),
        MCPAuthzConfig config => AuthzConfigPlanner.Plan(config, Users(item)),
        MCPTelemetryConfig config => TelemetryConfigPlanner.Plan(config, Users(item)),
        MCPToolConfig config => ToolConfigPlanner.Plan(config, Users(item)),
        VirtualMCPCompositeToolDefinition definition => CompositeToolPlanner.Plan(definition, Users(item)),
        _ => null,
    };

    private GroupFacts Members(MCPGroup group) => new()
    {
        Servers = Members(ToolHive.MCPServer, group),
        RemoteProxies = Members(ToolHive.MCPRemoteProxy, group),
        Entries = Members(ToolHive.MCPServerEntry, group),
    };

    private ImmutableArray<string> Members(ResourceType type, MCPGroup group) =>
        [.. view.List(type, group.Metadata.Namespace).Where(s => s.Group == group.Metadata.Name).Select(s => s.Meta.Name)];

    private ConfigFacts Users(SmallObject item)
    {
        Referrer wanted = new(item.Type.Kind, item.Key.Name);
        return new ConfigFacts
        {
            Referrers =
            [
                .. WatchedKind.Referring.SelectMany(type => view.List(type, item.Key.Namespace)
                    .Where(seen => seen.References.Contains(wanted))
                    .Select(seen => new Referrer(type.Kind, seen.Meta.Name))),
            ],
        };
    }

    private async Task<EntryFacts> FactsAsync(MCPServerEntry entry, CancellationToken cancellationToken)
    {
        string @namespace = entry.Metadata.Namespace;
        ImmutableSortedDictionary<string, SecretFacts>.Builder secrets = Names.Map<SecretFacts>().ToBuilder();
        foreach (string name in (entry.Spec.HeaderForward?.AddHeadersFromSecret ?? []).Select(h => h.ValueSecretRef?.Name).OfType<string>().Distinct())
        {
            if (await details.SecretAsync(new ObjectKey(@namespace, name), cancellationToken).ConfigureAwait(false) is { } facts)
                secrets[name] = facts;
        }

        ImmutableSortedDictionary<string, ConfigMapFacts>.Builder configMaps = Names.Map<ConfigMapFacts>().ToBuilder();
        if (entry.Spec.CaBundleRef?.ConfigMapRef?.Name is { Length: > 0 } bundle
            && await details.ConfigMapAsync(new ObjectKey(@namespace, bundle), cancellationToken).ConfigureAwait(false) is { } map)
        {
            configMaps[bundle] = map;
        }

        return new EntryFacts
        {
            Group = entry.Spec.GroupRef?.Name is { Length: > 0 } group ? view.Record<MCPGroup>(ToolHive.MCPGroup, new ObjectKey(@namespace, group)) : null,
            AuthConfigExists = entry.Spec.ExternalAuthConfigRef?.Name is { Length: > 0 } auth
                && view.Find(ToolHive.MCPExternalAuthConfig, new ObjectKey(@namespace, auth)) is not null,
            Secrets = secrets.ToImmutable(),
            ConfigMaps = configMaps.ToImmutable(),
        };
    }
}
