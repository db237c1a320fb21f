using System.Globalization;
using System.Text;

namespace Vmcp.Config.Reading;

/// <summary>How bad a problem is.</summary>
public enum Severity
{
    /// <summary>The configuration cannot be used.</summary>
    Error,

    /// <summary>The configuration works, but probably not as meant.</summary>
    Warning,
}

/// <summary>One thing wrong with a configuration.</summary>
/// <param name="Path">Where, as the file spells it: <c>backends[2].auth.type</c>; empty for the whole file.</param>
/// <param name="Line">Line in the file, from 1; 0 when the configuration came from no file.</param>
/// <param name="Severity">Error or warning.</param>
/// <param name="Message">What is wrong, without the place.</param>
/// <param name="Remedy">What to write instead, or null.</param>
public sealed record ConfigProblem(string Path, int Line, Severity Severity, string Message, string? Remedy = null)
{
    /// <summary>The file, or null.</summary>
    public string? File { get; init; }

    /// <summary>One line: <c>vmcp.yaml:12: backends[0].url: required; write …</c>. Warnings say so.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        if (File is not null)
            text.Append(File).Append(':');
        if (Line > 0)
            text.Append(CultureInfo.InvariantCulture, $"{(File is null ? "line " : "")}{Line}:");
        if (text.Length > 0)
            text.Append(' ');
        if (Severity == Severity.Warning)
            text.Append("warning: ");
        if (Path.Length > 0)
            text.Append(Path).Append(": ");
        text.Append(Message);
        if (Remedy is not null)
            text.Append("; ").Append(Remedy);
        // Names in a message come from the file; a line break or escape in one must not forge a line of the report.
        return string.Concat(text.ToString().Select(c => char.IsControl(c) ? '?' : c));
    }
}
