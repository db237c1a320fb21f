using System.Diagnostics;

namespace Vmcp.TestKit;

/// <summary>A child process whose output is collected line by line and which is killed, with its children, on disposal.</summary>
public sealed class TestProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestProcess(Process process) => _process = process;

    /// <summary>The process id; also after disposal.</summary>
    public int Id { get; private set; }

    /// <summary>Whether the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Everything written to stdout and stderr so far, in order of arrival.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    /// <summary>Starts the program; <paramref name="environment"/> entries are added, a null value removes one.</summary>
    public static TestProcess Start(
        string path,
        IEnumerable<string>? arguments = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(path, arguments ?? [])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        var test = new TestProcess(new Process { StartInfo = start });
        test._process.OutputDataReceived += (_, e) => test.Collect(e.Data);
        test._process.ErrorDataReceived += (_, e) => test.Collect(e.Data);
        test._process.Start();
        test.Id = test._process.Id;
        test._process.BeginOutputReadLine();
        test._process.BeginErrorReadLine();
        return test;
    }

    /// <summary>The first line, past or future, that contains <paramref name="text"/>; fails when the process ends or time runs out.</summary>
    public async Task<string> WaitForLineAsync(string text, TimeSpan? limit = null)
    {
        using var timeout = new CancellationTokenSource(limit ?? Eventually.DefaultLimit);
        Task exit = _process.WaitForExitAsync(timeout.Token);
        while (true)
        {
            Task changed;
            bool ended = exit.IsCompletedSuccessfully;
            lock (_gate)
            {
                if (_lines.Find(l => l.Contains(text, StringComparison.Ordinal)) is { } found)
                    return found;
                changed = _changed.Task;
            }

            if (ended || timeout.IsCancellationRequested)
                throw new TimeoutException($"No line with \"{text}\" from process {Id}" +
                    (ended ? $", which ended with {_process.ExitCode}" : "") + ":\n" + string.Join('\n', Lines));
            await Task.WhenAny(changed, exit);
        }
    }

    /// <summary>Waits for the end and returns the exit code; output is complete then.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? limit = null)
    {
        using var timeout = new CancellationTokenSource(limit ?? Eventually.DefaultLimit);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal by number (15 = SIGTERM) on Unix.</summary>
    public async Task SignalAsync(int signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Collect(string? line)
    {
        if (line is null)
            return;
        TaskCompletionSource changed;
        lock (_gate)
        {
            _lines.Add(line);
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
