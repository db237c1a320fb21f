using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Cli.Planning;

/// <summary>Reads the documents of files, folders and standard input.</summary>
internal static class ManifestFiles
{
    private const long MaxBytes = KubeYaml.MaxLength;

    /// <summary>All documents, files in ordinal order of their paths.</summary>
    /// <param name="paths">Files, folders (their *.yaml, *.yml and *.json, not those of folders below unless asked), or <c>-</c>.</param>
    /// <param name="recursive">Takes folders below too.</param>
    /// <param name="input">Standard input.</param>
    /// <exception cref="ManifestException">A path cannot be read, or a text is no manifest; the message says where.</exception>
    public static List<YamlDocument> Read(IEnumerable<string> paths, bool recursive, TextReader input)
    {
        List<YamlDocument> documents = [];
        foreach (string path in paths)
        {
            if (path == "-")
                documents.AddRange(Parse(input.ReadToEnd(), "<stdin>"));
            else if (Directory.Exists(path))
                Folder(path, recursive, documents);
            else
                documents.AddRange(Parse(Text(path), path));
        }

        return documents;
    }

    private static void Folder(string path, bool recursive, List<YamlDocument> documents)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(path, "*", recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
                .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" or ".json")
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException($"{path} cannot be read: {e.Message}");
        }

        if (files.Length == 0)
            throw new ManifestException($"{path} has no *.yaml, *.yml or *.json file{(recursive ? "" : "; -R takes folders below too")}");
        foreach (string file in files)
            documents.AddRange(Parse(Text(file), file));
    }

    private static IReadOnlyList<YamlDocument> Parse(string text, string name)
    {
        try
        {
            return KubeYaml.ReadAll(text, name);
        }
        catch (KubeYamlException e)
        {
            throw new ManifestException(e.Message);
        }
    }

    private static string Text(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (!file.Exists)
                throw new ManifestException($"{path} does not exist");
            if (file.Length > MaxBytes)
                throw new ManifestException($"{path} has {file.Length} bytes; a manifest has at most {MaxBytes}");
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ManifestException($"{path} cannot be read: {e.Message}");
        }
    }
}

/// <summary>Input that cannot be read; the message begins with file and line where there is one.</summary>
internal sealed class ManifestException(string message) : Exception(message);
