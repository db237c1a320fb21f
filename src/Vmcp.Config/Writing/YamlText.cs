using System.Globalization;
using System.Text;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Writing;

/// <summary>Spells values as block-style YAML, two spaces per level, line feeds only.</summary>
internal static class YamlText
{
    public static string Render(OutNode root)
    {
        StringBuilder text = new();
        if (IsInline(root))
            text.Append(Inline(root)).Append('\n');
        else
            Block(text, root, 0);
        return text.ToString();
    }

    /// <summary>A text as YAML: plain only when no YAML reader, old or new, can take it for something else.</summary>
    public static string Text(string value) => IsPlain(value) ? value : Quoted(value);

    private static void Block(StringBuilder text, OutNode node, int indent)
    {
        bool first = true;
        if (node is OutMap map)
        {
            foreach ((string key, OutNode value) in map.Entries)
            {
                Indent(text, first ? 0 : indent);
                text.Append(Text(key)).Append(':');
                After(text, value, indent + 2);
                first = false;
            }
        }
        else if (node is OutList list)
        {
            foreach (OutNode item in list.Items)
            {
                Indent(text, first ? 0 : indent);
                text.Append("- ");
                if (IsInline(item))
                    text.Append(Inline(item)).Append('\n');
                else
                    Block(text, item, indent + 2);
                first = false;
            }
        }
    }

    private static void After(StringBuilder text, OutNode value, int indent)
    {
        if (IsInline(value))
        {
            text.Append(' ').Append(Inline(value)).Append('\n');
            return;
        }

        text.Append('\n');
        Indent(text, indent);
        Block(text, value, indent);
    }

    private static void Indent(StringBuilder text, int count) => text.Append(' ', count);

    private static bool IsInline(OutNode node) => node is OutScalar or OutList { Items.IsEmpty: true } or OutMap { Entries.IsEmpty: true };

    private static string Inline(OutNode node) => node switch
    {
        OutScalar scalar => scalar.Yaml,
        OutList => "[]",
        _ => "{}",
    };

    private static bool IsPlain(string value)
    {
        if (value.Length == 0 || !(char.IsAsciiLetter(value[0]) || value[0] is '/' or '_') || value[^1] == ':')
            return false;
        foreach (char c in value)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or '/' or ':' or '@' or '+'))
                return false;
        }

        // The words of YAML 1.1 (y, no, off ...) stay in quotes for readers that still follow it.
        return CoreSchema.Classify(value) == ScalarKind.Text
            && value.ToUpperInvariant() is not ("Y" or "N" or "YES" or "NO" or "ON" or "OFF");
    }

    private static string Quoted(string value)
    {
        StringBuilder text = new("\"", value.Length + 2);
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case < ' ' or (>= '\x7f' and <= '\xa0') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        return text.Append('"').ToString();
    }
}
