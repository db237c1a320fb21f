using System.Collections.Immutable;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.SmallControllers;
using Vmcp.Operator.Watching;
using Vmcp.Resources;

namespace Vmcp.Operator.Reconciling;

/// <summary>Gathers what a small controller looks at and asks for its plan.</summary>
/// <param name="view">The picture of the cluster.</param>
/// <param name="details">Reads what the picture does not hold.</param>
/// <param name="cluster">Asked anew before a deletion goes on.</param>
public sealed class SmallPlans(ClusterView view, DetailReader details, ICluster cluster)
{
    private const int PageSize = 500;

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
        MCPExternalAuthConfig config => ExternalAuthPlanner.Plan(config, await UsersAsync(item, config.Metadata, cancellationToken).ConfigureAwait(false)),
        MCPOIDCConfig config => OidcConfigPlanner.Plan(config, await UsersAsync(item, config.Metadata, cancellationToken).ConfigureAwait(false)),
        MCPAuthzConfig config => AuthzConfigPlanner.Plan(config, await UsersAsync(item, config.Metadata, cancellationToken).ConfigureAwait(false)),
        MCPTelemetryConfig config => TelemetryConfigPlanner.Plan(config, await UsersAsync(item, config.Metadata, cancellationToken).ConfigureAwait(false)),
        MCPToolConfig config => ToolConfigPlanner.Plan(config, await UsersAsync(item, config.Metadata, cancellationToken).ConfigureAwait(false)),
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

    // The picture of one kind may lag behind another's, and a finalizer that is gone cannot be put back: so who refers is asked anew.
    private async Task<ConfigFacts> UsersAsync(SmallObject item, ObjectMeta meta, CancellationToken cancellationToken)
    {
        ConfigFacts known = Users(item);
        if (meta.DeletionTimestamp is null || !known.Referrers.IsEmpty)
            return known;
        Referrer wanted = new(item.Type.Kind, item.Key.Name);
        ImmutableArray<Referrer>.Builder users = ImmutableArray.CreateBuilder<Referrer>();
        foreach (ResourceType type in WatchedKind.Referring)
        {
            ListOptions options = new() { Namespace = item.Key.Namespace, Limit = PageSize };
            do
            {
                ObjectPage page = await cluster.ListAsync(type, options, cancellationToken).ConfigureAwait(false);
                users.AddRange(page.Items.Where(o => SmallControllers.References.Of(type.Kind, o).Contains(wanted)).Select(o => new Referrer(type.Kind, o.Key.Name)));
                options = options with { Continue = page.Continue };
            }
            while (!string.IsNullOrEmpty(options.Continue));
        }

        return new ConfigFacts { Referrers = users.ToImmutable() };
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
