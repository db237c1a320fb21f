using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Watching;

/// <summary>An object a plan looked at or would look at if it existed.</summary>
/// <param name="Type">The kind; for membership the MCPGroup.</param>
/// <param name="Key">Where.</param>
public readonly record struct Dependency(ResourceType Type, ObjectKey Key);

/// <summary>
/// Which VirtualMCPServers look at which objects, learned from what their last plan looked at: exact without a second list of rules beside
/// the planner's (operator.md 1.6). Objects that do not exist yet are in it too, so their creation wakes. Thread-safe.
/// </summary>
public sealed class DependencyIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, ImmutableHashSet<Dependency>> _of = [];
    private readonly Dictionary<Dependency, HashSet<ObjectKey>> _users = [];

    /// <summary>Replaces what a server looks at; true when something is in it that was not before.</summary>
    public bool Set(ObjectKey server, ImmutableHashSet<Dependency> dependencies)
    {
        ArgumentNullException.ThrowIfNull(dependencies);
        lock (_gate)
        {
            ImmutableHashSet<Dependency> before = _of.GetValueOrDefault(server) ?? [];
            foreach (Dependency gone in before.Where(d => !dependencies.Contains(d)))
                Drop(gone, server);
            bool grown = false;
            foreach (Dependency dependency in dependencies.Where(d => !before.Contains(d)))
            {
                grown = true;
                if (!_users.TryGetValue(dependency, out HashSet<ObjectKey>? users))
                    _users[dependency] = users = [];
                users.Add(server);
            }

            _of[server] = dependencies;
            return grown;
        }
    }

    /// <summary>Forgets a server.</summary>
    public void Remove(ObjectKey server)
    {
        lock (_gate)
        {
            if (!_of.Remove(server, out ImmutableHashSet<Dependency>? before))
                return;
            foreach (Dependency dependency in before)
                Drop(dependency, server);
        }
    }

    /// <summary>The servers that look at an object.</summary>
    public ImmutableArray<ObjectKey> UsersOf(ResourceType type, ObjectKey key)
    {
        lock (_gate)
            return _users.TryGetValue(new Dependency(type, key), out HashSet<ObjectKey>? users) ? [.. users] : [];
    }

    private void Drop(Dependency dependency, ObjectKey server)
    {
        if (!_users.TryGetValue(dependency, out HashSet<ObjectKey>? users))
            return;
        users.Remove(server);
        if (users.Count == 0)
            _users.Remove(dependency);
    }
}
