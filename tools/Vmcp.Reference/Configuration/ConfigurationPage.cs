using System.Text;
using Vmcp.Config.Shapes;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.Configuration;

/// <summary>Every key of the gateway's file.</summary>
internal sealed class ConfigurationPage
{
    private readonly ConfigSections _sections = ConfigSections.OfGateway();
    private readonly ConfigText _text;
    private readonly KeyFacts _facts;
    private readonly StringBuilder _page = Markdown.Page("Configuration file", "src/Vmcp.Config");

    private ConfigurationPage()
    {
        _text = new ConfigText(_sections);
        _facts = new KeyFacts(_sections);
    }

    public static string Write()
    {
        ConfigurationPage page = new();
        page._page.Append("""

            Every key of the file that `vmcp serve -c` reads; in a cluster the operator writes that file from a [VirtualMCPServer](virtualmcpserver.md).
            [The guide](../configuration.md) says how the keys work together. The file is read strictly: a key that is not on this page is an error.
            A key may also be written in snake_case. A duration is a number with a unit, or several: `500ms`, `30s`, `1m30s`.

            **Not supported yet** means: `vmcp validate` takes the key and checks it, and `vmcp serve` stops with `not supported yet: <path>`.

            """);
        foreach (ConfigSection section in page._sections.All)
            page.Section(section);
        return page._page.ToString();
    }

    private void Section(ConfigSection section)
    {
        bool top = section.First.Steps.IsEmpty;
        Markdown.Heading(_page, section.First.Steps.Length < 2 ? "##" : "###", top ? "The file" : Markdown.Escape(section.First.ToString()), section.Anchor);
        string about = _text.Of(section.Map.Record);
        // A docstring that is the key's name alone says nothing below a heading that says it.
        if (about.TrimEnd('.') != Markdown.Code(about.Trim('`', '.')))
            _page.Append('\n').Append(Markdown.Sentence(about)).Append('\n');
        if (section.Paths.Count > 1)
            _page.Append("\nThe same keys: ").AppendJoin(", ", section.Paths.Skip(1).Select(path => Markdown.Code(path.ToString()))).Append(".\n");
        Markdown.Table(_page, ["key", "type", "default", "meaning"], section.Keys.Select(key => new[]
        {
            Markdown.Code(key.Name), Type(key.Form), _facts.IsRequired(section, key) ? "**required**" : _text.Default(key), Meaning(section, key),
        }));
    }

    private string Meaning(ConfigSection section, ConfigKey key)
    {
        List<string> sentences = [_text.Of(key)];
        if (ConfigKey.Single(key.Form) is ValueForm.Word word)
        {
            sentences.AddRange(word.Words.GroupBy(w => w.Value)
                .Select(same => $"{string.Join(" or ", same.Select(w => Markdown.Code(w.Key)))}: {_text.Of(same.Key)}"));
        }

        if (_facts.Choice(section, key) is { } choice)
            sentences.Add(choice);
        string[] conditions = [.. _facts.RequiredWhen(section, key)];
        if (conditions.Length > 0)
            sentences.Add($"Required when {string.Join(" or ", conditions)}");
        if (KeyFacts.Refused(section, key) is { } refused)
            sentences.Add(refused);
        return string.Join(' ', sentences.Select(text => text.EndsWith("**", StringComparison.Ordinal) ? text : Markdown.Sentence(text)));
    }

    private string Type(ValueForm form) => form switch
    {
        ValueForm.Plain plain => plain.Name,
        ValueForm.Word => "word",
        ValueForm.ListOf list => $"list of {Type(list.Item)}",
        ValueForm.MapOf map => $"map of {Type(map.Item)}",
        ValueForm.Keyed keyed => $"[map](#{_sections.Of(keyed.Record).Anchor})",
        _ => throw new InvalidOperationException($"no words for {form}"),
    };
}
