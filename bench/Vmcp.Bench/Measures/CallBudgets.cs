using System.Globalization;

using Vmcp.Bench.Results;

namespace Vmcp.Bench.Measures;

/// <summary>The budgets of a call (design 8), held against a report. A verdict, not an exit code: machines differ.</summary>
internal static class CallBudgets
{
    /// <summary>Least share of the direct calls in a second, 16 clients.</summary>
    public const double Ratio = 0.38;

    /// <summary>Most CPU of the gateway for a call, 16 clients.</summary>
    public const double CpuMicroseconds = 50;

    /// <summary>Most added to the median latency of one client.</summary>
    public const double AddedMilliseconds = 0.1;

    /// <summary>One line for each budget and pair of eras.</summary>
    public static IEnumerable<string> Of(CallReport report)
    {
        foreach (CallRow row in report.Rows.Where(r => r.Case is { ViaGateway: true, Payload: 200, Backends: 1, Auth: "off" }))
        {
            if (row.Case.Clients == 16)
            {
                yield return Line(row, $"ratio {row.Ratio.Median:0.00}", $"≥ {Ratio:0.00}", row.Ratio.Median >= Ratio);
                yield return Line(row, $"CPU {row.Cpu:0} µs a call", $"≤ {CpuMicroseconds:0}", row.Cpu <= CpuMicroseconds);
            }
            else if (row.Case.Clients == 1)
            {
                double added = row.Median(r => r.P50) - new Figure([.. row.Beside.Select(r => r.P50)]).Median;
                yield return Line(row, $"adds {added:0.000} ms to p50", $"≤ {AddedMilliseconds:0.0}", added <= AddedMilliseconds);
            }
        }
    }

    private static string Line(CallRow row, FormattableString measured, FormattableString budget, bool met) => string.Create(
        CultureInfo.InvariantCulture, $"{(met ? "met   " : "MISSED")}  {row.Case.Pair}, {row.Case.Clients} clients: {measured.ToString(CultureInfo.InvariantCulture)}, budget {budget.ToString(CultureInfo.InvariantCulture)}");
}
