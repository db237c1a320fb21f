using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Vmcp.Core.Status;
using Vmcp.Discovery.Members;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Leases;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Reporting;

/// <summary>
/// Keeps the runtime's half of a VirtualMCPServer's status true (design 5.8): of all replicas one is elected and writes, and only what changed.
/// </summary>
public static class RuntimeStatus
{
    /// <summary>Runs beside a gateway until cancelled; the lease is then given back.</summary>
    /// <param name="cluster">The API server.</param>
    /// <param name="options">Where to report, and how often.</param>
    /// <param name="facts">What the resources say of a backend; null for an unknown one.</param>
    /// <param name="picture">The gateway's picture of now.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it tells of itself.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        ICluster cluster,
        RuntimeStatusOptions options,
        Func<string, BackendFacts?> facts,
        Func<StatusReport> picture,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(picture);
        try
        {
            // Who knows nothing yet must not stand for election: nothing would be written as long as it leads.
            while (!IsInStep(picture, options, logger))
                await Task.Delay(options.Look, time, cancellationToken).ConfigureAwait(false);
            LeaderElectionOptions lead = new()
            {
                Lease = options.Lease,
                Identity = $"{options.Pod}_{Guid.NewGuid():N}",
                LeaseDuration = options.LeaseDuration,
                RenewDeadline = options.RenewDeadline,
                RetryPeriod = options.RetryPeriod,
                Owner = await OwnerAsync(cluster, options, time, logger, cancellationToken).ConfigureAwait(false),
            };
            while (!cancellationToken.IsCancellationRequested)
            {
                LeaderElection election = new(cluster, lead, time, logger);
                await election.RunAsync(
                    token => new ReportTerm(cluster, options, facts, picture, time, logger).RunAsync(token), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
    }

    private static bool IsInStep(Func<StatusReport> picture, RuntimeStatusOptions options, ILogger logger)
    {
        try
        {
            return picture().Source is { Synced: true };
        }
#pragma warning disable CA1031 // A picture that cannot be told must not end the telling of the next one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.ReportThrew(e, options.Server);
            return false;
        }
    }

    /// <summary>The VirtualMCPServer as owner of the lease, so that the lease goes with it; waits until there is one.</summary>
    private static async Task<JsonObject> OwnerAsync(
        ICluster cluster, RuntimeStatusOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        string? told = null;
        while (true)
        {
            string trouble;
            try
            {
                KubeObject? server = await cluster.GetAsync(ToolHive.VirtualMCPServer, options.Server, cancellationToken).ConfigureAwait(false);
                if (server is not null)
                {
                    return new JsonObject
                    {
                        ["apiVersion"] = ToolHive.ApiVersion,
                        ["kind"] = ToolHive.VirtualMCPServer.Kind,
                        ["name"] = server.Meta.Name,
                        ["uid"] = server.Meta.Uid,
                    };
                }

                trouble = "it does not exist";
            }
            catch (KubeException e)
            {
                trouble = e.Message;
            }

            if (trouble != told)
                logger.NotReported(options.Server, told = trouble);
            await Task.Delay(options.RetryPeriod, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
