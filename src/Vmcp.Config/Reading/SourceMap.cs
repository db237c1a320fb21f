namespace Vmcp.Config.Reading;

/// <summary>Knows for each path of a configuration the line and the spelling of the file it came from.</summary>
public sealed class SourceMap
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _moved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _flat = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);

    internal SourceMap(string? file) => File = file;

    /// <summary>The map of a configuration that came from no file: every line is 0.</summary>
    public static SourceMap Empty { get; } = new(null);

    /// <summary>The file's name, or null.</summary>
    public string? File { get; }

    /// <summary>Line of a path, or of the nearest part above it that is in the file; 0 when there is no file.</summary>
    public int LineOf(string path)
    {
        for (string? at = Follow(path, _moved); at is not null; at = Above(at))
        {
            if (_lines.TryGetValue(at, out int line))
                return line;
        }

        return _lines.GetValueOrDefault("", File is null ? 0 : 1);
    }

    /// <summary>The path as the file spells it: a backend's own <c>auth</c> block instead of <c>outgoingAuth.backends</c>.</summary>
    public string WrittenPath(string path) => Follow(Follow(path, _moved), _flat);

    /// <summary>Whether the file has something at the path that could not be read.</summary>
    internal bool IsUnreadable(string path) => _unreadable.Contains(Follow(path, _moved));

    internal void Unreadable(string path) => _unreadable.Add(path);

    internal void Mark(string path, int line) => _lines.TryAdd(path, line);

    /// <summary>What is now at <paramref name="path"/> was read at <paramref name="from"/>.</summary>
    internal void Moved(string path, string from) => _moved[path] = from;

    /// <summary>What was read at <paramref name="path"/> stands, in the file, without the last part.</summary>
    internal void Flattened(string path) => _flat[path] = Above(path) ?? "";

    private static string Follow(string path, Dictionary<string, string> map)
    {
        for (string? at = path; at is not null && map.Count > 0; at = Above(at))
        {
            if (map.TryGetValue(at, out string? to))
                return to + path[at.Length..];
        }

        return path;
    }

    private static string? Above(string path)
    {
        int cut = path.LastIndexOfAny(['.', '[']);
        return cut < 0 ? null : path[..cut];
    }
}
