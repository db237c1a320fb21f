namespace Vmcp.Core.Catalogs;

/// <summary>A URI template (RFC 6570, levels 1 to 4) compiled for matching URIs against it.</summary>
/// <remarks>
/// Matching is the reverse of expansion, read the way MCP servers do: <c>{id}</c> stands for one or more characters without <c>/ ? #</c>;
/// <c>{+path}</c> and <c>{path*}</c> may contain slashes; query, matrix, path, label and fragment expressions may be left out.
/// </remarks>
public sealed class UriTemplate
{
    /// <summary>Steps one lookup may take over all templates together: a few milliseconds.</summary>
    public const long WorkBudget = 2_000_000;

    private readonly TemplateProgram? _program;
    private readonly string _literalStart;

    private UriTemplate(string text, TemplateProgram? program)
    {
        Text = text;
        _program = program;
        int end = text.AsSpan().IndexOfAnyExcept(TemplateProgram.PlainCharacters);
        _literalStart = end < 0 ? text : text[..end];
    }

    /// <summary>The template as the backend wrote it.</summary>
    public string Text { get; }

    /// <summary>Compiles a template; a text that is no valid template, or an overly large one, only matches itself.</summary>
    public static UriTemplate Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new UriTemplate(text, TemplateCompiler.Compile(text));
    }

    /// <summary>Whether some values of the variables expand the template to <paramref name="uri"/>.</summary>
    public bool IsMatch(string uri)
    {
        long budget = WorkBudget;
        return IsMatch(uri, ref budget);
    }

    /// <summary>As <see cref="IsMatch(string)"/>, taking the work off <paramref name="budget"/>; false when it runs out.</summary>
    public bool IsMatch(string uri, ref long budget)
    {
        if (_program is null || !uri.StartsWith(_literalStart, StringComparison.Ordinal))
            return uri == Text;
        return _program.IsMatch(uri, ref budget);
    }
}
