using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Planning.Document;

/// <summary>Groups of the container's variables, in the order they are written (operator 2.5).</summary>
internal enum EnvGroup
{
    Identity,
    Incoming,
    Outgoing,
    Headers,
    Session,
    Redis,
    Telemetry,
    Process,
}

/// <summary>Collects what the pod must carry; hands it out sorted and without repetitions.</summary>
internal sealed class PodNeeds
{
    private readonly SortedDictionary<(EnvGroup Group, string Name), EnvVar> _env = new(
        Comparer<(EnvGroup Group, string Name)>.Create(
            (a, b) => a.Group != b.Group ? a.Group.CompareTo(b.Group) : string.CompareOrdinal(a.Name, b.Name)));

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, BundleMount> _bundles = new(StringComparer.Ordinal);

    // The session key is created by us and never changes: its first version is no reason to roll the pod again.
    private readonly HashSet<string> _unversioned = new(StringComparer.Ordinal);

    // ConfigMaps of our own whose content the gateway follows while it runs.
    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);

    public void Add(EnvGroup group, EnvVar variable)
    {
        if (_names.Add(variable.Name))
            _env[(group, variable.Name)] = variable;
    }

    public void Unversioned(string secret) => _unversioned.Add(secret);

    public void Add(BundleMount bundle) => _bundles.TryAdd(bundle.Volume, bundle);

    public void AddOwn(BundleMount bundle)
    {
        Add(bundle);
        _followed.Add(bundle.ConfigMap);
    }

    public bool Has(string variable) => _names.Contains(variable);

    public ImmutableArray<EnvVar> Env() => [.. _env.Values];

    public ImmutableArray<BundleMount> Bundles() => [.. _bundles.Values];

    public ImmutableArray<MountedVersion> Versions(World world)
    {
        IEnumerable<MountedVersion> secrets = _env.Values.OfType<EnvVar.FromSecret>()
            .Select(v => v.Secret)
            .Where(s => !_unversioned.Contains(s))
            .Select(s => new MountedVersion(BuiltIn.Secret.Kind, s, world.Secrets.TryGetValue(s, out SecretFacts? facts) ? facts.Fingerprint : ""));
        IEnumerable<MountedVersion> bundles = _bundles.Values
            .Select(b => b.ConfigMap)
            .Where(c => !_followed.Contains(c))
            .Select(c => new MountedVersion(BuiltIn.ConfigMap.Kind, c, world.ConfigMaps.TryGetValue(c, out ConfigMapFacts? facts) ? facts.Fingerprint : ""));
        return
        [
            .. secrets.Concat(bundles)
                .Distinct()
                .OrderBy(v => v.Kind, StringComparer.Ordinal)
                .ThenBy(v => v.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>What the process will see of its environment; <c>x</c> stands for values only the cluster knows.</summary>
    public Func<string, string?> Lookup()
    {
        Dictionary<string, string> seen = new(StringComparer.Ordinal);
        foreach (EnvVar variable in _env.Values)
            seen[variable.Name] = variable is EnvVar.Text text ? Expand(text.Value) : "x";
        return seen.GetValueOrDefault;

        string Expand(string value)
        {
            foreach ((string name, string known) in seen)
                value = value.Replace($"$({name})", known, StringComparison.Ordinal);
            return value;
        }
    }
}
