using System.Text.Json;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>
/// The files of one pod: below a folder of its own every mount has the path it has in a pod. A mounted ConfigMap does not follow later
/// changes.
/// </summary>
internal sealed class PodFolder : IDisposable
{
    private readonly PodSpec _spec;

    public PodFolder(string parent, PodSpec spec)
    {
        _spec = spec;
        Root = Directory.CreateDirectory(Path.Combine(parent, spec.Pod.Meta.Name)).FullName;
        Home = Directory.CreateDirectory(Path.Combine(Root, "home")).FullName;
    }

    public string Root { get; }

    /// <summary>A home directory without a kubeconfig.</summary>
    public string Home { get; }

    /// <summary>A path of the pod as a path of this machine.</summary>
    public string Local(string path) => Root + path;

    /// <summary>An argument with the paths of mounts in it made those of this machine.</summary>
    public string Localize(string argument)
    {
        string? mount = _spec.MountPaths.FirstOrDefault(m =>
            argument == m || argument.Contains(m + "/", StringComparison.Ordinal) || argument.EndsWith("=" + m, StringComparison.Ordinal));
        return mount is null ? argument : argument.Replace(mount, Local(mount), StringComparison.Ordinal);
    }

    /// <summary>Writes what is mounted.</summary>
    /// <exception cref="ContainerProblemException">A ConfigMap or Secret that must be there is not.</exception>
    public async Task FillAsync(ICluster cluster, CancellationToken cancellationToken)
    {
        foreach (JsonElement volume in _spec.Volumes)
        {
            if (_spec.MountPath(volume.GetProperty("name").GetString()!) is not { } path)
                continue;
            string folder = Directory.CreateDirectory(Local(path)).FullName;
            if (volume.TryGetProperty("configMap", out JsonElement map))
                await WriteAsync(folder, map, PodSpec.Text(map, "name")!, BuiltIn.ConfigMap, cluster, cancellationToken);
            else if (volume.TryGetProperty("secret", out JsonElement secret))
                await WriteAsync(folder, secret, PodSpec.Text(secret, "secretName")!, BuiltIn.Secret, cluster, cancellationToken);
            else if (!volume.TryGetProperty("emptyDir", out _))
                throw new NotSupportedException($"pod {_spec.Pod.Key}: the test kubelet does not know this volume: {volume}");
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
    }

    private async Task WriteAsync(
        string folder, JsonElement source, string name, ResourceType type, ICluster cluster, CancellationToken cancellationToken)
    {
        bool optional = source.TryGetProperty("optional", out JsonElement said) && said.GetBoolean();
        KubeObject? found = await cluster.GetAsync(type, new ObjectKey(_spec.Pod.Meta.Namespace, name), cancellationToken);
        if (found is null && !optional)
            throw new ContainerProblemException($"{type} \"{name}\" not found");
        if (found?.At("data") is not { ValueKind: JsonValueKind.Object } data)
            return;
        (string Key, string Path)[] files = source.TryGetProperty("items", out JsonElement items)
            ? [.. items.EnumerateArray().Select(i => (PodSpec.Text(i, "key")!, PodSpec.Text(i, "path")!))]
            : [.. data.EnumerateObject().Select(p => (p.Name, p.Name))];
        foreach ((string key, string path) in files)
        {
            if (!data.TryGetProperty(key, out JsonElement value))
                throw new ContainerProblemException($"{type} \"{name}\" has no key {key}");
            string text = value.GetString()!;
            string file = Path.Combine(folder, path);
            if (type == BuiltIn.Secret)
                await File.WriteAllBytesAsync(file, Convert.FromBase64String(text), cancellationToken);
            else
                await File.WriteAllTextAsync(file, text, cancellationToken);
        }
    }
}
