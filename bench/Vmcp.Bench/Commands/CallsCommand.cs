using System.CommandLine;
using System.Globalization;

using Vmcp.Bench.Measures;
using Vmcp.Bench.Results;
using Vmcp.Bench.Running;

namespace Vmcp.Bench.Commands;

/// <summary><c>calls</c>: the whole matrix.</summary>
internal static class CallsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<int> runs = new("--runs") { Description = "rounds of each case", DefaultValueFactory = _ => 3 };
        Option<int> seconds = new("--seconds") { Description = "length of each round", DefaultValueFactory = _ => 3 };
        Option<string?> only = new("--only") { Description = "only cases with this word in their description, for example 'Modern, 16 clients'" };
        Option<bool> markdown = new("--markdown") { Description = "print the table as Markdown" };
        Command command = new("calls", "Measures tools/call direct and through the gateway; writes artifacts/bench/calls.json and .svg.") { runs, seconds, only, markdown };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CallCase[] cases = [.. CallMatrix.All().Where(c => parsed.GetValue(only) is not { } word || Describe(c).Contains(word, StringComparison.OrdinalIgnoreCase))];
            int rounds = parsed.GetValue(runs), each = parsed.GetValue(seconds);
            Console.Error.WriteLine($"{cases.Length} cases, {rounds} rounds of {each} s, direct and through the gateway: about {(cases.Length * rounds * (each + 0.5) * 2 + 60) / 60:0} minutes");
            CallReport report = await new CallMatrix(rounds, each, Console.Error.WriteLine).RunAsync(cases, warm: null, cancellationToken);
            Directory.CreateDirectory(Artifacts.Folder);
            await File.WriteAllTextAsync(Path.Combine(Artifacts.Folder, "calls.json"), report.ToJson(await Machine.DescribeAsync(cancellationToken)), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(Artifacts.Folder, "calls.md"), report.ToMarkdown(), cancellationToken);
            await DrawAsync(report, cancellationToken);
            Console.WriteLine(parsed.GetValue(markdown) ? report.ToMarkdown() : report.ToTable());
            foreach (string line in CallBudgets.Of(report))
                Console.WriteLine(line);
            Console.WriteLine($"written: {Path.Combine(Artifacts.Folder, "calls.json")}, calls.md, ratios.svg, cpu.svg");
            long errors = report.Rows.Sum(r => r.Errors);
            if (errors > 0)
                Console.Error.WriteLine($"{errors} calls failed: the figures of those rows say nothing");
            return errors > 0 ? 1 : 0;
        });
        return command;
    }

    private static string Describe(CallCase c) => $"{c.Pair}, {c.Clients} clients, {c.Payload} bytes, {c.Backends} backends, auth {c.Auth}";

    private static async Task DrawAsync(CallReport report, CancellationToken cancellationToken)
    {
        Chart ratios = new("Calls in a second through the gateway ÷ direct, 200 bytes", "ratio", CallBudgets.Ratio), cpu = new("CPU of the gateway for a call, 200 bytes", "µs", CallBudgets.CpuMicroseconds);
        foreach (IGrouping<string, CallRow> pair in report.Rows.Where(r => r.Case is { ViaGateway: true, Payload: 200, Backends: 1, Auth: "off" }).GroupBy(r => r.Case.Pair))
        {
            ratios.Add(pair.Key, [.. pair.Select(r => new Bar(Clients(r), r.Ratio.Median))]);
            cpu.Add(pair.Key, [.. pair.Select(r => new Bar(Clients(r), r.Cpu))]);
        }

        await File.WriteAllTextAsync(Path.Combine(Artifacts.Folder, "ratios.svg"), ratios.ToSvg(), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(Artifacts.Folder, "cpu.svg"), cpu.ToSvg(), cancellationToken);
    }

    private static string Clients(CallRow row) => row.Case.Clients.ToString(CultureInfo.InvariantCulture) + (row.Case.Clients == 1 ? " client" : " clients");
}
