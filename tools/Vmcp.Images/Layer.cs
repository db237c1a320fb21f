using System.Formats.Tar;
using System.IO.Compression;

namespace Vmcp.Images;

/// <summary>A layer: its compressed bytes, and the digest of the tar inside, which the image config names.</summary>
public sealed record LayerBlob(byte[] Compressed, string DiffId);

/// <summary>Gathers files of a layer and writes them so that the same files give the same bytes: sorted, one time stamp, owned by root.</summary>
public sealed class Layer
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly SortedDictionary<string, (byte[]? Content, string? Target, UnixFileMode Mode)> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds a file that everybody may read; nobody may write anything but /tmp.</summary>
    public void File(string path, byte[] content, bool executable = false)
    {
        Parents(path);
        _entries[path] = (content, null, Readable | (executable ? Runnable : 0));
    }

    /// <summary>Adds a symbolic link.</summary>
    public void Link(string path, string target)
    {
        Parents(path);
        _entries[path] = (null, target, Readable | Runnable);
    }

    /// <summary>Adds a folder.</summary>
    public void Folder(string path, UnixFileMode mode = Readable | Runnable | UnixFileMode.UserWrite)
    {
        Parents(path);
        _entries[path + "/"] = (null, null, mode);
    }

    /// <summary>The layer as a blob.</summary>
    public LayerBlob Build()
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach ((string path, (byte[]? content, string? target, UnixFileMode mode)) in _entries)
            {
                TarEntryType type = content is not null ? TarEntryType.RegularFile : target is not null ? TarEntryType.SymbolicLink : TarEntryType.Directory;
                UstarTarEntry entry = new(type, path) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch, Uid = 0, Gid = 0 };
                if (target is not null)
                    entry.LinkName = target;
                if (content is not null)
                    entry.DataStream = new MemoryStream(content);
                writer.WriteEntry(entry);
            }
        }

        byte[] plain = tar.ToArray();
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(plain);
        return new LayerBlob(compressed.ToArray(), OciArchive.Digest(plain));
    }

    private void Parents(string path)
    {
        for (int at = path.IndexOf('/', StringComparison.Ordinal); at > 0; at = path.IndexOf('/', at + 1))
            _entries.TryAdd(path[..at] + "/", (null, null, Readable | Runnable | UnixFileMode.UserWrite));
    }
}
