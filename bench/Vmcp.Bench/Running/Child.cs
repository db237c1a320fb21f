using System.Diagnostics;
using System.Globalization;

namespace Vmcp.Bench.Running;

/// <summary>A process of this run: started with its output in a file, asked for its CPU time and memory, ended by its own id.</summary>
internal sealed class Child : IAsyncDisposable
{
    // USER_HZ, in which /proc/PID/stat counts; the same on every Linux a .NET runs on.
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly StreamWriter _log;

    private Child(Process process, StreamWriter log) => (_process, _log) = (process, log);

    /// <summary>The id of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts <c>dotnet PROGRAM ARGUMENTS</c>.</summary>
    /// <param name="name">Names the log: artifacts/bench/NAME.log.</param>
    /// <param name="program">A .dll.</param>
    /// <param name="arguments">What it is given.</param>
    public static Child Start(string name, string program, params string[] arguments)
    {
        Directory.CreateDirectory(Artifacts.Folder);
        StreamWriter log = new(Path.Combine(Artifacts.Folder, name + ".log")) { AutoFlush = true };
        ProcessStartInfo start = new("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        Child child = new(process, log);
        process.OutputDataReceived += (_, line) => child.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>CPU time so far, in seconds: what the program used, and what the kernel used for it.</summary>
    public (double User, double Kernel) Cpu()
    {
        string stat = File.ReadAllText($"/proc/{Id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) / TicksPerSecond, Number(fields[12]) / TicksPerSecond);
    }

    /// <summary>Resident memory in MB (10^6 bytes).</summary>
    public double ResidentMb()
    {
        string line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024 / 1e6;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.WriteLine(line);
    }
}
