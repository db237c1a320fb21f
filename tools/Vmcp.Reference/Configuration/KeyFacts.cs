using System.Text.Json.Nodes;
using Vmcp.Config.Shapes;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.Configuration;

/// <summary>What the rules say about the keys: which are required, and which values this version refuses.</summary>
internal sealed class KeyFacts
{
    private readonly HashSet<string> _required = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _requiredWhen = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _choices = new(StringComparer.Ordinal);

    public KeyFacts(ConfigSections sections)
    {
        foreach (ConfigSection section in sections.All)
            Ask(section);
    }

    /// <summary>Whether the key must be written wherever the map it is in is written.</summary>
    public bool IsRequired(ConfigSection section, ConfigKey key) => _required.Contains(section.First.Of(key.Name));

    /// <summary>With which other values it must be written: <c>`type` is `tool`</c>.</summary>
    public IEnumerable<string> RequiredWhen(ConfigSection section, ConfigKey key) =>
        IsRequired(section, key) ? [] : _requiredWhen.GetValueOrDefault(section.First.Of(key.Name), []);

    /// <summary>The sentence about the keys of which exactly one must be written; null when it is none of them.</summary>
    public string? Choice(ConfigSection section, ConfigKey key) => _choices.GetValueOrDefault(section.First.Of(key.Name));

    /// <summary>What is refused with <c>not supported yet</c>, as a sentence; null when nothing is.</summary>
    public static string? Refused(ConfigSection section, ConfigKey key)
    {
        // A record that stands in several places is refused as a whole only where all of them are.
        JsonNode[] samples = [.. Probe.Samples(key.Form)];
        JsonNode[] refused = [.. samples.Where(sample => section.Paths.All(path => Refuses(path, key, sample)))];
        return refused.Length == 0 ? null
            : refused.Length == samples.Length ? "**Not supported yet.**"
            : $"**Not supported yet: {string.Join(", ", refused.Select(value => Markdown.Code(value.ToJsonString().Trim('"'))))}.**";
    }

    private static bool Refuses(KeyPath path, ConfigKey key, JsonNode sample) =>
        Probe.Refuses(path.File(new JsonObject { [key.Name] = sample.DeepClone() }), path.Of(key.Name));

    private void Ask(ConfigSection section)
    {
        IReadOnlySet<string> always = Probe.Missing(section.First.File([]));
        foreach ((_, string[] keys) in Probe.MissingChoices(section.First.File([])).Where(choice => Beside(section, choice.Path)))
        {
            foreach (string key in keys)
                _choices[section.First.Of(key)] = $"Exactly one of {string.Join(" and ", keys.Select(Markdown.Code))} is required";
        }

        List<(string Key, string Word, IReadOnlySet<string> Missing)> variants = [];
        foreach (ConfigKey key in section.Keys)
        {
            foreach (string word in key.Form is ValueForm.Word { Words: var words } ? words.Select(w => w.Key) : [])
                variants.Add((key.Name, word, Probe.Missing(section.First.File(new JsonObject { [key.Name] = word }))));
        }

        foreach (string path in section.Keys.Select(key => section.First.Of(key.Name)).Where(always.Contains))
        {
            if (variants.All(v => section.First.Of(v.Key) == path || v.Missing.Contains(path)))
                _required.Add(path);
        }

        foreach ((string key, string word, IReadOnlySet<string> missing) in variants)
        {
            // What the file lacks with any word, it does not lack because of this one; a default may be what makes it needed here.
            foreach (string path in missing.Where(path => !_required.Contains(path) && (Beside(section, path) || !always.Contains(path))))
                When(path, $"{Markdown.Code(Beside(section, path) ? key : section.First.Of(key))} is {Markdown.Code(word)}");
        }
    }

    private static bool Beside(ConfigSection section, string path) => section.Keys.Any(key => section.First.Of(key.Name) == path);

    private void When(string path, string condition)
    {
        if (!_requiredWhen.TryGetValue(path, out List<string>? conditions))
            _requiredWhen[path] = conditions = [];
        conditions.Add(condition);
    }
}
