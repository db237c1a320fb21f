using System.Text.RegularExpressions;

namespace Vmcp.Config.Validation;

/// <summary>
/// The outer form of a template (composition 1.8): closed delimiters, quotes and parentheses, blocks that end, identifiers without dashes.
/// Conservative: what it refuses no engine accepts; what it accepts the engine may still refuse.
/// </summary>
internal static partial class TemplateForm
{
    public static void Check(string? template, string path, ProblemList problems)
    {
        if (template is null || !template.Contains("{{", StringComparison.Ordinal))
            return;
        Stack<string> blocks = new();
        List<string> actions = Actions(template, out string? unfinished);
        string? problem = actions.Select(action => ActionProblem(action, blocks)).FirstOrDefault(p => p is not null) ?? unfinished;
        if (problem is null && blocks.TryPeek(out string? open))
            problem = $"{{{{{open}}}}} has no {{{{end}}}}";
        if (problem is not null)
            problems.Error(path, $"invalid template: {problem}");
    }

    /// <summary>Every <c>.steps.id.output.field</c> in the template's actions.</summary>
    public static IEnumerable<(string Id, string Field)> StepOutputs(string? template)
    {
        if (template is null)
            yield break;
        foreach (string action in Actions(template, out _))
        {
            foreach (Match match in StepOutput().Matches(Quoted().Replace(action, "\"\"")))
                yield return (match.Groups[1].Value, match.Groups[2].Value);
        }
    }

    private static string? ActionProblem(string action, Stack<string> blocks)
    {
        string body = action.Trim();
        if (body.StartsWith("/*", StringComparison.Ordinal))
            return body.EndsWith("*/", StringComparison.Ordinal) ? null : "a comment must fill its action";
        if (body.Length == 0)
            return "an action is empty";
        string bare = Quoted().Replace(body, "\"\"");
        if (bare.AsSpan().Count('(') != bare.AsSpan().Count(')'))
            return $"parentheses do not match in {{{{{body}}}}}";
        if (DashedField().Match(bare) is { Success: true } dashed)
            return $"\"{dashed.Value}\" is no identifier in {{{{{body}}}}}; write (index .steps \"my-step\") for ids with a dash";
        switch (FirstWord().Match(bare).Value)
        {
            case "if" or "range" or "with" or "block" or "define":
                blocks.Push(FirstWord().Match(bare).Value);
                return null;
            case "else" when blocks.Count == 0:
                return "{{else}} outside of a block";
            case "end":
                return blocks.TryPop(out _) ? null : "{{end}} without a block";
            default:
                return null;
        }
    }

    // The texts between {{ and }}, without trim dashes. Delimiters inside quotes and comments do not count.
    private static List<string> Actions(string template, out string? broken)
    {
        broken = null;
        List<string> actions = [];
        int at = 0;
        while ((at = template.IndexOf("{{", at, StringComparison.Ordinal)) >= 0)
        {
            int start = at + 2;
            int end = End(template, start);
            if (end < 0)
            {
                broken = "{{ without }}";
                break;
            }

            string action = template[start..end];
            if (action.Length > 1 && action[0] == '-' && char.IsWhiteSpace(action[1]))
                action = action[1..];
            if (action.Length > 1 && action[^1] == '-' && char.IsWhiteSpace(action[^2]))
                action = action[..^1];
            actions.Add(action);
            at = end + 2;
        }

        return actions;
    }

    private static int End(string template, int at)
    {
        char quote = '\0';
        bool comment = template.AsSpan(at).TrimStart("- \t\r\n").StartsWith("/*");
        for (; at < template.Length; at++)
        {
            char c = template[at];
            if (comment)
            {
                comment = !(c == '*' && template.AsSpan(at).StartsWith("*/"));
            }
            else if (quote != '\0')
            {
                if (c == '\\' && quote != '`')
                    at++;
                else if (c == quote)
                    quote = '\0';
            }
            else if (c is '"' or '`' or '\'')
            {
                quote = c;
            }
            else if (c == '}' && at + 1 < template.Length && template[at + 1] == '}')
            {
                return at;
            }
        }

        return -1;
    }

    [GeneratedRegex("""("([^"\\]|\\.)*"|`[^`]*`|'([^'\\]|\\.)*')""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![\w)\]$])\.steps\.([A-Za-z_]\w*)\.output\.([A-Za-z_]\w*)", RegexOptions.CultureInvariant)]
    private static partial Regex StepOutput();

    [GeneratedRegex(@"\.[A-Za-z_]\w*-\w[\w-]*", RegexOptions.CultureInvariant)]
    private static partial Regex DashedField();

    [GeneratedRegex(@"^[a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex FirstWord();
}
