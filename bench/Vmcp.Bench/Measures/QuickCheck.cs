using System.Globalization;
using System.Text.Json.Nodes;

using Vmcp.Bench.Results;

namespace Vmcp.Bench.Measures;

/// <summary>The few ratios that tell a gross regression from a noisy machine: a ratio counts as failed below half of the recorded one.</summary>
internal static class QuickCheck
{
    /// <summary>A ratio by the name it is recorded under.</summary>
    /// <param name="Name">For example <c>Modern, 16 clients</c>.</param>
    /// <param name="Ratio">Calls in a second through the gateway ÷ direct.</param>
    /// <param name="Recorded">What is recorded; null when nothing is.</param>
    internal sealed record Line(string Name, double Ratio, double? Recorded)
    {
        /// <summary>Not below half of the recorded one.</summary>
        public bool Passed => Recorded is not { } recorded || Ratio >= recorded / 2;

        /// <summary>For a screen.</summary>
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{(Passed ? "ok  " : "FAIL")}  {Name,-28} ratio {Ratio:0.00}, recorded {Recorded:0.00}, fails below {Recorded / 2:0.00}");
    }

    /// <summary>Holds a run against the recorded ratios.</summary>
    public static IReadOnlyList<Line> Compare(CallReport report, JsonObject recorded) =>
        [.. report.Rows.Where(r => r.Case.ViaGateway).Select(r => new Line(NameOf(r.Case), r.Ratio.Median, (double?)recorded[NameOf(r.Case)]))];

    /// <summary>The name of a case in bench/recorded.json.</summary>
    public static string NameOf(CallCase what) => $"{what.Pair}, {what.Clients} client{(what.Clients == 1 ? "" : "s")}";
}
