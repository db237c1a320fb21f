using System.Runtime.InteropServices;

namespace Vmcp.Cli.Serving;

/// <summary>Turns SIGINT, SIGTERM and SIGQUIT into a graceful stop. A second signal ends the process at once.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration[] _registrations;
    private int _seen;

    public ShutdownSignals(CancellationToken outer)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(outer);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnSignal),
        ];
    }

    /// <summary>Fires at the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The host's own lifetime swallows signals too, so leaving at the second one takes an exit of ours.
        if (Interlocked.Increment(ref _seen) > 1)
            Environment.Exit(1);
        context.Cancel = true;
        _stop.Cancel();
    }
}
