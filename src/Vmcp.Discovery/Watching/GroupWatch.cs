using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Backends;

namespace Vmcp.Discovery.Watching;

/// <summary>The kinds that make a group, watched in one namespace.</summary>
internal sealed class GroupWatch
{
    private readonly DiscoveryOptions _options;
    private readonly Informer<MCPGroup> _groups;
    private readonly Informer<MCPServer> _servers;
    private readonly Informer<MCPRemoteProxy> _proxies;
    private readonly Informer<MCPServerEntry> _entries;
    private readonly Informer<MCPExternalAuthConfig> _authConfigs;
    private readonly Action _changed;
    private readonly (string Kind, Func<CancellationToken, Task> Run, Func<bool> Synced, Func<InformerHealth> Health)[] _all;

    public GroupWatch(ICluster cluster, DiscoveryOptions options, Action changed, TimeProvider time, ILogger logger)
    {
        (_options, _changed) = (options, changed);
        _groups = Watch(ToolHive.MCPGroup, ResourcesJson.Default.MCPGroup);
        _servers = Watch(ToolHive.MCPServer, ResourcesJson.Default.MCPServer);
        _proxies = Watch(ToolHive.MCPRemoteProxy, ResourcesJson.Default.MCPRemoteProxy);
        _entries = Watch(ToolHive.MCPServerEntry, ResourcesJson.Default.MCPServerEntry);
        _authConfigs = Watch(ToolHive.MCPExternalAuthConfig, ResourcesJson.Default.MCPExternalAuthConfig);
        _all = [Of(_groups), Of(_servers), Of(_proxies), Of(_entries), Of(_authConfigs)];

        Informer<T> Watch<T>(ResourceType type, JsonTypeInfo<T> form)
            where T : class
        {
            Selection selection = new() { Namespace = options.Namespace };
            Informer<T> informer = new(cluster, type, selection, item => ResourceReader.Read(item, form), time, logger);
            informer.OnChange(_ => changed());
            return informer;
        }

        (string, Func<CancellationToken, Task>, Func<bool>, Func<InformerHealth>) Of<T>(Informer<T> informer)
            where T : notnull => (typeof(T).Name, token => RunAsync(informer, token), () => informer.Synced, () => informer.Health);
    }

    /// <summary>Each kind was listed once.</summary>
    public bool Synced => _all.All(i => i.Synced());

    /// <summary>When the API server last said anything; null while a kind was never listed.</summary>
    public DateTimeOffset? LastContact => Synced ? _all.Max(i => i.Health().LastContact) : null;

    /// <summary>The group exists.</summary>
    public bool GroupExists => _groups.Snapshot.ContainsKey(new ObjectKey(_options.Namespace, _options.Group));

    /// <summary>What is wrong with the watches, or null. Names kinds and no address.</summary>
    public string? Trouble
    {
        get
        {
            string[] troubled =
            [
                .. _all.Where(i => i.Health().LastError is not null)
                    .GroupBy(i => Word(i.Health().ErrorKind), i => i.Kind)
                    .Select(g => $"{g.Key} ({string.Join(", ", g.Order(StringComparer.Ordinal))})"),
            ];
            return troubled.Length == 0 ? null : string.Join("; ", troubled);
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_all.Select(i => i.Run(cancellationToken)));

    // A first list without an object tells of no change.
    private async Task RunAsync<T>(Informer<T> informer, CancellationToken cancellationToken)
        where T : notnull
    {
        Task run = informer.RunAsync(cancellationToken);
        await Task.WhenAny(run, informer.WhenSyncedAsync(cancellationToken)).ConfigureAwait(false);
        _changed();
        await run.ConfigureAwait(false);
    }

    /// <summary>The members of the group, sorted by name, then kind.</summary>
    public ImmutableArray<MemberBackend> Members() => MemberBackends.OfGroup(
        _options.Group, _servers.Snapshot.Values, _proxies.Snapshot.Values, _entries.Snapshot.Values);

    /// <summary>Why an object of this kind and name is no member, as a clause that goes on with "it"; null when it is one.</summary>
    public string? WhyNoMember(string kind, string name)
    {
        ObjectKey key = new(_options.Namespace, name);
        (bool found, string? group) = kind switch
        {
            nameof(MCPServer) => Group(_servers, s => s.Spec.GroupRef?.Name),
            nameof(MCPRemoteProxy) => Group(_proxies, p => p.Spec.GroupRef?.Name),
            _ => Group(_entries, e => e.Spec.GroupRef?.Name),
        };
        return !found ? $"its {kind} was deleted"
            : group == _options.Group ? null
            : string.IsNullOrEmpty(group) ? $"its {kind} is in no group any more"
            : $"its {kind} moved to group \"{group}\"";

        (bool, string?) Group<T>(Informer<T> informer, Func<T, string?> group)
            where T : notnull => informer.Snapshot.TryGetValue(key, out T? item) ? (true, group(item)) : (false, null);
    }

    /// <summary>Finds an MCPExternalAuthConfig.</summary>
    public Func<string, MCPExternalAuthConfig?> AuthConfigs()
    {
        ImmutableDictionary<ObjectKey, MCPExternalAuthConfig> now = _authConfigs.Snapshot;
        return name => now.GetValueOrDefault(new ObjectKey(_options.Namespace, name));
    }

    private static string Word(KubeError? error) => error switch
    {
        KubeError.Unreachable or null => "the API server cannot be reached",
        KubeError.Forbidden => "the API server forbids the watch",
        KubeError.Unauthorized => "the API server refuses the account's token",
        KubeError.NotFound => "the API server does not know the kind",
        KubeError.TooManyRequests => "the API server asks to wait",
        _ => "the API server failed",
    };
}
