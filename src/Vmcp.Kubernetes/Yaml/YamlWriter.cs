using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Kubernetes.Yaml;

/// <summary>Spells JSON as YAML the way kubectl does: two spaces per level, list dashes under their key, long texts as literal blocks.</summary>
internal static class YamlWriter
{
    public static string Write(JsonNode? node)
    {
        StringBuilder text = new();
        if (node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
            Block(text, node, 0);
        else
            Scalar(text, node, 0);
        return text.ToString();
    }

    /// <summary>Writes a non-empty list or map; its first line continues the current one.</summary>
    private static void Block(StringBuilder text, JsonNode node, int indent)
    {
        bool first = true;
        if (node is JsonObject map)
        {
            foreach ((string key, JsonNode? value) in map)
            {
                text.Append(' ', first ? 0 : indent).Append(Line(key)).Append(':');
                first = false;
                if (value is JsonObject { Count: > 0 })
                {
                    text.Append('\n').Append(' ', indent + 2);
                    Block(text, value, indent + 2);
                }
                else if (value is JsonArray { Count: > 0 })
                {
                    text.Append('\n').Append(' ', indent);
                    Block(text, value, indent);
                }
                else
                {
                    text.Append(' ');
                    Scalar(text, value, indent);
                }
            }
        }
        else
        {
            foreach (JsonNode? item in (JsonArray)node)
            {
                text.Append(' ', first ? 0 : indent).Append("- ");
                first = false;
                if (item is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
                    Block(text, item, indent + 2);
                else
                    Scalar(text, item, indent);
            }
        }
    }

    private static void Scalar(StringBuilder text, JsonNode? node, int indent)
    {
        switch (node)
        {
            case null:
                text.Append("null\n");
                break;
            case JsonObject:
                text.Append("{}\n");
                break;
            case JsonArray:
                text.Append("[]\n");
                break;
            default:
                if (node.GetValueKind() != JsonValueKind.String)
                    text.Append(node.ToJsonString()).Append('\n');
                else if (node.GetValue<string>() is var value && IsLiteral(value))
                    Literal(text, value, indent + 2);
                else
                    text.Append(Line(value)).Append('\n');
                break;
        }
    }

    private static bool IsLiteral(string value)
    {
        // A text of nothing but line feeds, or one with invisible characters, is safer in quotes.
        if (!value.Contains('\n', StringComparison.Ordinal) || value.AsSpan().Trim(" \n").IsEmpty)
            return false;
        foreach (char c in value)
        {
            if (c != '\n' && c != '\t' && !IsPrintable(c))
                return false;
        }

        return true;
    }

    private static void Literal(StringBuilder text, string value, int indent)
    {
        text.Append('|');
        if (value[0] is ' ' or '\n' or '\t')
            text.Append('2');
        string trimmed = value.TrimEnd('\n');
        int ends = value.Length - trimmed.Length;
        text.Append(ends switch { 0 => "-", 1 => "", _ => "+" }).Append('\n');
        foreach (string line in trimmed.Split('\n'))
        {
            if (line.Length > 0)
                text.Append(' ', indent).Append(line);
            text.Append('\n');
        }

        text.Append('\n', Math.Max(0, ends - 1));
    }

    /// <summary>A text on one line: plain where that is safe, else quoted.</summary>
    private static string Line(string value)
    {
        if (IsPlain(value))
            return value;
        foreach (char c in value)
        {
            if (!IsPrintable(c))
                return DoubleQuoted(value);
        }

        // kubectl marks texts that look like numbers or booleans by double quotes and other texts by single ones.
        return value.Length == 0 || !YamlScalars.IsSafelyText(value) ? DoubleQuoted(value) : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    private static bool IsPlain(string value)
    {
        if (value.Length == 0 || value.Length > 1024 || value[0] == ' ' || value[^1] is ' ' or ':')
            return false;
        char second = value.Length > 1 ? value[1] : ' ';
        if (value[0] is '-' or '?' or ':' ? second == ' ' || value.StartsWith("---", StringComparison.Ordinal) : ",[]{}#&*!|>'\"%@`".Contains(value[0], StringComparison.Ordinal))
            return false;
        if (value.StartsWith("...", StringComparison.Ordinal))
            return false;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            if (!IsPrintable(c) || (c == ':' && i + 1 < value.Length && value[i + 1] == ' ') || (c == '#' && value[i - 1] == ' '))
                return false;
        }

        return YamlScalars.IsSafelyText(value);
    }

    private static bool IsPrintable(char c) =>
        c is (>= ' ' and < '\x7f') or (> '\xa0' and not ('\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff')) && !char.IsControl(c);

    private static string DoubleQuoted(string value)
    {
        StringBuilder text = new("\"", value.Length + 2);
        foreach (char c in value)
        {
            switch (c)
            {
                case '"' or '\\':
                    text.Append('\\').Append(c);
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
                default:
                    if (IsPrintable(c))
                        text.Append(c);
                    else
                        text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
                    break;
            }
        }

        return text.Append('"').ToString();
    }
}
