using System.Collections.Concurrent;
using System.Globalization;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Workloads;

/// <summary>
/// Everything that ever happened to pods, Roles and RoleBindings of a namespace, in the order the store saw it: all versions of one API
/// server come from one counter.
/// </summary>
/// <param name="cluster">The API server.</param>
/// <param name="namespace">The namespace.</param>
public sealed class AccessHistory(ICluster cluster, string @namespace) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<(long Version, ResourceType Type, WatchEvent Event)> _events = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>Begins to watch.</summary>
    public static async Task<AccessHistory> StartAsync(ICluster cluster, string @namespace)
    {
        AccessHistory history = new(cluster, @namespace);
        List<Task> watches = [];
        foreach (ResourceType type in (ResourceType[])[BuiltIn.Pod, BuiltIn.Role, BuiltIn.RoleBinding])
        {
            ObjectPage page = await cluster.ListAsync(type, new ListOptions { Namespace = @namespace }, default);
            foreach (KubeObject item in page.Items)
                history._events.Enqueue((0, type, new WatchEvent(WatchEventKind.Added, item)));
            watches.Add(history.WatchAsync(type, page.ResourceVersion));
        }

        history._watching = Task.WhenAll(watches);
        return history;
    }

    /// <summary>The moments at which a pod that mounts a token had no Role or no RoleBinding.</summary>
    public IReadOnlyList<string> PodsWithoutRights()
    {
        List<string> found = [];
        HashSet<string> pods = [], rights = [];
        foreach ((long version, ResourceType type, WatchEvent change) in _events.OrderBy(e => e.Version))
        {
            bool there = change.Kind != WatchEventKind.Deleted;
            string name = change.Object.Meta.Name;
            if (type == BuiltIn.Pod && change.Object.At("spec", "automountServiceAccountToken")?.GetBoolean() != false)
                _ = there ? pods.Add(name) : pods.Remove(name);
            else if (type != BuiltIn.Pod)
                _ = there ? rights.Add($"{type} {name}") : rights.Remove($"{type} {name}");
            // What was there at the start came in no order.
            if (version > 0 && pods.Count > 0 && rights.Count < 2)
                found.Add($"at {version}, {change.Kind} {type} {name}: pods {string.Join(", ", pods)}; rights {string.Join(", ", rights)}");
        }

        return found;
    }

    /// <summary>How often both rights were there and went.</summary>
    public int Withdrawals => _events.Count(e => e.Type == BuiltIn.Role && e.Event.Kind == WatchEventKind.Deleted);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task WatchAsync(ResourceType type, string version)
    {
        while (!_ending.IsCancellationRequested)
        {
            await foreach (WatchEvent change in cluster.WatchAsync(
                type, new WatchOptions { Namespace = @namespace, ResourceVersion = version }, _ending.Token))
            {
                version = change.Object.Meta.ResourceVersion;
                if (change.Kind != WatchEventKind.Bookmark)
                    _events.Enqueue((long.Parse(version, CultureInfo.InvariantCulture), type, change));
            }
        }
    }
}
