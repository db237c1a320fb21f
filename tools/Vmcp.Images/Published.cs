namespace Vmcp.Images;

/// <summary>The files of a publish that a container needs.</summary>
public static class Published
{
    /// <summary>Only for debuggers and tracers: none gets into a container without a shell, and the last wants a library that is not there.</summary>
    private static readonly string[] ForDebuggers = ["createdump", "libmscordaccore.so", "libmscordbi.so", "libcoreclrtraceptprovider.so"];

    /// <summary>Lists them, in order.</summary>
    public static IEnumerable<string> FilesOf(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => !ForDebuggers.Contains(Path.GetFileName(f)) && Path.GetExtension(f) is not (".pdb" or ".xml"))
        .Order(StringComparer.Ordinal);
}
