using System.Text;
using System.Text.Json;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>
/// The files of one ConfigMap or Secret in a pod. A change comes into them in one step, as the kubelet's does: each version has a folder of its
/// own, <c>..data</c> leads to the newest, and the names a program opens lead through <c>..data</c>.
/// </summary>
internal sealed class MountedObject
{
    private const string Newest = "..data";
    private readonly string _folder;
    private readonly JsonElement _source;
    private readonly Func<string, string> _localize;
    private string? _version;

    private MountedObject(ResourceType type, ObjectKey key, string folder, JsonElement source, Func<string, string> localize) =>
        (Type, Key, _folder, _source, _localize) = (type, key, folder, source, localize);

    public ResourceType Type { get; }

    public ObjectKey Key { get; }

    /// <summary>The volume's object; null when the volume is of another kind.</summary>
    /// <param name="volume">The volume (core/v1 Volume).</param>
    /// <param name="folder">Where it is mounted, on this machine.</param>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="localize">Makes paths of the pod in a text those of this machine.</param>
    public static MountedObject? Of(JsonElement volume, string folder, string @namespace, Func<string, string> localize)
    {
        if (volume.TryGetProperty("configMap", out JsonElement map))
            return new MountedObject(BuiltIn.ConfigMap, new ObjectKey(@namespace, PodSpec.Text(map, "name")!), folder, map, localize);
        return volume.TryGetProperty("secret", out JsonElement secret)
            ? new MountedObject(BuiltIn.Secret, new ObjectKey(@namespace, PodSpec.Text(secret, "secretName")!), folder, secret, localize)
            : null;
    }

    /// <summary>Makes the files those of the object as it is now.</summary>
    /// <exception cref="ContainerProblemException">It must be there and is not, or has not the keys it must have.</exception>
    public async Task FillAsync(ICluster cluster, CancellationToken cancellationToken)
    {
        bool optional = _source.TryGetProperty("optional", out JsonElement said) && said.GetBoolean();
        KubeObject? found = await cluster.GetAsync(Type, Key, cancellationToken);
        if (found is null && !optional)
            throw new ContainerProblemException($"{Type} \"{Key.Name}\" not found");
        string version = found?.Meta.ResourceVersion ?? "";
        if (version == _version)
            return;
        Dictionary<string, byte[]> files = found is null ? [] : FilesOf(found, optional);
        string place = Directory.CreateDirectory(Path.Combine(_folder, $"..{Guid.NewGuid():N}")).FullName;
        foreach ((string name, byte[] content) in files)
            await File.WriteAllBytesAsync(Path.Combine(place, name), content, cancellationToken);
        Show(Path.GetFileName(place), files.Keys);
        _version = version;
    }

    private Dictionary<string, byte[]> FilesOf(KubeObject found, bool optional)
    {
        Dictionary<string, byte[]> data = [];
        if (found.At("data") is { ValueKind: JsonValueKind.Object } values)
        {
            foreach (JsonProperty value in values.EnumerateObject())
                data[value.Name] = Type == BuiltIn.Secret ? Convert.FromBase64String(value.Value.GetString()!) : Written(value.Name, value.Value.GetString()!);
        }

        if (!_source.TryGetProperty("items", out JsonElement items))
            return data;
        Dictionary<string, byte[]> files = [];
        foreach (JsonElement item in items.EnumerateArray())
        {
            string key = PodSpec.Text(item, "key")!;
            if (data.TryGetValue(key, out byte[]? content))
                files[PodSpec.Text(item, "path")!] = content;
            else if (!optional)
                throw new ContainerProblemException($"{Type} \"{Key.Name}\" has no key {key}");
        }

        return files;
    }

    // There is no mount namespace: a document that names mounted files names them by the paths of this machine.
    private byte[] Written(string name, string text) =>
        Encoding.UTF8.GetBytes(name.EndsWith(".yaml", StringComparison.Ordinal) ? _localize(text) : text);

    private void Show(string version, IReadOnlyCollection<string> names)
    {
        string newest = Path.Combine(_folder, Newest);
        // Made where it leads nowhere: File.Move takes a link to a folder for a folder, and does not replace one.
        string link = Path.Combine(Path.GetDirectoryName(_folder)!, $"{Guid.NewGuid():N}");
        File.CreateSymbolicLink(link, version);
        File.Move(link, newest, overwrite: true);
        foreach (string name in names.Where(n => !Path.Exists(Path.Combine(_folder, n))))
            File.CreateSymbolicLink(Path.Combine(_folder, name), Path.Combine(Newest, name));
        foreach (FileInfo gone in new DirectoryInfo(_folder).EnumerateFiles().Where(f => f.Name != Newest && !names.Contains(f.Name)).ToArray())
            gone.Delete();
        foreach (string old in Directory.GetDirectories(_folder).Where(d => Path.GetFileName(d) is not Newest && Path.GetFileName(d) != version))
            Directory.Delete(old, recursive: true);
    }
}
