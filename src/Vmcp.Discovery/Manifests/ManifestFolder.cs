using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Vmcp.Discovery.Manifests;

/// <summary>
/// The files of a directory as they were last when they were good. Compares content, so that symbolic-link swaps, editors that replace files
/// and network file systems all look the same.
/// </summary>
/// <param name="path">The directory.</param>
/// <param name="namespace">The namespace of objects that name none.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where kinds that are not ours are told.</param>
internal sealed class ManifestFolder(string path, string @namespace, TimeProvider time, ILogger logger)
{
    // A file that is just being written, or taken away to be replaced, looks different so soon after; then the next look has it.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(50);
    private static readonly byte[] Unread = [];
    private readonly SortedDictionary<string, Known> _files = new(StringComparer.Ordinal);
    private string? _problem;

    /// <summary>The last good objects of each file, in the order of the names.</summary>
    public IEnumerable<(string Name, IReadOnlyList<Manifest> Manifests)> Files => _files.Select(f => (f.Key, (IReadOnlyList<Manifest>)f.Value.Manifests));

    /// <summary>What is wrong, by file name; the directory itself has an empty one.</summary>
    public IEnumerable<KeyValuePair<string, string>> Problems => _files.Where(f => f.Value.Problem is not null)
        .Select(f => KeyValuePair.Create(f.Key, f.Value.Problem!))
        .Concat(_problem is null ? [] : [KeyValuePair.Create("", _problem)]);

    /// <summary>Looks at all files once; what cannot be read or used leaves that file as it was.</summary>
    /// <param name="settle">Looks at what changed a second time, a moment later, and takes it only if it stayed.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>Whether a file or a problem is another one now.</returns>
    public async Task<bool> LookAsync(bool settle, CancellationToken cancellationToken)
    {
        Dictionary<string, Read> now;
        try
        {
            now = ReadAll(cancellationToken);
        }
        catch (ManifestException e)
        {
            (string? before, _problem) = (_problem, e.Message);
            return before != _problem;
        }

        bool healed = _problem is not null;
        _problem = null;

        string[] changed = [.. now.Where(f => !IsKnown(f.Key, f.Value)).Select(f => f.Key)];
        string[] gone = [.. _files.Keys.Where(name => !now.ContainsKey(name))];
        if (settle && changed.Length + gone.Length > 0)
        {
            await Task.Delay(Settling, time, cancellationToken).ConfigureAwait(false);
            changed = [.. changed.Where(name => now[name].Problem is not null || ReadOne(name).Hash.AsSpan().SequenceEqual(now[name].Hash))];
            gone = [.. gone.Where(name => !File.Exists(Path.Combine(path, name)))];
        }

        foreach (string name in gone)
            _files.Remove(name);
        foreach (string name in changed)
            _files[name] = await NextAsync(name, now[name], cancellationToken).ConfigureAwait(false);
        return healed || changed.Length + gone.Length > 0;
    }

    private Dictionary<string, Read> ReadAll(CancellationToken cancellationToken)
    {
        Dictionary<string, Read> files = new(StringComparer.Ordinal);
        long total = 0;
        foreach (string name in ManifestFiles.In(path, recursive: false).Select(f => Path.GetFileName(f)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (files.Count >= ManifestBounds.Files)
            {
                files[name] = Read.Trouble($"{name}: not read: a directory has at most {ManifestBounds.Files} files");
                continue;
            }

            Read file = ReadOne(name);
            if (file.Problem is null && (total += file.Bytes.Length) > ManifestBounds.BytesOfDirectory)
                file = Read.Trouble($"{name}: not read: with it there were more than {ManifestBounds.BytesOfDirectory} bytes");
            if (file.Exists)
                files[name] = IsKnown(name, file) ? file with { Bytes = Unread } : file;
        }

        return files;
    }

    private Read ReadOne(string name)
    {
        try
        {
            return ManifestFiles.Bytes(Path.Combine(path, name), name, ManifestBounds.BytesOfFile, regularOnly: true) is { } bytes
                ? new Read(bytes, SHA256.HashData(bytes), null)
                : Read.Missing;
        }
        catch (ManifestException e)
        {
            return Read.Trouble(e.Message);
        }
    }

    private bool IsKnown(string name, Read file) => _files.TryGetValue(name, out Known? known)
        && (file.Problem is null ? known.Hash.AsSpan().SequenceEqual(file.Hash) : known.Problem == file.Problem);

    private async Task<Known> NextAsync(string name, Read file, CancellationToken cancellationToken)
    {
        ImmutableArray<Manifest> before = _files.TryGetValue(name, out Known? known) ? known.Manifests : [];
        if (file.Problem is not null)
            return new Known(Unread, before, file.Problem);
        List<string> others = [];
        try
        {
            ImmutableArray<Manifest> manifests = await ManifestFile.ReadAsync(file.Bytes, name, @namespace, others.Add, cancellationToken).ConfigureAwait(false);
            if (others.Count > 0)
                logger.KindsPassedOver(name, others.Count, string.Join(", ", others.Distinct().Order(StringComparer.Ordinal).Take(10)));
            return new Known(file.Hash, manifests, null);
        }
        catch (ManifestException e)
        {
            return new Known(file.Hash, before, e.Message);
        }
    }

    private sealed record Known(byte[] Hash, ImmutableArray<Manifest> Manifests, string? Problem);

    private sealed record Read(byte[] Bytes, byte[] Hash, string? Problem)
    {
        public static readonly Read Missing = new([], [], null);

        public bool Exists => Problem is not null || Hash.Length > 0;

        public static Read Trouble(string problem) => new([], [], problem);
    }
}
