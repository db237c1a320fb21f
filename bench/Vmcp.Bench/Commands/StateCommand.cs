using System.CommandLine;

using Vmcp.Bench.Measures;
using Vmcp.Bench.Results;
using Vmcp.Bench.Running;

namespace Vmcp.Bench.Commands;

/// <summary><c>state</c>: start, sessions, lists, memory.</summary>
internal static class StateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<int> runs = new("--runs") { Description = "runs of what is short", DefaultValueFactory = _ => 7 };
        Command command = new("state", "Measures start, sessions, lists and memory; writes artifacts/bench/state.json. About three minutes.") { runs };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            StateReport report = new(await new StateMeasures(parsed.GetValue(runs), Console.Error.WriteLine).RunAsync(cancellationToken));
            Directory.CreateDirectory(Artifacts.Folder);
            await File.WriteAllTextAsync(Path.Combine(Artifacts.Folder, "state.json"), report.ToJson(await Machine.DescribeAsync(cancellationToken)), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(Artifacts.Folder, "state.md"), report.ToMarkdown(), cancellationToken);
            Console.WriteLine(report.ToMarkdown());
            Console.WriteLine($"written: {Path.Combine(Artifacts.Folder, "state.json")}");
        });
        return command;
    }
}
