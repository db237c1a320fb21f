using System.Text.RegularExpressions;

namespace Vmcp.Kubernetes.InMemory.Selecting;

/// <summary>A label selector (Kubernetes docs, Labels and Selectors): <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
internal sealed partial class LabelSelector
{
    private readonly List<Func<IReadOnlyDictionary<string, string>, bool>> _all = [];

    public static LabelSelector Everything { get; } = new();

    /// <summary>Whether all requirements hold; an absent label is unlike each value.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) => _all.TrueForAll(r => r(labels));

    /// <summary>Reads a selector.</summary>
    /// <exception cref="FormatException">It is malformed; the message names the requirement.</exception>
    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        var selector = new LabelSelector();
        foreach (string requirement in Commas().Split(text))
            selector._all.Add(Requirement(requirement.Trim()));
        return selector;
    }

    private static Func<IReadOnlyDictionary<string, string>, bool> Requirement(string text)
    {
        if (InSet().Match(text) is { Success: true } set)
        {
            string key = set.Groups["key"].Value;
            string[] values = [.. set.Groups["values"].Value.Split(',').Select(v => v.Trim())];
            return set.Groups["not"].Success
                ? labels => !labels.TryGetValue(key, out string? value) || !values.Contains(value)
                : labels => labels.TryGetValue(key, out string? value) && values.Contains(value);
        }

        if (Equality().Match(text) is { Success: true } equality)
        {
            (string key, string wanted) = (equality.Groups["key"].Value, equality.Groups["value"].Value);
            return equality.Groups["operator"].Value == "!="
                ? labels => !labels.TryGetValue(key, out string? value) || value != wanted
                : labels => labels.TryGetValue(key, out string? value) && value == wanted;
        }

        if (Existence().Match(text) is { Success: true } existence)
        {
            string key = existence.Groups["key"].Value;
            bool wanted = !existence.Groups["not"].Success;
            return labels => labels.ContainsKey(key) == wanted;
        }

        throw new FormatException($"unable to parse requirement \"{text}\" of a label selector");
    }

    [GeneratedRegex(@",(?![^(]*\))")]
    private static partial Regex Commas();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s+(?:in|(?<not>notin))\s*\((?<values>[^()]*)\)$")]
    private static partial Regex InSet();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s*(?<operator>==?|!=)\s*(?<value>[\w.-]*)$")]
    private static partial Regex Equality();

    [GeneratedRegex(@"^(?<not>!\s*)?(?<key>[\w./-]+)$")]
    private static partial Regex Existence();
}
