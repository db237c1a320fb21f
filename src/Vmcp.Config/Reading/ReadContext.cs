namespace Vmcp.Config.Reading;

/// <summary>Collects what goes wrong while nodes become a configuration.</summary>
internal sealed class ReadContext(string file)
{
    /// <summary>A report that is longer than this helps nobody.</summary>
    private const int MaxProblems = 200;

    private readonly List<ConfigProblem> _problems = [];

    public SourceMap Source { get; } = new(file);

    public IReadOnlyList<ConfigProblem> Problems => _problems;

    public void Error(string path, int line, string message, string? remedy = null)
    {
        Source.Unreadable(path);
        Add(new ConfigProblem(Source.WrittenPath(path), line, Severity.Error, message, remedy));
    }

    public void WrongKind(string path, Node found, string expected, string? remedy = null) =>
        Error(path, found.Line, $"expected {expected}, found {found.Kind}", remedy);

    public void Add(ConfigProblem problem)
    {
        if (_problems.Count < MaxProblems)
            _problems.Add(problem with { File = file });
    }

    /// <summary>A map's entries without repeated keys; the first of each stays, the others are reported.</summary>
    public IEnumerable<MapEntry> UniqueEntries(MapNode map, string path)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        foreach (MapEntry entry in map.Entries)
        {
            if (seen.TryAdd(entry.Key.Text, entry.Key.Line))
                yield return entry;
            else
                Error(Paths.Join(path, entry.Key.Shown), entry.Key.Line, $"this key is already there, in line {seen[entry.Key.Text]}");
        }
    }
}

/// <summary>Dotted paths. They stop growing at some length: a longer one helps nobody, and deep files with long keys stay cheap.</summary>
internal static class Paths
{
    private const int MaxLength = 500;

    public static string Join(string path, string key) => path.Length == 0 ? key : path.Length > MaxLength ? path : $"{path}.{key}";

    public static string Item(string path, int index) => path.Length > MaxLength ? path : $"{path}[{index}]";
}
