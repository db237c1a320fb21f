using System.Globalization;

namespace Vmcp.E2E.Soak;

/// <summary>What a process takes at one moment.</summary>
/// <param name="Minute">Minutes since the soak began.</param>
/// <param name="ResidentMb">Resident memory in MiB.</param>
/// <param name="Sockets">Open sockets.</param>
/// <param name="Files">Open files of every sort.</param>
internal sealed record ProcessSample(double Minute, double ResidentMb, int Sockets, int Files)
{
    public static ProcessSample Of(int process, double minute)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        double kib = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1], CultureInfo.InvariantCulture);
        string?[] open = [.. new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos().Select(Target)];
        return new ProcessSample(minute, kib / 1024, open.Count(t => t?.StartsWith("socket:", StringComparison.Ordinal) == true), open.Length);
    }

    /// <summary>How much a value grows in a minute, by least squares.</summary>
    public static double Slope(IReadOnlyList<ProcessSample> samples, Func<ProcessSample, double> value)
    {
        double x = samples.Average(s => s.Minute), y = samples.Average(value);
        double spread = samples.Sum(s => (s.Minute - x) * (s.Minute - x));
        return spread == 0 ? 0 : samples.Sum(s => (s.Minute - x) * (value(s) - y)) / spread;
    }

    private static string? Target(FileSystemInfo descriptor)
    {
        try
        {
            return descriptor.LinkTarget;
        }
        catch (IOException)
        {
            // Closed in between.
            return null;
        }
    }
}
