using System.Globalization;
using System.Net;
using System.Text;

namespace Vmcp.Bench.Results;

/// <summary>One bar of a group.</summary>
/// <param name="Series">Which colour.</param>
/// <param name="Value">How long.</param>
internal sealed record Bar(string Series, double Value);

/// <summary>Horizontal bars in groups, as SVG that reads well on light and on dark. Ours, because one picture is no reason for a plotting library.</summary>
/// <param name="title">Above it.</param>
/// <param name="unit">Below the axis.</param>
/// <param name="budget">A line to hold against, or null.</param>
internal sealed class Chart(string title, string unit, double? budget)
{
    private const int Left = 190, Width = 620, BarHeight = 15, Gap = 14;
    private static readonly string[] Colours = ["#4477aa", "#ee6677", "#228833", "#ccbb44"];
    private readonly List<(string Label, IReadOnlyList<Bar> Bars)> _groups = [];

    /// <summary>Adds a group of bars.</summary>
    public void Add(string label, IReadOnlyList<Bar> bars) => _groups.Add((label, bars));

    /// <summary>The picture.</summary>
    public string ToSvg()
    {
        string[] series = [.. _groups.SelectMany(g => g.Bars).Select(b => b.Series).Distinct()];
        double top = _groups.SelectMany(g => g.Bars).Select(b => b.Value).Append(budget ?? 0).DefaultIfEmpty(1).Max();
        double step = Step(top);
        double end = Math.Ceiling(top / step) * step;
        StringBuilder body = new();
        int y = 76;
        foreach ((string label, IReadOnlyList<Bar> bars) in _groups)
        {
            Text(body, Left - 8, y + bars.Count * BarHeight / 2 + 4, label, "end");
            foreach (Bar bar in bars)
            {
                double length = bar.Value / end * Width;
                body.AppendLine(Invariant($"<rect x=\"{Left}\" y=\"{y}\" width=\"{length:0.0}\" height=\"{BarHeight - 2}\" fill=\"{Colours[Array.IndexOf(series, bar.Series) % Colours.Length]}\"/>"));
                Text(body, Left + length + 4, y + 11, bar.Value.ToString(end < 3 ? "0.00" : "0", CultureInfo.InvariantCulture), "start");
                y += BarHeight;
            }

            y += Gap;
        }

        StringBuilder frame = new();
        for (double tick = 0; tick <= end + step / 2; tick += step)
        {
            double x = Left + tick / end * Width;
            frame.AppendLine(Invariant($"<line x1=\"{x:0.0}\" y1=\"66\" x2=\"{x:0.0}\" y2=\"{y}\" stroke=\"#888\" stroke-opacity=\"0.35\"/>"));
            Text(frame, x, y + 16, tick.ToString(step < 1 ? "0.0" : "0", CultureInfo.InvariantCulture), "middle");
        }

        if (budget is { } limit)
        {
            double x = Left + limit / end * Width;
            frame.AppendLine(Invariant($"<line x1=\"{x:0.0}\" y1=\"62\" x2=\"{x:0.0}\" y2=\"{y}\" stroke=\"#cc3311\" stroke-dasharray=\"5 3\" stroke-width=\"1.5\"/>"));
            Text(frame, x, 58, $"budget {limit.ToString("0.##", CultureInfo.InvariantCulture)}", "middle");
        }

        Text(frame, Left + Width / 2, y + 36, unit, "middle");
        Text(frame, Left, 20, title, "start", size: 15);
        for (int i = 0; i < series.Length; i++)
        {
            frame.AppendLine(Invariant($"<rect x=\"{Left + i * 130}\" y=\"32\" width=\"10\" height=\"10\" fill=\"{Colours[i % Colours.Length]}\"/>"));
            Text(frame, Left + i * 130 + 15, 41, series[i], "start");
        }

        return Invariant($"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Width + 60} {y + 50}" role="img">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <style>text {"{"} font: 12px system-ui, sans-serif; fill: #333; {"}"} @media (prefers-color-scheme: dark) {"{"} text {"{"} fill: #ddd; {"}"} {"}"}</style>
            {frame}{body}</svg>
            """);
    }

    private static double Step(double top)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(top <= 0 ? 1 : top)));
        return top / unit > 5 ? unit : top / unit > 2 ? unit / 2 : unit / 5;
    }

    private static void Text(StringBuilder svg, double x, double y, string text, string anchor, int size = 12) =>
        svg.AppendLine(Invariant($"<text x=\"{x:0.0}\" y=\"{y:0.0}\" text-anchor=\"{anchor}\" style=\"font-size:{size}px\">{WebUtility.HtmlEncode(text)}</text>"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
