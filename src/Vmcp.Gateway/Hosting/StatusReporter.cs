using Microsoft.Extensions.Logging;

using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;

namespace Vmcp.Gateway.Hosting;

/// <summary>Reports the status each <c>statusReportingInterval</c>: to the log, where there is no cluster to report to (vmcp-runtime 8).</summary>
public sealed class StatusReporter(StatusEndpoints status, BackendFleet fleet, TimeProvider time, ILogger<StatusReporter> logger)
{
    /// <summary>Runs until cancelled. A changed interval counts from the next report on.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(fleet.Current.Settings.ReportingInterval, time, cancellationToken).ConfigureAwait(false);
                Report(status.Report());
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
    }

    private void Report(StatusReport report)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
            return;
        logger.StatusReported(
            report.Backends.Count(b => b.Health == HealthStatus.Healthy), report.Backends.Length, report.Backends.Count(b => b.Listed),
            report.Catalog.Tools, report.Catalog.Conflicts.Length, report.Sessions);
    }
}
