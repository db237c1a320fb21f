using System.Text;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Discovery.Manifests;

/// <summary>Finds and reads files with manifests.</summary>
public static class ManifestFiles
{
    /// <summary>The *.yaml, *.yml and *.json files of a folder in ordinal order; hidden ones (.x.yaml) are not for us.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recursive">Takes folders below too.</param>
    /// <exception cref="ManifestException">The folder cannot be read.</exception>
    public static IReadOnlyList<string> In(string folder, bool recursive)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(folder, "*", recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
                    .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" or ".json" && !Path.GetFileName(f).StartsWith('.'))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException($"{folder} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A file's bytes; null when there is no such file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limit">Bytes it may have.</param>
    /// <param name="regularOnly">Takes what has no length for empty without opening it: a pipe among the files would wait for its writer.</param>
    /// <exception cref="ManifestException">The file cannot be read or is too large.</exception>
    public static byte[]? Bytes(string path, string name, int limit, bool regularOnly)
    {
        try
        {
            FileInfo file = new(path);
            // The length of a link is that of its text.
            if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
                file = target;
            if (!file.Exists)
                return null;
            if (file.Length > limit)
                throw new ManifestException($"{name} has {file.Length} bytes; a manifest has at most {limit}");
            if (regularOnly && file.Length == 0)
                return [];
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] bytes = new byte[(int)Math.Clamp(file.Length + 1, 512, limit + 1L)];
            int length = 0;
            for (int read; (read = stream.Read(bytes, length, bytes.Length - length)) > 0;)
            {
                length += read;
                if (length > limit)
                    throw new ManifestException($"{name} grew beyond {limit} bytes, which is what a manifest has at most");
                if (length == bytes.Length)
                    Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, limit + 1L));
            }

            return bytes[..length];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ManifestException($"{name} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The documents of a file's bytes, UTF-8 or what its byte order mark says.</summary>
    /// <exception cref="ManifestException">The text is no manifest.</exception>
    public static IReadOnlyList<YamlDocument> Documents(byte[] bytes, string name)
    {
        using StreamReader reader = new(new MemoryStream(bytes), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        return Documents(reader.ReadToEnd(), name);
    }

    /// <summary>The documents of a text.</summary>
    /// <exception cref="ManifestException">The text is no manifest.</exception>
    public static IReadOnlyList<YamlDocument> Documents(string text, string name)
    {
        try
        {
            return KubeYaml.ReadAll(text, name);
        }
        catch (KubeYamlException e)
        {
            throw new ManifestException(e.Message, e);
        }
    }
}
