using System.Diagnostics;
using System.Globalization;

namespace Vmcp.Bench.Running;

/// <summary>What one run of wrk saw.</summary>
/// <param name="Requests">How many it sent.</param>
/// <param name="PerSecond">And in a second.</param>
/// <param name="P50">Median latency, ms.</param>
/// <param name="P99">99th percentile, ms.</param>
/// <param name="Errors">Connections, statuses and time-outs that were not as they should be.</param>
internal sealed record LoadResult(long Requests, double PerSecond, double P50, double P99, long Errors);

/// <summary>Load by wrk: one thread, keep-alive, each connection sends its next call when the last was answered.</summary>
internal static class Wrk
{
    /// <summary>Throws with the remedy when wrk is not there.</summary>
    public static void Require()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!folders.Any(f => File.Exists(Path.Combine(f, "wrk"))))
            throw new InvalidOperationException("wrk is missing; it is the Debian package wrk: apt-get install wrk");
    }

    /// <summary>Calls one tool for a while.</summary>
    /// <param name="url">Whom.</param>
    /// <param name="tool">Its name there.</param>
    /// <param name="sessions">Sessions to use in turn, opened before so that they are not in the figures; null for MCP 2026-07-28.</param>
    /// <param name="clients">Connections.</param>
    /// <param name="payload">Length of the argument, bytes.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="authorization">The header, or null.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<LoadResult> RunAsync(
        Uri url, string tool, IReadOnlyList<string>? sessions, int clients, int payload, double seconds, string? authorization, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new("wrk",
        [
            "-t1", $"-c{clients}", $"-d{Math.Max(1, (int)Math.Round(seconds))}s", "--timeout", "30s",
            "-s", Path.Combine(AppContext.BaseDirectory, "call.lua"), url.ToString(),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TOOL"] = tool;
        start.Environment["ERA"] = sessions is null ? "modern" : "legacy";
        start.Environment["SESSIONS"] = string.Join(',', sessions ?? []);
        start.Environment["BODY"] = payload.ToString(CultureInfo.InvariantCulture);
        start.Environment["AUTH"] = authorization ?? "";
        using Process wrk = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start");
        Task<string> troubles = wrk.StandardError.ReadToEndAsync(cancellationToken);
        string output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
        await wrk.WaitForExitAsync(cancellationToken);
        string? line = output.Split('\n').FirstOrDefault(l => l.StartsWith("RESULT ", StringComparison.Ordinal));
        if (wrk.ExitCode != 0 || line is null)
            throw new InvalidOperationException($"wrk failed: {await troubles}{output}");
        double[] parts = [.. line.Split(' ').Skip(1).Select(p => double.Parse(p, CultureInfo.InvariantCulture))];
        return new LoadResult((long)parts[0], parts[1], parts[2], parts[3], (long)parts[4]);
    }
}
