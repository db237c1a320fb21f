using Vmcp.Bench.Measures;
using Vmcp.Bench.Results;

namespace Vmcp.Bench.Tests;

public sealed class FigureTests
{
    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2, 1)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5, 1.2)]
    [InlineData(new double[] { 5 }, 5, 0)]
    public void The_median_and_how_far_apart_the_rounds_are(double[] values, double median, double spread)
    {
        Figure figure = new(values);

        figure.Median.ShouldBe(median, 1e-9);
        figure.Spread.ShouldBe(spread, 1e-9);
    }

    [Fact]
    public void A_ratio_is_taken_round_by_round_against_the_calls_beside_it()
    {
        // The machine got twice as fast in the second round: the ratios did not move.
        CallRow row = Row(Rounds(400, 800), Rounds(1_000, 2_000));

        row.Ratio.Values.ShouldBe([0.4, 0.4]);
        row.Ratio.Spread.ShouldBe(0);
    }

    [Fact]
    public void Budgets_are_told_as_met_or_missed()
    {
        string[] lines = [.. CallBudgets.Of(new CallReport([Row(Rounds(390), Rounds(1_000), cpu: 60)]))];

        lines.ShouldContain(l => l.StartsWith("met", StringComparison.Ordinal) && l.Contains("ratio 0.39", StringComparison.Ordinal));
        lines.ShouldContain(l => l.StartsWith("MISSED", StringComparison.Ordinal) && l.Contains("CPU 60 µs", StringComparison.Ordinal));
        StateReport.Verdict(new StateRow("memory of an idle session", "KB", new Figure([20]), 16)).ShouldBe("≤ 16: missed by 25%");
        StateReport.Verdict(new StateRow("memory of an idle session", "KB", new Figure([8]), 16)).ShouldBe("≤ 16: met");
    }

    [Theory]
    [InlineData(0.19, true)]
    [InlineData(0.17, false)]
    public void A_ratio_below_half_of_the_recorded_one_fails_the_quick_check(double ratio, bool passes)
    {
        CallRow row = Row(Rounds(ratio * 1_000), Rounds(1_000));

        QuickCheck.Line line = QuickCheck.Compare(new CallReport([row]), new() { [QuickCheck.NameOf(row.Case)] = 0.36 }).Single();

        line.Passed.ShouldBe(passes, line.ToString());
    }

    [Fact]
    public void Every_case_of_the_quick_check_is_recorded()
    {
        string file = File.ReadAllText(Path.Combine(Vmcp.Bench.Running.Artifacts.Root, "bench", "recorded.json"));

        foreach (CallCase what in CallMatrix.Few())
            ((double?)System.Text.Json.Nodes.JsonNode.Parse(file)![QuickCheck.NameOf(what)]).ShouldNotBeNull().ShouldBeInRange(0.05, 1);
    }

    internal static CallRow Row(IReadOnlyList<Round> rounds, IReadOnlyList<Round> beside, double cpu = 40) =>
        new(new CallCase("Modern", 16, 200, 1, "off", true), [.. rounds.Select(r => r with { UserMicroseconds = cpu / 2, KernelMicroseconds = cpu / 2, ResidentMb = 90 })]) { Beside = beside };

    internal static IReadOnlyList<Round> Rounds(params double[] perSecond) => [.. perSecond.Select(p => new Round(p, 0.1, 1, double.NaN, double.NaN, 20, double.NaN, 0))];
}
