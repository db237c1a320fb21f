using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

using Vmcp.Bench.Measures;
using Vmcp.Bench.Results;
using Vmcp.Bench.Running;

namespace Vmcp.Bench.Commands;

/// <summary><c>quick</c>: the key ratios against the recorded ones.</summary>
internal static class QuickCommand
{
    private static string Recorded => Path.Combine(Artifacts.Root, "bench", "recorded.json");

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<bool> record = new("--record") { Description = "write the ratios to bench/recorded.json instead of comparing" };
        Command command = new("quick", "Measures four ratios in about a minute; fails when one is below half of the recorded one.") { record };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CallReport report = await new CallMatrix(rounds: 3, seconds: 2, _ => { }).RunAsync([.. CallMatrix.Few()], TimeSpan.FromSeconds(4), cancellationToken);
            Console.WriteLine(report.ToTable());
            if (parsed.GetValue(record))
            {
                JsonObject ratios = [];
                foreach (CallRow row in report.Rows.Where(r => r.Case.ViaGateway))
                    ratios[QuickCheck.NameOf(row.Case)] = Math.Round(row.Ratio.Median, 2);
                await File.WriteAllTextAsync(Recorded, ratios.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n", cancellationToken);
                return 0;
            }

            IReadOnlyList<QuickCheck.Line> lines = QuickCheck.Compare(report, JsonNode.Parse(await File.ReadAllTextAsync(Recorded, cancellationToken))!.AsObject());
            foreach (QuickCheck.Line line in lines)
                Console.WriteLine(line);
            long errors = report.Rows.Sum(r => r.Errors);
            int failed = lines.Count(l => !l.Passed) + (errors > 0 ? 1 : 0);
            if (errors > 0)
                Console.WriteLine($"FAIL  {errors} calls failed");
            Console.WriteLine($"bench-quick: {lines.Count(l => l.Passed)} passed, {failed} failed");
            return failed == 0 ? 0 : 1;
        });
        return command;
    }
}
