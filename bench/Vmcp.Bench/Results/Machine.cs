using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

using Vmcp.Bench.Running;

namespace Vmcp.Bench.Results;

/// <summary>What the figures were taken on.</summary>
internal static class Machine
{
    /// <summary>Cores, memory, system, runtime and commit; no name.</summary>
    public static async Task<JsonObject> DescribeAsync(CancellationToken cancellationToken)
    {
        string memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "";
        return new JsonObject
        {
            ["cores"] = Environment.ProcessorCount,
            ["cpu"] = model,
            ["memoryMb"] = long.Parse(memory, System.Globalization.CultureInfo.InvariantCulture) / 1024,
            ["system"] = RuntimeInformation.OSDescription,
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["commit"] = await CommitAsync(cancellationToken),
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private static async Task<string> CommitAsync(CancellationToken cancellationToken)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["-C", Artifacts.Root, "rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true })!;
        string commit = await git.StandardOutput.ReadToEndAsync(cancellationToken);
        await git.WaitForExitAsync(cancellationToken);
        return commit.Trim();
    }
}
