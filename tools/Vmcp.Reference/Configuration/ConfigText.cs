using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Vmcp.Config.Model;
using Vmcp.Config.Shapes;
using Vmcp.Config.Values;
using Vmcp.CrdGenerator;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.Configuration;

/// <summary>The docstrings of the configuration, with what they refer to as the file spells it: keys, words, values of constants.</summary>
internal sealed partial class ConfigText : MarkdownText
{
    private readonly Dictionary<Assembly, Docstrings> _docstrings = [];
    private readonly Dictionary<Enum, string> _words = [];

    public ConfigText(ConfigSections sections)
    {
        foreach (ValueForm.Word word in sections.All.SelectMany(s => s.Keys).Select(key => ConfigKey.Single(key.Form)).OfType<ValueForm.Word>())
        {
            foreach ((string text, Enum value) in word.Words)
                _words.TryAdd(value, text);
        }
    }

    /// <summary>What a section is.</summary>
    public string Of(Type record) => Plain(In(record).Of(record));

    /// <summary>What a key means.</summary>
    public string Of(ConfigKey key) => Plain(In(key.Property.DeclaringType!).Of(key.Property));

    /// <summary>What a word means.</summary>
    public string Of(Enum word) => Plain(In(word.GetType()).Of(word.GetType().GetField(word.ToString())!));

    /// <summary>What counts when the key is not written; empty when nothing does.</summary>
    public string Default(ConfigKey key) => In(key.Property.DeclaringType!).Default(key.Property);

    /// <inheritdoc />
    public override string Reference(string member)
    {
        int dot = member.LastIndexOf('.');
        Type? owner = typeof(GatewayConfig).Assembly.GetType(member[2..dot]);
        const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;
        return member[0] switch
        {
            'F' when owner?.GetField(member[(dot + 1)..], Any) is { } field => Value(field.GetValue(null)!),
            'P' when owner?.GetProperty(member[(dot + 1)..], Any) is { SetMethod: null } computed =>
                Value(computed.GetValue(computed.GetMethod!.IsStatic ? null : Activator.CreateInstance(owner))!),
            _ => base.Reference(member),
        };
    }

    private string Value(object value) => Markdown.Code(value switch
    {
        Enum word => _words.TryGetValue(word, out string? text) ? text : throw new InvalidOperationException($"no key takes the word {word}"),
        TimeSpan time => GoDuration.Format(time),
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    });

    private Docstrings In(Type type)
    {
        if (!_docstrings.TryGetValue(type.Assembly, out Docstrings? known))
            _docstrings[type.Assembly] = known = Docstrings.Of(type.Assembly, this);
        return known;
    }

    // Where a rule comes from matters to those who read the code, not here.
    private static string Plain(string text) => Source().Replace(text, "");

    [GeneratedRegex(@" \((defaults: )?(vmcp-runtime|auth-and-ops|composition|operator)(\.md)? [\d.]+\)")]
    private static partial Regex Source();
}
