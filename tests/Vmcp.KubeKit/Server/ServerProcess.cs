using System.Diagnostics;
using Vmcp.TestKit;

namespace Vmcp.KubeKit.Server;

/// <summary>A server as a child process: asked to end first, killed when it does not, by its own id only.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TestProcess _process;
    private readonly string _name;

    private ServerProcess(string name, TestProcess process)
    {
        _name = name;
        _process = process;
    }

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    public static ServerProcess Start(string path, IEnumerable<string> arguments, string workingDirectory) =>
        new(Path.GetFileName(path), TestProcess.Start(path, arguments, workingDirectory: workingDirectory));

    /// <summary>Until the probe succeeds; false when the process ended before, which a lost race for a port explains.</summary>
    /// <exception cref="TimeoutException">It lives but does not become ready; the message shows its last lines.</exception>
    public async Task<bool> IsReadyAsync(Func<Task<bool>> probe, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!HasExited)
        {
            if (await probe())
                return true;
            if (Stopwatch.GetElapsedTime(start) > limit)
                throw new TimeoutException($"{_name} (process {Id}) was not ready after {limit.TotalSeconds:0} s. Its last lines:\n{Tail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }

        return false;
    }

    /// <summary>The end of what it wrote.</summary>
    public string Tail(int lines = 40) => string.Join('\n', _process.Lines.TakeLast(lines));

    /// <summary>Everything it wrote so far.</summary>
    public IReadOnlyList<string> Lines => _process.Lines;

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            await _process.SignalAsync(Terminate);
            try
            {
                await _process.WaitForExitAsync(Patience);
            }
            catch (OperationCanceledException)
            {
                // It has had its time; disposal kills it.
            }
        }

        await _process.DisposeAsync();
    }
}
