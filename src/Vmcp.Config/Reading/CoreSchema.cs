using System.Text.RegularExpressions;

namespace Vmcp.Config.Reading;

/// <summary>What an unquoted scalar is under YAML 1.2's core schema: <c>yes</c> and <c>on</c> are text, <c>true</c> is not.</summary>
internal static partial class CoreSchema
{
    public static ScalarKind Classify(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Boolean,
        _ when Integer().IsMatch(text) => ScalarKind.Integer,
        _ when Float().IsMatch(text) => ScalarKind.Float,
        _ => ScalarKind.Text,
    };

    [GeneratedRegex(@"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
