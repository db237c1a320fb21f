using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>
/// The files of one pod: below a folder of its own every mount has the path it has in a pod, and follows its ConfigMap or Secret.
/// </summary>
internal sealed class PodFolder : IDisposable
{
    private readonly Regex _mounts;
    private readonly IReadOnlyList<MountedObject> _objects;

    public PodFolder(string parent, PodSpec spec)
    {
        Root = Directory.CreateDirectory(Path.Combine(parent, spec.Pod.Meta.Name)).FullName;
        Home = Directory.CreateDirectory(Path.Combine(Root, "home")).FullName;
        // Whole paths only: "/tmp" is none in "https://example.com/tmp" or "/var/tmp".
        string paths = string.Join('|', spec.MountPaths.Append(AccountMount.Place).OrderByDescending(m => m.Length).Select(Regex.Escape));
        _mounts = new Regex($$"""(?<![\w./+-])({{paths}})(?=/|$|[\s"',\]}])""", RegexOptions.CultureInvariant);
        _objects = [.. Mount(spec)];
    }

    public string Root { get; }

    /// <summary>A home directory without a kubeconfig.</summary>
    public string Home { get; }

    /// <summary>A path of the pod as a path of this machine.</summary>
    public string Local(string path) => Root + path;

    /// <summary>A text with the paths of mounts in it made those of this machine.</summary>
    public string Localize(string text) => _mounts.Replace(text, match => Local(match.Value));

    /// <summary>Whether some file here comes from this object.</summary>
    public bool Shows(ResourceType type, ObjectKey key) => _objects.Any(o => o.Type == type && o.Key == key);

    /// <summary>Makes the files those of the mounted objects as they are now.</summary>
    /// <exception cref="ContainerProblemException">A ConfigMap or Secret that must be there is not.</exception>
    public async Task FillAsync(ICluster cluster, CancellationToken cancellationToken)
    {
        foreach (MountedObject mounted in _objects)
            await mounted.FillAsync(cluster, cancellationToken);
    }

    public void Dispose()
    {
        if (Directory.Exists(Root))
            Directory.Delete(Root, recursive: true);
    }

    private IEnumerable<MountedObject> Mount(PodSpec spec)
    {
        foreach (JsonElement volume in spec.Volumes)
        {
            if (spec.MountPath(volume.GetProperty("name").GetString()!) is not { } path)
                continue;
            string folder = Directory.CreateDirectory(Local(path)).FullName;
            if (MountedObject.Of(volume, folder, spec.Pod.Meta.Namespace, Localize) is { } mounted)
                yield return mounted;
            else if (!volume.TryGetProperty("emptyDir", out _))
                throw new NotSupportedException($"pod {spec.Pod.Key}: the test kubelet does not know this volume: {volume}");
        }
    }
}
