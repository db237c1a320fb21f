using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Informers;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Watching;

/// <summary>The operator's picture of the cluster: one informer for each kind and namespace it watches.</summary>
public sealed class ClusterView
{
    private readonly FrozenDictionary<ResourceType, ImmutableArray<Informer<Seen>>> _informers;

    /// <summary>Prepares the informers.</summary>
    /// <param name="cluster">The API server.</param>
    /// <param name="namespaces">The namespaces to watch; empty for all.</param>
    /// <param name="time">The clock of retries.</param>
    /// <param name="logger">Takes trouble with watches.</param>
    public ClusterView(ICluster cluster, ImmutableArray<string> namespaces, TimeProvider time, ILogger<ClusterView> logger)
    {
        string?[] scopes = namespaces.IsDefaultOrEmpty ? [null] : [.. namespaces];
        _informers = WatchedKind.All.ToFrozenDictionary(
            kind => kind.Type,
            kind => scopes.Select(scope => new Informer<Seen>(cluster, kind.Type, kind.Selection with { Namespace = scope }, kind.Convert, time, logger)).ToImmutableArray());
    }

    /// <summary>Whether every first list is complete.</summary>
    public bool Synced => _informers.Values.All(list => list.All(i => i.Synced));

    /// <summary>The kinds whose first list is not complete, sorted.</summary>
    public IEnumerable<string> Missing => _informers.Where(i => i.Value.Any(x => !x.Synced)).Select(i => i.Key.Kind).Order(StringComparer.Ordinal);

    /// <summary>Calls <paramref name="handler"/> after every change, with the view already new. Register before running.</summary>
    public void OnChange(Action<ResourceType, Change<Seen>> handler)
    {
        foreach ((ResourceType type, ImmutableArray<Informer<Seen>> informers) in _informers)
        {
            foreach (Informer<Seen> informer in informers)
                informer.OnChange(change => handler(type, change));
        }
    }

    /// <summary>An object, or null.</summary>
    public Seen? Find(ResourceType type, ObjectKey key)
    {
        foreach (Informer<Seen> informer in _informers[type])
        {
            if (informer.Snapshot.TryGetValue(key, out Seen? seen))
                return seen;
        }

        return null;
    }

    /// <summary>The objects of a kind in a namespace, or in all, in any order.</summary>
    public IEnumerable<Seen> List(ResourceType type, string? @namespace = null) =>
        _informers[type].SelectMany(i => i.Snapshot).Where(e => @namespace is null || e.Key.Namespace == @namespace).Select(e => e.Value);

    /// <summary>The record of one of our kinds, or null.</summary>
    public T? Record<T>(ResourceType type, ObjectKey key)
        where T : class => Find(type, key)?.Record as T;

    /// <summary>Waits until every first list is complete.</summary>
    public Task WhenSyncedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_informers.Values.SelectMany(list => list).Select(i => i.WhenSyncedAsync(cancellationToken)));

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_informers.Values.SelectMany(list => list).Select(i => i.RunAsync(cancellationToken)));
}
