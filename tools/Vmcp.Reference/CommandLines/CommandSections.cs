using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.CommandLines;

/// <summary>Writes what System.CommandLine knows of commands, as <c>--help</c> does.</summary>
internal static class CommandSections
{
    public static void Arguments(StringBuilder page, IEnumerable<Argument> arguments) =>
        Markdown.Table(page, ["argument", "default", "meaning"], arguments.Where(a => !a.Hidden).Select(a => new[]
        {
            Markdown.Code(a.Name),
            a.HasDefaultValue ? Default(a.GetDefaultValue()) : a.Arity.MinimumNumberOfValues > 0 ? "**required**" : "",
            Meaning(a.Description, a.GetCompletions(CompletionContext.Empty)),
        }));

    public static void Options(StringBuilder page, IEnumerable<Option> options) =>
        Markdown.Table(page, ["option", "default", "meaning"], options.Where(o => !o.Hidden).Select(o => new[]
        {
            string.Join(", ", o.Aliases.Where(IsLetter).Prepend(o.Name).Select(Markdown.Code)) + Value(o),
            o.Required ? "**required**" : o.HasDefaultValue && o.ValueType != typeof(bool) ? Default(o.GetDefaultValue()) : "",
            Meaning(o.Description, IsFlag(o) ? [] : o.GetCompletions(CompletionContext.Empty)),
        }));

    /// <summary>Environment variables, sorted as given.</summary>
    public static void Variables(StringBuilder page, IEnumerable<KeyValuePair<string, string>> variables) =>
        Markdown.Table(page, ["variable", "meaning"], variables.Select(v => new[] { Markdown.Code(v.Key), Markdown.Escape(v.Value) }));

    /// <summary>Exit codes, each written as <c>code  when</c>.</summary>
    public static void ExitCodes(StringBuilder page, IEnumerable<string> codes) => Markdown.Table(page, ["exit code", "when"], codes.Select(code => new[]
    {
        Markdown.Code(code.Split(' ', 2)[0]), Markdown.Escape(code.Split(' ', 2)[1].Trim()),
    }));

    /// <summary>Commands to copy.</summary>
    public static void Examples(StringBuilder page, IReadOnlyCollection<string> examples)
    {
        if (examples.Count > 0)
            page.Append("\n```sh\n").AppendJoin('\n', examples).Append("\n```\n");
    }

    // Slashes and question marks for other habits are left to --help.
    private static bool IsLetter(string alias) => alias is ['-', >= 'a' and <= 'z' or >= 'A' and <= 'Z', ..];

    private static string Value(Option option) => IsFlag(option) ? "" : " " + Markdown.Code(option.HelpName ?? "VALUE");

    private static bool IsFlag(Option option) => option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool);

    private static string Default(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? Markdown.Code(text) : "";

    private static string Meaning(string? description, IEnumerable<CompletionItem> values)
    {
        string text = Markdown.Sentence(Markdown.Escape(description ?? ""));
        string[] words = [.. values.Select(v => v.Label)];
        return words.Length == 0 ? text : $"{text} One of {string.Join(", ", words.Select(Markdown.Code))}.";
    }
}
