using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Cli.Planning;

/// <summary>Reads the documents of files, folders and standard input.</summary>
internal static class PlanFiles
{
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
                documents.AddRange(ManifestFiles.Documents(input.ReadToEnd(), "<stdin>"));
            else if (Directory.Exists(path))
                Folder(path, recursive, documents);
            else
                documents.AddRange(File(path, regularOnly: false));
        }

        return documents;
    }

    private static void Folder(string path, bool recursive, List<YamlDocument> documents)
    {
        IReadOnlyList<string> files = ManifestFiles.In(path, recursive);
        if (files.Count == 0)
            throw new ManifestException($"{path} has no *.yaml, *.yml or *.json file{(recursive ? "" : "; -R takes folders below too")}");
        foreach (string file in files)
            documents.AddRange(File(file, regularOnly: true));
    }

    private static IReadOnlyList<YamlDocument> File(string path, bool regularOnly) => ManifestFiles.Documents(
        ManifestFiles.Bytes(path, path, KubeYaml.MaxLength, regularOnly) ?? throw new ManifestException($"{path} does not exist"), path);
}
