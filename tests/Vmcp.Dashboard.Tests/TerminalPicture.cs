using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Vmcp.Dashboard.Tests;

/// <summary>What a program wrote to a terminal, as a page that looks like one. It knows the colours and weights vmcp uses (ECMA-48 SGR) and no movements.</summary>
internal static partial class TerminalPicture
{
    // The sixteen colours of a terminal, dark enough apart to be read on the page's background.
    private static readonly string[] Palette =
    [
        "#3b4048", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#dcdfe4",
        "#7f848e", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#ffffff",
    ];

    /// <summary>The page.</summary>
    /// <param name="command">What was typed.</param>
    /// <param name="output">What came, with its escape sequences.</param>
    public static string Html(string command, string output)
    {
        StringBuilder body = new();
        string style = "";
        foreach (string part in Sequence().Split(output.Replace("\r", "", StringComparison.Ordinal)))
        {
            if (Codes().Match(part) is { Success: true } codes)
                style = Style(codes.Groups[1].Value, style);
            else if (!part.StartsWith('\e'))
                body.Append(CultureInfo.InvariantCulture, $"<span style=\"{style}\">{WebUtility.HtmlEncode(part)}</span>");
        }

        return "<!doctype html><meta charset=utf-8><body style=\"margin:0;background:#fff\"><pre id=terminal style=\"display:inline-block;margin:0;padding:18px 22px;border-radius:8px;"
            + "background:#21252b;color:#dcdfe4;font:14px/1.35 'DejaVu Sans Mono',monospace\">"
            + $"<span style=\"color:#7f848e\">$</span> {WebUtility.HtmlEncode(command)}\n{body.ToString().TrimEnd()}</pre>";
    }

    private static string Style(string codes, string before)
    {
        StringBuilder style = new(before);
        int[] numbers = [.. codes.Split(';').Select(c => c.Length == 0 ? 0 : int.Parse(c, CultureInfo.InvariantCulture))];
        for (int n = 0; n < numbers.Length; n++)
        {
            switch (numbers[n])
            {
                case 0:
                    style.Clear();
                    break;
                case 1:
                    style.Append("font-weight:bold;");
                    break;
                case 2:
                    style.Append("opacity:.7;");
                    break;
                case >= 30 and <= 37:
                    style.Append(CultureInfo.InvariantCulture, $"color:{Palette[numbers[n] - 30]};");
                    break;
                case >= 90 and <= 97:
                    style.Append(CultureInfo.InvariantCulture, $"color:{Palette[numbers[n] - 82]};");
                    break;
                case 38 when n + 2 < numbers.Length && numbers[n + 1] == 5:
                    style.Append(CultureInfo.InvariantCulture, $"color:{(numbers[n + 2] < 16 ? Palette[numbers[n + 2]] : "#dcdfe4")};");
                    n += 2;
                    break;
            }
        }

        return style.ToString();
    }

    [GeneratedRegex("(\e\\[[0-9;?]*[A-Za-z])")]
    private static partial Regex Sequence();

    [GeneratedRegex("^\e\\[([0-9;]*)m$")]
    private static partial Regex Codes();
}
