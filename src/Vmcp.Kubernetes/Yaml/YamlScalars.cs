using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vmcp.Kubernetes.Yaml;

/// <summary>What a plain scalar stands for, by the YAML 1.1 rules Kubernetes tools read manifests with.</summary>
internal static partial class YamlScalars
{
    /// <summary>A number, boolean, null (as no node) or the text itself.</summary>
    public static JsonNode? Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }

        if (!(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.'))
            return JsonValue.Create(text);
        if (Integer().IsMatch(text) && ReadInteger(text.Replace("_", "", StringComparison.Ordinal)) is { } integer)
            return integer;

        // .inf and .nan have no form in JSON, so they stay text and fail where a number is wanted.
        if (Float().IsMatch(text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number))
        {
            return JsonValue.Create(number);
        }

        return JsonValue.Create(text);
    }

    /// <summary>Whether a text may stand without quotes and still be text for readers of YAML 1.1 and 1.2.</summary>
    public static bool IsSafelyText(string text) =>
        Resolve(text) is JsonValue value
        && value.TryGetValue(out string? _)
        && text is not ("y" or "Y" or "n" or "N" or "=" or "<<")
        && !Ambiguous().IsMatch(text);

    private static JsonValue? ReadInteger(string text)
    {
        bool negative = text[0] == '-';
        string digits = text.TrimStart('+', '-');
        (int radix, string body) = digits switch
        {
            ['0', 'x' or 'X', .. string rest] => (16, rest),
            ['0', 'o' or 'O', .. string rest] => (8, rest),
            ['0', 'b' or 'B', .. string rest] => (2, rest),
            ['0', _, ..] => (8, digits),
            _ => (10, digits),
        };
        if (radix == 10)
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long plain)
                ? JsonValue.Create(plain)
                : double.Parse(text, CultureInfo.InvariantCulture) is var large && double.IsFinite(large) ? JsonValue.Create(large) : null;
        }

        long value = 0;
        foreach (char c in body)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
                return null;
            value = (value * radix) + digit;
        }

        return body.Length == 0 ? null : JsonValue.Create(negative ? -value : value);
    }

    [GeneratedRegex(@"^[-+]?(0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    /// <summary>Dates, base 60 numbers, numbers with underscores and the special floats of one YAML or another.</summary>
    [GeneratedRegex(
        @"^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[-+]?[0-9][0-9_.]*([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|0[oOxXbB][0-9a-fA-F_]*)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Ambiguous();
}
