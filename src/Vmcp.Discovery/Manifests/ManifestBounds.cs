namespace Vmcp.Discovery.Manifests;

/// <summary>How much a directory of manifests may hold.</summary>
public static class ManifestBounds
{
    /// <summary>Files; those after them, in the order of their names, are not read.</summary>
    public const int Files = 2000;

    /// <summary>Bytes of one file.</summary>
    public const int BytesOfFile = 4 * 1024 * 1024;

    /// <summary>Bytes of all files together; those after them, in the order of their names, are not read.</summary>
    public const long BytesOfDirectory = 64L * 1024 * 1024;

    /// <summary>Objects of one file.</summary>
    public const int ObjectsOfFile = 5000;

    /// <summary>Objects of all files together.</summary>
    public const int ObjectsOfDirectory = 20_000;
}
