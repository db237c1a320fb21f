using System.Collections.Immutable;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Validation;

/// <summary>Collects what validation finds, with the lines and the spelling of the file.</summary>
internal sealed class ProblemList(SourceMap source)
{
    private readonly List<ConfigProblem> _problems = [];

    public SourceMap Source => source;

    public void Error(string path, string message, string? remedy = null) => Add(path, Severity.Error, message, remedy);

    public void Warn(string path, string message, string? remedy = null) => Add(path, Severity.Warning, message, remedy);

    public ImmutableArray<ConfigProblem> ToImmutable() =>
        [.. _problems.OrderBy(p => p.Line).ThenBy(p => p.Path, StringComparer.Ordinal).ThenBy(p => p.Message, StringComparer.Ordinal)];

    private void Add(string path, Severity severity, string message, string? remedy) =>
        _problems.Add(new ConfigProblem(source.WrittenPath(path), source.LineOf(path), severity, message, remedy) { File = source.File });
}
